"""Jobs that a launcher runs side by side, with a launcher that does in one process what real ones do in several."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from posecfg import interruption
from posecfg.commands import job_process, side_by_side, sweep_outcomes
from posecfg.commands.side_by_side import Careful
from posecfg.commands.sweep_outcomes import Start
from posecfg.config.compose import LISTED, Job
from posecfg.errors import OutputError
from posecfg.runs.report import Report

DEATH = RuntimeError("A worker was terminated. The exit codes of the workers are {SIGKILL(-9), SIGKILL(-9)}")


class Returned:
    def __init__(self, value):
        self.return_value = value


class Launcher:
    """Runs ``at_once`` jobs at a time; each ends as ``ways`` says: done, or with the death of all that are in work."""

    def __init__(self, start, folder, ways, at_once=2):
        self.start, self.folder, self.ways, self.at_once = replace(start, kept={}), folder, dict(ways), at_once
        self.launches = []

    def launch(self, job_overrides, first):
        numbers = [first + place for place in range(len(job_overrides))]
        self.launches.append(numbers)
        assert [["x", str(n)] for n in numbers] == [list(job) for job in job_overrides]
        for batch in (numbers[i : i + self.at_once] for i in range(0, len(numbers), self.at_once)):
            for number in batch:
                sweep_outcomes.begin(self.start, self.folder, number)
            if deaths := [number for number in batch if self.ways.get(number)]:
                self.ways[deaths[0]] -= 1
                raise DEATH
            for number in batch:
                outcome = {"job": number, **Report("o", done=1).data()}
                sweep_outcomes.leave(self.start, self.folder, number, outcome)
        return []


class Launched:
    def __init__(self, tmp_path, monkeypatch, number, ways, on_error="continue", at_once=2):
        # A process of a job that is not there any more.
        monkeypatch.setattr(side_by_side, "is_gone", lambda pid, parent: True)
        self.start, self.told, self.said = Start.now(), [], []
        jobs = [Job({"on_error": on_error}, {}, {}, overrides=("x", str(n)), sweep=LISTED) for n in range(number)]
        self.launcher = Launcher(self.start, tmp_path, ways, at_once)
        careful = Careful(self.launcher, tmp_path, self.start, jobs, self.told.append, self.said.append)
        assert careful.launch([["x", str(n)] for n in range(number)], 0) == []
        self.outcomes = sweep_outcomes.collect(self.start, tmp_path, jobs, stopped=False)

    @property
    def errors(self):
        return [outcome["error"] for outcome in self.outcomes]


@pytest.fixture
def launched(tmp_path, monkeypatch):
    return lambda *given, **more: Launched(tmp_path, monkeypatch, *given, **more)


def test_jobs_are_told_as_they_end(launched):
    came = launched(3, {})
    assert came.launcher.launches == [[0, 1, 2]]
    assert sorted(outcome["job"] for outcome in came.told) == [0, 1, 2]
    assert (came.errors, came.said) == ([None] * 3, [])


def test_a_job_whose_process_dies_costs_only_itself(launched):
    came = launched(6, {2: 9})
    assert came.launcher.launches == [[0, 1, 2, 3, 4, 5], [2], [3], [4, 5]]
    assert came.errors[2].startswith("its process died (SIGKILL; the system may have run out of memory")
    assert [outcome["exit_code"] for outcome in came.outcomes] == [0, 0, 1, 0, 0, 0]
    assert came.outcomes[2]["overrides"] == ["x", "2"]
    assert len(came.told) == 6
    assert len(came.said) == 1
    assert "each of the jobs 2, 3 is run again, by itself" in came.said[0]


def test_a_death_that_does_not_come_again_costs_no_job(launched):
    came = launched(4, {1: 1})
    assert came.launcher.launches == [[0, 1, 2, 3], [0], [1], [2, 3]]
    assert came.errors == [None] * 4


def test_a_job_that_is_alone_in_work_is_the_one_that_died(launched):
    came = launched(3, {1: 1}, at_once=1)
    assert came.launcher.launches == [[0, 1, 2], [2]]
    assert [bool(error) for error in came.errors] == [False, True, False]
    assert came.said == []


def test_a_death_ends_a_sweep_that_is_to_stop_on_errors(launched):
    came = launched(4, {1: 9}, on_error="stop", at_once=1)
    assert came.launcher.launches == [[0, 1, 2, 3]]
    assert came.errors[2:] == ["not started"] * 2
    assert [outcome["exit_code"] for outcome in came.outcomes] == [0, 1, 3, 3]


def test_a_launcher_that_starts_nothing_is_one_sentence(tmp_path):
    class Broken:
        def launch(self, job_overrides, first):
            raise RuntimeError("sbatch:\nno such partition")

    careful = Careful(Broken(), tmp_path, Start.now(), [Job({}, {}, {})], print, print)
    with pytest.raises(OutputError, match=r"could not be started \(RuntimeError: sbatch: no such partition\)\.$"):
        careful.launch([["a=1"]], 0)


def test_an_outcome_for_which_the_disk_had_no_room_comes_back_from_its_job(tmp_path):
    class Full:
        def launch(self, job_overrides, first):
            return [Returned({"job": 0, **Report("o", done=1).data()}), Returned(None)]

    start, told, jobs = Start.now(), [], [Job({}, {}, {}, sweep=LISTED)] * 2
    Careful(Full(), tmp_path, start, jobs, told.append, print).launch([["a"], ["b"]], 0)
    assert [outcome["job"] for outcome in told] == [0]
    assert sweep_outcomes.collect(start, tmp_path, jobs, stopped=False)[0]["done"] == 1


@pytest.fixture
def heard():
    """Let Ctrl-C and a hangup arrive, which a shell that starts the tests in the background has switched off."""
    numbers = (signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_ctrl_c_lets_jobs_finish_and_a_second_one_ends_them(tmp_path, heard):
    start, said = Start.now(), []

    class Slow:
        def launch(self, job_overrides, first):
            assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
            os.kill(os.getpid(), signal.SIGINT)
            end = time.monotonic() + 5
            while not (why := sweep_outcomes.ended(start, tmp_path)):
                assert time.monotonic() < end
                time.sleep(0.01)
            assert why == sweep_outcomes.STOPPED_BY_USER
            return []

    with pytest.raises(KeyboardInterrupt):
        Careful(Slow(), tmp_path, start, [Job({}, {}, {})], print, said.append).launch([["a"]], 0)
    assert said == [
        "Stopping: jobs finish the clips in work; Ctrl-C again ends them at once.",
        "Stopped. Type the same command to go on where it stopped.",
    ]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_an_end_at_once_reaches_jobs_wherever_they_are(tmp_path):
    class Stopped:
        def launch(self, job_overrides, first):
            raise KeyboardInterrupt

    start = Start.now()
    with pytest.raises(KeyboardInterrupt):
        Careful(Stopped(), tmp_path, start, [Job({}, {}, {})], print, print).launch([["a"]], 0)
    assert sweep_outcomes.ended(start, tmp_path) == sweep_outcomes.AT_ONCE


def test_a_process_that_is_led_ends_when_it_is_asked_and_not_by_the_terminal(monkeypatch, heard):
    monkeypatch.setattr(interruption._State, "led", False)
    monkeypatch.setattr(interruption._State, "raised", float("-inf"))
    interruption.be_led()
    with interruption.heeding():
        for number in (signal.SIGINT, signal.SIGHUP):
            os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            interruption.ask()
        monkeypatch.setattr(interruption._State, "raised", float("-inf"))
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    monkeypatch.setattr(interruption._State, "raised", float("-inf"))


def test_a_start_that_has_ended_is_gone_even_before_it_is_waited_for():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert not job_process.is_gone(child.pid, 0)
    assert not job_process.is_gone(os.getppid(), os.getppid())
    assert job_process.is_gone(child.pid, child.pid)
    child.stdin.close()
    end = time.monotonic() + 10
    while not job_process.is_gone(child.pid, 0):
        assert time.monotonic() < end
        time.sleep(0.01)
    child.wait()
    assert job_process.is_gone(child.pid, 0)
    assert socket.gethostname() == Start.now().host
