"""Workers that misbehave in every way that a detector cannot be asked to."""

import logging
import multiprocessing
import multiprocessing.util
import os
import signal
import time
import types

import pytest
import saboteurs
from saboteurs import BAD
from whole_runs import go, leftovers, published

from posecfg import interruption
from posecfg.errors import OutputError
from posecfg.executors import worker_handle, worker_start
from posecfg.executors.local import Local
from posecfg.executors.protocol import Started, Warned

pytestmark = pytest.mark.deep

FIRST = "synthetic_0000"
CLIPS = ("dataset=synthetic", "dataset.clips=5", "dataset.frames=2", "dataset.size=[32,24]", "writer=[npy,csv]")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    out = tmp_path_factory.mktemp("clean")
    go(out, *CLIPS)
    return published(out)


@pytest.fixture
def spoilt(tmp_path, monkeypatch):
    """Run with workers that are spoilt in a given way."""

    def start(how, *overrides):
        monkeypatch.setattr(worker_start, "_enter", getattr(saboteurs, how))
        report = go(tmp_path, *CLIPS, *(overrides or ("workers=1",)))
        assert leftovers(tmp_path) == []
        monkeypatch.undo()
        return report

    return start


def is_made_good(tmp_path, clean):
    assert go(tmp_path, *CLIPS).exit_code == 0
    assert published(tmp_path) == clean


def without_bad(clean):
    return {name: data for name, data in clean.items() if BAD not in name}


def test_workers_that_die_at_birth_are_told_once(tmp_path, clean, spoilt):
    report = spoilt("stillborn")
    assert (report.exit_code, report.failed) == (1, {})
    assert report.error == "Workers die while they are built (its worker process died (exit 7))."
    is_made_good(tmp_path, clean)


def test_a_birth_may_fail_twice(tmp_path, clean, spoilt):
    assert spoilt("stillborn_twice").exit_code == 0
    assert published(tmp_path) == clean


def test_a_component_that_leaves_is_told(tmp_path, spoilt):
    report = spoilt("leave", "workers=2")
    assert report.exit_code == 1
    assert "no licence" in report.error
    assert report.failed == {}


def test_a_clip_that_is_written_is_not_blamed_for_the_next_one(tmp_path, clean, spoilt):
    report = spoilt("slow_pen", "workers=1", f"detector.crash='exit:{BAD}'")
    assert report.failed == {BAD: "its worker process died (exit 86)"}
    assert published(tmp_path) == without_bad(clean)
    is_made_good(tmp_path, clean)


def test_a_clip_under_way_is_not_blamed_for_the_one_that_is_written(tmp_path, clean, spoilt):
    report = spoilt("deadly_pen")
    assert report.failed == {BAD: "its worker process died (SIGSEGV)"}
    assert published(tmp_path) == without_bad(clean)
    is_made_good(tmp_path, clean)


def test_a_writer_that_hangs_costs_its_clip_only(tmp_path, clean, spoilt):
    report = spoilt("hanging_pen", "workers=1", "executor.timeout=2")
    assert report.failed == {BAD: "it took longer than 2 s (executor.timeout)"}
    assert published(tmp_path) == without_bad(clean)
    is_made_good(tmp_path, clean)


def test_an_error_longer_than_a_pipe_is_cut(tmp_path, clean, spoilt):
    report = spoilt("broken_pen", "workers=2")
    assert list(report.failed) == [BAD]
    assert report.failed[BAD].startswith("writer=csv failed (ValueError: word word")
    assert len(report.failed[BAD]) < 2100
    logs = "".join(path.read_text() for path in (tmp_path / ".posecfg" / "logs").iterdir())
    assert "Traceback" in logs
    is_made_good(tmp_path, clean)


@pytest.mark.parametrize("gone", [False, True])
def test_a_disk_that_is_full_while_a_worker_is_built_is_that_of_the_output_folder(tmp_path, spoilt, monkeypatch, gone):
    if gone:
        monkeypatch.setenv("GONE", str(tmp_path / "gone"))
    report = spoilt("full_while_built", "workers=1")
    assert report.exit_code == 1
    assert report.error.startswith(f"The disk that holds '{tmp_path}' is full")


def test_a_full_disk_in_a_worker_ends_the_run(tmp_path, clean, spoilt):
    report = spoilt("full_disk", "workers=2")
    assert (report.exit_code, report.failed) == (1, {})
    assert report.error.startswith("The disk that holds")
    is_made_good(tmp_path, clean)


def test_a_clip_that_was_finished_counts_even_if_nobody_said_so(tmp_path, clean, spoilt):
    report = spoilt("silent_death")
    assert (report.exit_code, report.done, report.failed) == (0, 5, {})
    assert published(tmp_path) == clean


def test_workers_started_ahead_are_used_and_the_others_sent_away(tmp_path, clean):
    executor = Local(3)
    with executor.prepare({"a": [{"_target_": "posecfg.writers.csv.Csv"}, {"_target_": "os.system"}]}):
        early = {process.pid for process in multiprocessing.active_children()}
        assert len(early) == min(3, os.cpu_count() or 1)
        assert go(tmp_path, *CLIPS, "limit=1", executor=executor).exit_code == 0
        assert len(early & {process.pid for process in multiprocessing.active_children()}) == len(early) - 1
    assert go(tmp_path, *CLIPS).exit_code == 0
    assert published(tmp_path) == clean
    assert not multiprocessing.active_children()


def test_no_more_workers_are_started_ahead_than_there_are_clips():
    with Local(3).prepare({}, clips=1):
        assert len(multiprocessing.active_children()) == 1
    assert not multiprocessing.active_children()


def test_a_worker_that_died_while_it_waited_is_replaced(tmp_path, clean):
    executor = Local(1)
    with executor.prepare({}):
        (waiting,) = multiprocessing.active_children()
        waiting.kill()
        waiting.join()
        assert go(tmp_path, *CLIPS, executor=executor).exit_code == 0
    assert published(tmp_path) == clean


def test_a_warning_in_several_workers_is_told_once(tmp_path, spoilt):
    assert spoilt("warning", "workers=2").screen.said == ["memory ran out at 8"]


@pytest.mark.parametrize("end", ["well", "badly"])
def test_a_warning_in_this_process_is_told_however_the_run_ends(tmp_path, monkeypatch, end):
    from posecfg.detectors.synthetic import Synthetic

    good = Synthetic.__call__

    def warn(self, batches, clip):
        logging.getLogger("posecfg.runtimes").warning("memory ran out")
        if end == "badly":
            raise OutputError("The disk is gone.")
        return good(self, batches, clip)

    monkeypatch.setattr(Synthetic, "__call__", warn)
    report = go(tmp_path, *CLIPS)
    assert (report.screen.said, report.error) == (["memory ran out"], "The disk is gone." if end == "badly" else None)


def test_a_worker_that_was_stopped_alone_is_told_once(tmp_path, clean):
    stopped = []

    class Held(Local):
        def run(self, setup, works, mend):
            for event in super().run(setup, works, mend):
                if isinstance(event, Started) and not stopped:
                    stopped.append(self.crew.members[0].worker.process.pid)
                    os.kill(stopped[0], signal.SIGSTOP)
                yield event
                if isinstance(event, Warned):
                    os.kill(stopped[0], signal.SIGCONT)

    went = go(tmp_path, *CLIPS, executor=Held(1))
    told = f"A worker was stopped and waits (process {stopped[0]}): type kill -CONT {stopped[0]} to let it go on."
    assert (went.exit_code, went.screen.said) == (0, [told])
    assert published(tmp_path) == clean


def test_a_worker_counts_as_stopped_only_after_a_while(monkeypatch):
    now, stopped = [1000.0], [True]
    monkeypatch.setattr(worker_handle.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(worker_handle, "_is_stopped", lambda pid: stopped[0])
    handle = worker_handle.WorkerHandle(types.SimpleNamespace(pid=1), None)
    told = []
    for passed in (0, 0.9 * worker_handle.STOPPED_SECONDS, 0.2 * worker_handle.STOPPED_SECONDS, 100):
        now[0] += passed
        told.append(handle.is_stopped())
    assert told == [False, False, True, False]
    stopped[0] = False
    assert not handle.is_stopped()
    stopped[0] = True
    assert not handle.is_stopped()
    now[0] += worker_handle.STOPPED_SECONDS
    assert handle.is_stopped()


def test_the_timeout_ends_a_worker_that_stays_stopped(tmp_path):
    class Held(Local):
        def run(self, setup, works, mend):
            for event in super().run(setup, works, mend):
                if isinstance(event, Started) and event.clip_id == FIRST:
                    os.kill(self.crew.members[0].worker.process.pid, signal.SIGSTOP)
                yield event

    went = go(tmp_path, *CLIPS, executor=Held(1, timeout=2))
    assert went.failed == {FIRST: "it took longer than 2 s (executor.timeout)"}
    assert len(went.screen.said) == 1


def test_time_in_which_nothing_was_looked_at_does_not_count(tmp_path, clean):
    """Stand in for Ctrl-Z, which stops this process and its workers at once."""

    class Away(Local):
        def run(self, setup, works, mend):
            for event in super().run(setup, works, mend):
                if isinstance(event, Started) and event.clip_id == BAD:
                    pid = self.crew.members[0].worker.process.pid
                    os.kill(pid, signal.SIGSTOP)
                    yield event
                    time.sleep(2.5)
                    os.kill(pid, signal.SIGCONT)
                else:
                    yield event

    went = go(tmp_path, *CLIPS, executor=Away(1, timeout=2))
    assert (went.exit_code, went.failed) == (0, {})
    assert published(tmp_path) == clean


def test_a_disk_that_fails_before_a_worker_has_its_log_is_one_sentence(tmp_path, spoilt, capfd):
    report = spoilt("no_lock", "workers=2")
    assert report.error == f"'{tmp_path}' cannot be written (Input/output error): choose another output_dir=."
    assert report.exit_code == 1
    assert "Traceback" not in capfd.readouterr().err


def test_a_signal_while_a_worker_is_started_leaves_none_and_is_quiet(monkeypatch, capfd):
    def struck(*words):
        pid = begin(*words)
        os.kill(os.getpid(), signal.SIGTERM)
        return pid

    begin = multiprocessing.util.spawnv_passfds
    monkeypatch.setattr(multiprocessing.util, "spawnv_passfds", struck)
    monkeypatch.setattr(interruption._State, "raised", float("-inf"))
    starts = worker_start.Starts(())
    with interruption.heeding(), pytest.raises(KeyboardInterrupt):
        starts.ahead(2)
    (worker,) = multiprocessing.active_children()
    # A worker that was not given all that it needs would say so before it ends.
    time.sleep(0.3)
    starts.end()
    assert not worker.is_alive()
    assert capfd.readouterr().err == ""
