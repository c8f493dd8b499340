"""What a run tells of itself while it works, and how it is stopped from elsewhere."""

from __future__ import annotations

import os
import threading
import time

import pytest
from whole_runs import Spy, go, job_of, published

from posecfg import interruption
from posecfg.errors import PosecfgError
from posecfg.executors.protocol import Finished, Placed, Started
from posecfg.interruption import heeding
from posecfg.runs.pace import Flight
from posecfg.runs.report import Report
from posecfg.runs.run import run
from posecfg.runs.state import State
from posecfg.store import state_file, stop_request
from posecfg.store.run_directory import RunDirectory


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(state_file, "EVERY", 0.01)
    # Those of an earlier test do not belong to the same end.
    monkeypatch.setattr(interruption._State, "raised", float("-inf"))


class Watched(Spy):
    """A screen that calls a function with what a state file tells, once at each event of a kind."""

    def __init__(self, out, kind, act, times=1):
        super().__init__()
        self.home, self.kind, self.act, self.times, self.stops = out / ".posecfg", kind, act, times, 0

    def event(self, event):
        super().event(event)
        if isinstance(event, self.kind) and self.times:
            self.times -= 1
            self.act(self.state())

    def state(self):
        return state_file.states(self.home)[""]

    def until(self, holds):
        for _ in range(1000):
            if holds(self.state()):
                return
            time.sleep(0.005)
        pytest.fail("the state never told it")

    def stopping(self):
        self.stops += 1


def began(out):
    return state_file.states(out / ".posecfg")[""]


def test_a_run_tells_how_it_ended(tmp_path):
    went = go(tmp_path)
    state = began(tmp_path)
    assert (state.phase, state.ended, state.exit_code, state.error) == ("over", "done", 0, None)
    assert (state.clips, state.to_do, state.done, state.left, state.in_work) == (3, 3, 3, 0, 0)
    assert (state.frames, state.workers, state.process.pid) == (went.frames, 0, os.getpid())
    assert abs(state.ended_at - state.started - state.seconds) < 1
    assert go(tmp_path).exit_code == 0
    again = began(tmp_path)
    assert (again.ended, again.to_do, again.already) == ("nothing left", 0, 3)
    assert again.token != state.token


def test_a_run_with_an_error_tells_it(tmp_path):
    class Broken:
        workers = 1

        def run(self, setup, works, mend):
            raise PosecfgError("the grid is gone")

    assert go(tmp_path, executor=Broken()).exit_code == 1
    state = began(tmp_path)
    assert (state.ended, state.error, state.exit_code, state.left) == ("error", "the grid is gone", 1, 3)


def test_a_run_that_is_refused_leaves_the_state_of_another_one(tmp_path):
    go(tmp_path)
    before = began(tmp_path)
    with pytest.raises(PosecfgError, match="another configuration"):
        go(tmp_path, "detector.noise=0.5")
    assert began(tmp_path) == before


def test_a_run_tells_of_clips_in_work(tmp_path):
    seen = []

    def act(state):
        screen.until(lambda now: now.in_work == 1)
        seen.append(screen.state())

    screen = Watched(tmp_path, Started, act)
    run(job_of(tmp_path), screen)
    (state,) = seen
    assert (state.phase, state.to_do, state.left, state.in_work) == ("works", 3, 3, 1)
    assert [one.id for one in state.clips_in_work] == ["synthetic_0000"]
    assert state.beat > 1


def test_what_executors_tell_of_their_workers_is_in_the_state(tmp_path):
    state = State(job_of(tmp_path), _directory(tmp_path), Report("out"), Spy(), "executor=grid")
    state.event(Placed("grid job 5", 2, ("3 tasks wait",)))
    state.event(Started("a", "node7"))
    state.close(None)
    told = began(tmp_path)
    assert (told.engine, told.ready, told.waiting) == ("grid job 5", 2, ("3 tasks wait",))
    assert (told.clips_in_work[0].where, told.executor) == ("node7", "executor=grid")


def _directory(root):
    directory = RunDirectory(root)
    directory.home.mkdir(exist_ok=True)
    return directory


def test_very_many_clips_in_work_are_counted_and_the_longest_are_named(tmp_path):
    state = State(job_of(tmp_path), _directory(tmp_path), Report("out"), Spy(), "executor=grid")
    state._pace.flight = {str(number): Flight(float(number)) for number in range(10_000)}
    state.close(None)
    told = began(tmp_path)
    assert told.in_work == 10_000
    assert [one.id for one in told.clips_in_work] == [str(number) for number in range(state_file.NAMED)]


def test_a_state_that_cannot_be_written_stops_no_run(tmp_path, monkeypatch):
    monkeypatch.setattr(state_file.Pen, "write", _fail)
    assert go(tmp_path).exit_code == 0


def _fail(*_):
    raise OSError(28, "No space left on device")


def ask(out, state, how):
    stop_request.leave(out / ".posecfg", "", state.token, how)


def test_a_request_lets_the_clips_in_work_finish(tmp_path):
    def act(state):
        ask(tmp_path, state, "finish")
        screen.until(lambda now: now.stop == "finish")

    screen = Watched(tmp_path, Started, act)
    report = run(job_of(tmp_path), screen)
    assert (report.exit_code, report.stopped, report.done, report.left) == (130, True, 1, 2)
    assert screen.stops == 1
    assert screen.said == [f"'posecfg stop' was typed on {os.uname().nodename}."]
    state = began(tmp_path)
    assert (state.ended, state.exit_code, state.stop_host) == ("stopped", 130, os.uname().nodename)
    assert not list((tmp_path / ".posecfg").glob("stop*"))
    assert go(tmp_path).done == 2


def test_a_request_to_stop_now_drops_the_clips_in_work(tmp_path):
    def act(state):
        ask(tmp_path, state, "drop")
        time.sleep(30)

    screen, before = Watched(tmp_path, Started, act), time.monotonic()
    with heeding():
        report = run(job_of(tmp_path), screen)
    assert time.monotonic() - before < 20
    assert (report.exit_code, report.done, report.left) == (130, 0, 3)
    assert screen.said == [f"'posecfg stop --now' was typed on {os.uname().nodename}."]
    assert published(tmp_path) == {}
    assert began(tmp_path).ended == "stopped"


def test_a_second_request_can_drop_what_the_first_lets_finish(tmp_path):
    def act(state):
        ask(tmp_path, state, "finish")
        screen.until(lambda now: now.stop == "finish")
        ask(tmp_path, state, "drop")
        time.sleep(30)

    screen = Watched(tmp_path, Started, act)
    with heeding():
        report = run(job_of(tmp_path), screen)
    assert (report.done, report.left, screen.stops) == (0, 3, 1)
    assert len(screen.said) == 2


def test_a_request_that_was_left_for_another_run_stops_none_and_is_removed(tmp_path):
    def act(state):
        stop_request.leave(tmp_path / ".posecfg", "", "another", "drop")
        beat = state.beat
        screen.until(lambda now: now.beat > beat + 2)

    screen = Watched(tmp_path, Finished, act)
    report = run(job_of(tmp_path), screen)
    assert (report.done, report.stopped, screen.said) == (3, False, [])
    assert not list((tmp_path / ".posecfg").glob("stop*"))


def test_a_request_before_the_first_clip_stops_the_run_too(tmp_path, monkeypatch):
    def survey(*_):
        ask(tmp_path, began(tmp_path), "finish")
        time.sleep(30)

    monkeypatch.setattr("posecfg.runs.run.survey", survey)
    with heeding():
        assert go(tmp_path).stopped


def test_a_request_where_no_signal_is_minded_is_kept_until_there_are_clips(tmp_path, monkeypatch):
    """In a thread, as in a program of others, nothing may be killed by a signal."""
    from posecfg.runs import run as one_run

    survey, reports = one_run.survey, []

    def slow(*arguments):
        ask(tmp_path, began(tmp_path), "drop")
        while not began(tmp_path).stop:
            time.sleep(0.005)
        return survey(*arguments)

    monkeypatch.setattr(one_run, "survey", slow)
    thread = threading.Thread(target=lambda: reports.append(run(job_of(tmp_path), Spy())))
    thread.start()
    thread.join(30)
    assert (reports[0].stopped, reports[0].done, reports[0].left) == (True, 0, 3)
