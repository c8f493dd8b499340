"""What a person, a terminal and a system can do to a run: Ctrl-C, TERM, kill -9."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from whole_runs import go, leftovers, published

ROOT = Path(__file__).parents[2]
CLIPS = ("dataset=synthetic", "dataset.clips=6", "dataset.frames=6", "dataset.size=[32,24]", "writer=[npy,csv]")

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
]


def heeding():
    """Heed signals that whoever started the tests may ignore, as a shell does for what it puts in the background."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Started:
    """A run in a process group of its own."""

    def __init__(self, out, *overrides, workers=2, prepare=heeding):
        words = ["detector=synthetic", *CLIPS, f"workers={workers}", f"output_dir={out}", *overrides]
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "run.py", *words],
            cwd=out.parent,
            text=True,
            start_new_session=True,
            preexec_fn=prepare,
            env={**os.environ, "TMPDIR": str(out.parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.lines = []

    def until(self, text):
        """Read lines until one holds ``text``."""
        for line in self.process.stdout:
            self.lines.append(line)
            if text in line:
                return
        pytest.fail("".join(self.lines))

    def living(self):
        """List the processes of the group that live."""
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, group = path.read_text().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if int(group) == self.process.pid and state not in "ZX":
                found.append(int(path.parent.name))
        return found

    def end(self):
        """Wait for the end; return the exit code and all that was said."""
        self.lines += self.process.stdout.readlines()
        self.process.stdout.close()
        code = self.process.wait(60)
        limit = time.monotonic() + 5.0
        while self.living() and time.monotonic() < limit:
            time.sleep(0.02)
        assert self.living() == []
        text = "".join(self.lines)
        assert "Traceback" not in text
        return code, text


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    out = tmp_path_factory.mktemp("clean")
    go(out, *CLIPS)
    return published(out)


def is_resumed(out, clean, done=None):
    report = go(out, *CLIPS)
    assert report.exit_code == 0
    assert done is None or report.already == done
    assert published(out) == clean
    assert leftovers(out) == []


@pytest.mark.parametrize("workers", [0, 2])
def test_ctrl_c_finishes_what_is_in_flight(tmp_path, clean, workers):
    run = Started(tmp_path / "out", "detector.delay=0.15", workers=workers)
    run.until("[1/6]")
    # One worker is between two clips then.
    time.sleep(0.1)
    os.killpg(run.process.pid, signal.SIGINT)
    code, text = run.end()
    assert code == 130
    assert "finished first" in text
    assert "Type the same command to go on" in text
    assert leftovers(tmp_path / "out") == []
    done = len(published(tmp_path / "out")) // 2
    assert 1 <= done < 6
    is_resumed(tmp_path / "out", clean, done)


def test_ctrl_c_in_the_last_clip_asks_for_nothing_more(tmp_path, clean):
    run = Started(tmp_path / "out", "detector.delay=0.15", workers=1)
    run.until("[5/6]")
    time.sleep(0.1)
    os.killpg(run.process.pid, signal.SIGINT)
    code, text = run.end()
    assert code == 130
    assert "finished first" in text
    assert "Type the same command" not in text
    is_resumed(tmp_path / "out", clean, 6)


@pytest.mark.parametrize("console", ["auto", "lines"])
def test_ctrl_c_that_ends_tee_as_well_still_ends_with_the_summary(tmp_path, console):
    words = ["detector=synthetic", "detector.delay=0.15", *CLIPS, "workers=2", "output_dir=out", f"console={console}"]
    run = shlex.join([sys.executable, str(ROOT / "run.py"), *words])
    shell = subprocess.Popen(
        ["bash", "-c", f"{run} | tee log"],
        cwd=tmp_path,
        text=True,
        start_new_session=True,
        preexec_fn=heeding,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for line in shell.stdout:
        if line.startswith("[1/6]"):
            break
    os.killpg(shell.pid, signal.SIGINT)
    _, told = shell.communicate(timeout=60)
    assert "topped. Type the same command to go on where it stopped." in told
    assert "Traceback" not in told
    assert leftovers(tmp_path / "out") == []


@pytest.mark.parametrize("workers", [0, 2])
def test_ctrl_c_twice_drops_it(tmp_path, clean, workers):
    run = Started(tmp_path / "out", "detector.delay=1", workers=workers)
    run.until("6 to do")
    time.sleep(0.8)
    began = time.monotonic()
    os.killpg(run.process.pid, signal.SIGINT)
    run.until("Stopping")
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.end()[0] == 130
    # A clip takes 6 s.
    assert time.monotonic() - began < 4
    assert published(tmp_path / "out") == {}
    is_resumed(tmp_path / "out", clean, 0)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_term_and_hup_drop_it(tmp_path, clean, number, workers):
    run = Started(tmp_path / "out", "detector.delay=1", workers=workers)
    run.until("6 to do")
    time.sleep(0.8)
    # A terminal sends it to all, and a shell once more.
    os.killpg(run.process.pid, number)
    os.kill(run.process.pid, number)
    assert run.end()[0] == 130
    assert leftovers(tmp_path / "out") == []
    assert list(tmp_path.glob("posecfg-*")) == []
    is_resumed(tmp_path / "out", clean, 0)


def test_an_ignored_hup_stays_ignored(tmp_path):
    def nohup():
        heeding()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    run = Started(tmp_path / "out", "detector.delay=0.02", workers=1, prepare=nohup)
    run.until("6 to do")
    os.killpg(run.process.pid, signal.SIGHUP)
    assert run.end()[0] == 0
    assert len(published(tmp_path / "out")) == 12


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_of_a_start(tmp_path, number):
    """Send the signal as soon as the folder of the start is there, before there are handlers of a run."""
    run = Started(tmp_path / "out", "detector.delay=1", workers=1)
    limit = time.monotonic() + 30
    while not list(tmp_path.glob("out/.posecfg/starts/*")):
        assert time.monotonic() < limit
        time.sleep(0.005)
    os.kill(run.process.pid, number)
    assert run.end()[0] == 130
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert list(tmp_path.rglob("*.part")) == []


def test_ctrl_c_while_workers_start_is_quiet(tmp_path, clean):
    run = Started(tmp_path / "out", "detector.delay=0.3")
    run.until("6 to do")
    os.killpg(run.process.pid, signal.SIGINT)
    code, text = run.end()
    assert code == 130
    assert "KeyboardInterrupt" not in text
    is_resumed(tmp_path / "out", clean)


@pytest.mark.parametrize("line", ["6 to do", "[1/6]"])
def test_kill_leaves_no_orphan_and_nothing_that_is_trusted(tmp_path, clean, line):
    run = Started(tmp_path / "out", "detector.delay=0.05")
    run.until(line)
    os.kill(run.process.pid, signal.SIGKILL)
    assert run.end()[0] == -signal.SIGKILL
    is_resumed(tmp_path / "out", clean)


def test_a_busy_folder_is_one_sentence(tmp_path):
    run = Started(tmp_path / "out", "detector.delay=5")
    run.until("6 to do")
    other = Started(tmp_path / "out")
    code, text = other.end()
    assert code == 1
    assert f"is in use by process {run.process.pid} on " in text
    run.process.kill()
    run.end()


def test_a_few_rounds_of_stress(tmp_path):
    words = [sys.executable, ROOT / "tools" / "stress.py", "--rounds", "4", "--clips", "30", "--seed", "0"]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as in an undisturbed run" in done.stdout
    assert list(tmp_path.iterdir()) == []
