import os
import signal
import subprocess
import sys

import pytest

from posecfg import interruption
from posecfg.interruption import heeding, undisturbed


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    for name, value in (("raised", float("-inf")), ("held", 0), ("waits", False)):
        monkeypatch.setattr(interruption._State, name, value)
    # A program that was started in the background may be told to ignore them.
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_raises_once_and_the_handler_is_put_back(number):
    before = signal.getsignal(number)
    with heeding():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        # It belongs to the same end.
        os.kill(os.getpid(), number)
        assert interruption.came()
    assert signal.getsignal(number) == before


def test_a_signal_that_comes_later_raises_again(monkeypatch):
    with heeding():
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGTERM)
            monkeypatch.setattr(interruption._State, "raised", interruption._State.raised - 3)


def test_what_is_tidied_is_not_disturbed():
    steps = []
    with heeding(), pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with undisturbed():
            with undisturbed():
                os.kill(os.getpid(), signal.SIGTERM)
            steps.append("tidied")
        steps.append("went on")
    assert steps == ["tidied"]


def test_what_was_put_off_comes_once():
    with heeding(), pytest.raises(KeyboardInterrupt), undisturbed():
        os.kill(os.getpid(), signal.SIGTERM)
    with undisturbed():
        pass


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with heeding():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("ends", [lambda argv: 130, lambda argv: os.kill(os.getpid(), signal.SIGTERM)])
def test_signals_are_never_handed_back_before_the_program_has_ended(monkeypatch, ends, capsys):
    from posecfg import cli
    from posecfg.commands import program

    setting, seen, before = signal.signal, [], signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(program, "main", ends)
        patch.setattr("atexit.register", lambda call: None)
        patch.setattr(signal, "signal", lambda number, handler: seen.append(handler) or setting(number, handler))
        with pytest.raises(SystemExit) as caught:
            cli.main()
    setting(signal.SIGTERM, before)
    assert caught.value.code == 130
    assert len(seen) == 6
    assert signal.SIG_DFL not in seen


@pytest.mark.parametrize("moment", ["os.kill(os.getpid(), signal.SIGTERM)", "late = Late()"])
def test_a_signal_while_python_ends_changes_no_exit_code(moment):
    code = (
        "import os, signal, sys\n"
        "from posecfg.interruption import end_at_once\n"
        "class Late:\n"
        "    def __del__(self, kill=os.kill, me=os.getpid(), number=signal.SIGTERM):\n"
        "        kill(me, number)\n"
        "end_at_once(130)\n"
        f"{moment}\n"
        "sys.exit(130)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
