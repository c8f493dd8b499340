from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
import tomllib
from pathlib import Path

import pytest

from posecfg import backends
from posecfg.errors import BackendMissing, WeightsError
from posecfg.export import environment


@pytest.fixture
def said():
    return []


@pytest.fixture
def base(fake, monkeypatch):
    monkeypatch.setattr(environment.sys, "executable", str(fake.path))
    return fake


def test_an_environment_is_built_once(base, said, tmp_path):
    python = environment.python(said.append)
    assert python == environment.place() / "bin" / "python"
    assert python.is_relative_to(tmp_path / "cache" / "posecfg")
    venv, pip, alone, _ = base.commands
    assert venv == ["-m", "venv", str(environment.place())]
    assert pip[:5] == alone[:5] == ["-m", "pip", "--python", str(python), "install"]
    assert "torch==2.13.0" in pip
    assert not any("mmpose" in word for word in pip)
    assert alone[-2:] == ["--no-deps", "mmpose==1.3.2"]
    assert environment.python(said.append) == python
    assert len(base.calls) == 4


def test_progress_is_told_in_plain_lines(base, said):
    environment.python(said.append)
    assert "minutes" in said[0]
    assert "GB" in said[0]
    assert next(line for line in said if line.startswith("step")) == "step 1 of 3: an empty environment"
    assert "  Downloading torch-2.13.0.whl (800.5 MB)" in said
    assert not any("six" in line or "Collecting" in line for line in said)
    assert said[-1] == "the environment is ready"


def test_nothing_of_this_environment_gets_into_the_other(base, said, monkeypatch, tmp_path):
    for name in ("PIP_TARGET", "PIP_PYTHON", "PIP_REQUIREMENT", "PYTHONWARNINGS", "PYTHONINSPECT"):
        monkeypatch.setenv(name, str(tmp_path))
    environment.python(said.append)
    assert {tuple(seen) for _, *seen in base.calls} == {(None, "1", "1", *[None] * 5)}


def test_an_environment_without_its_packages_is_none(base, said, monkeypatch):
    monkeypatch.setenv("FAKE", "elsewhere")
    with pytest.raises(BackendMissing, match="but got: pip put torch, mmpose elsewhere"):
        environment.python(said.append)
    assert not environment.place().exists()


def test_a_failure_is_one_sentence_with_the_last_line_of_pip(base, said, monkeypatch):
    monkeypatch.setenv("FAKE", "no network")
    with pytest.raises(BackendMissing) as error:
        environment.python(said.append)
    assert "but got: ERROR: No matching distribution found for torch==2.13.0; try again" in str(error.value)
    assert "POSECFG_OPENMMLAB=" in str(error.value)
    assert "\n" not in str(error.value)
    assert not environment.place().exists()


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    # Nobody may have asked how it ended.
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_whoever_stops_a_step_stops_all_that_it_began():
    outer = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "print('Installing', child.pid, flush=True); child.wait()"
    )
    pids = []

    def stop(line):
        pids.append(int(line.split()[-1]))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        environment._run([sys.executable, "-c", outer], stop)
    for _ in range(100):
        if not lives(pids[0]):
            return
        time.sleep(0.05)
    pytest.fail("a process of the step lives on")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_step_as_ctrl_c_does(number):
    before = signal.signal(number, signal.SIG_DFL)
    try:
        with pytest.raises(KeyboardInterrupt), environment._stopped_by_signals():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_signal_that_is_ignored_stays_ignored():
    """As nohup has it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with environment._stopped_by_signals():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_is_half_built_is_built_again(base, said):
    python = environment.python(said.append)
    (environment.place() / "ready.json").unlink()
    (environment.place() / "rest").write_text("of an attempt that was stopped")
    assert environment.python(said.append) == python
    assert not (environment.place() / "rest").exists()
    assert len(base.calls) == 8


def test_a_python_that_cannot_be_run_is_a_sentence(fake, said, monkeypatch, tmp_path):
    monkeypatch.setattr(environment.sys, "executable", str(tmp_path / "gone"))
    with pytest.raises(BackendMissing, match="but got: No such file or directory"):
        environment.python(said.append)


def test_a_cache_that_cannot_be_written_is_a_sentence(fake, said, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match=r"Expected to write to '.*', but got: "):
        environment.python(said.append)


def test_another_environment_can_be_named(fake, said, monkeypatch):
    monkeypatch.setenv("POSECFG_OPENMMLAB", str(fake.path))
    assert environment.python(said.append) == fake.path
    assert fake.calls == said == []


def test_a_named_environment_that_is_not_there_is_a_sentence(fake, said, monkeypatch):
    monkeypatch.setenv("POSECFG_OPENMMLAB", "/nowhere/python")
    with pytest.raises(BackendMissing, match="a Python that can be run, but got '/nowhere/python'"):
        environment.python(said.append)


def test_other_pins_have_an_environment_of_their_own(fake, monkeypatch):
    before = environment.place()
    monkeypatch.setattr(environment, "PINS", (*environment.PINS, "another==1"))
    assert environment.place() != before


def test_two_processes_do_not_build_at_once(base, said):
    place = environment.place()
    place.parent.mkdir(parents=True)
    descriptor = os.open(place.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    other = threading.Thread(target=environment.python, args=(said.append,))
    other.start()
    while not said:
        time.sleep(0.01)
    assert said == [f"another process is at work in '{place.parent}': waiting for it"]
    assert base.calls == []
    os.close(descriptor)
    other.join(20)
    assert len(base.calls) == 4
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_the_pins_are_those_of_the_extra_and_of_the_makefile():
    root = Path(__file__).resolve().parents[2]
    extra = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["openmmlab"]
    exact = {pin for pin in extra if "==" in pin}
    assert exact <= set(environment.PINS)
    makefile = (root / "Makefile").read_text("utf-8")
    for name in ("torch", "mmpose"):
        (pin,) = (pin for pin in (*environment.PINS, *environment.ALONE) if pin.startswith(f"{name}=="))
        assert f"{name.upper()} := {pin}\n" in makefile
        assert name != "mmpose" or pin in backends.advice("mmpose")
