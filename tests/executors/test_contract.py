"""What every executor keeps to: built from its YAML, given the same clips, disturbed in the same ways."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import engines
import pytest
import yaml
from whole_runs import go, leftovers, parcel, published

from posecfg.components.build import build
from posecfg.components.roles import misfit
from posecfg.components.trust import locate
from posecfg.config.options import files
from posecfg.executors.protocol import Executor, Finished, Progress, Started

pytestmark = pytest.mark.deep

CLIPS = ("dataset=synthetic", "dataset.clips=5", "dataset.frames=3", "dataset.size=[32,24]", "writer=[npy,csv]")
BAD = "synthetic_0002"
OPTIONS = {name: file for group, name, file in files() if group == "executor"}


def node(option, workers):
    """Return the option's node with so many workers, as its YAML has it otherwise."""
    written = yaml.safe_load(OPTIONS[option].read_text("utf-8"))
    if "hosts" in written:
        return {**written, "hosts": ["localhost"] * workers}
    if option == "ray":
        return {**written, "workers": workers, "address": engines.RAY}
    return {**written, "workers": workers, **{key: "cpu" for key in written if key == "device"}}


@pytest.fixture(params=OPTIONS)
def option(request):
    """Return the name of an executor whose engine is here."""
    if lack := engines.lack(request.param):
        pytest.skip(lack)
    return request.param


@pytest.fixture
def make(option, monkeypatch):
    """Return a function that builds the executor for so many workers; others' machines need one at least."""
    monkeypatch.setenv("POSECFG_CHAOS", "a contract, which strikes of other tests do not meet")

    def made(workers):
        if workers == 0 and option != "local":
            pytest.skip("it works on other machines only")
        return build(node(option, workers), "executor")

    with engines.used([option]):
        yield made


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Return what this process alone publishes."""
    out = tmp_path_factory.mktemp("clean")
    assert go(out, *CLIPS).exit_code == 0
    return published(out)


def work_off(out, executor, *overrides, act=lambda event: None):
    """Let an executor work a job off; return its events and the clips that were mended."""
    setup, works, mend = parcel(out, *CLIPS, *overrides)
    events, mended = [], []

    def noted(clip_id, since):
        mended.append(clip_id)
        return mend(clip_id, since)

    with executor.prepare(setup.config, len(works)):
        stream = executor.run(setup, works, noted)
        try:
            for event in stream:
                events.append(event)
                if act(event):
                    break
        finally:
            stream.close()
    return events, mended


def ids(events, kind):
    return [event.clip_id for event in events if isinstance(event, kind)]


def test_its_class_has_the_whole_contract(option):
    assert misfit(locate(node(option, 1)["_target_"], "executor"), "executor", Executor) is None


@pytest.mark.parametrize("workers", [0, 1, 2, 3])
def test_bytes_are_those_of_this_process_alone(tmp_path, clean, make, workers):
    executor = make(workers)
    assert executor.workers == workers
    events, mended = work_off(tmp_path, executor)
    assert published(tmp_path) == clean
    assert sorted(ids(events, Started)) == sorted(ids(events, Finished)) == [f"synthetic_{n:04d}" for n in range(5)]
    assert (mended, leftovers(tmp_path)) == ([], [])


def test_every_clip_is_started_before_it_goes_on_and_ends_last(tmp_path, make):
    events, _ = work_off(tmp_path, make(2), "detector.delay=0.15")
    assert any(isinstance(event, Progress) for event in events)
    for clip_id in ids(events, Finished):
        own = [type(event) for event in events if getattr(event, "clip_id", "") == clip_id]
        assert (own[0], own[-1], own.count(Started), own.count(Finished)) == (Started, Finished, 1, 1)


def test_outcomes_tell_what_was_made(tmp_path, make):
    events, _ = work_off(tmp_path, make(1))
    for event in events:
        if isinstance(event, Finished):
            assert (event.outcome.row.status, event.outcome.row.frames) == ("done", 3)
            assert set(event.outcome.written) == {f"{event.clip_id}.npy", f"{event.clip_id}.csv"}


def test_a_killed_worker_costs_its_clip_only(tmp_path, clean, make):
    events, _ = work_off(tmp_path, make(2), f"detector.crash='segfault:{BAD}'")
    rows = {event.clip_id: event.outcome.row for event in events if isinstance(event, Finished)}
    assert {name for name, row in rows.items() if row.status == "failed"} == {BAD}
    assert "SIGSEGV" in rows[BAD].reason
    assert len(rows) == 5
    assert published(tmp_path) == {name: data for name, data in clean.items() if BAD not in name}
    assert leftovers(tmp_path) == []


def test_a_chain_that_cannot_be_built_is_raised(tmp_path, make):
    from posecfg.errors import ConfigError

    for workers in (1, 2):
        with pytest.raises(ConfigError, match=r"detector.skeleton to be one of"):
            work_off(tmp_path / str(workers), make(workers), "detector.skeleton=dragon")


@pytest.mark.parametrize("workers", [0, 2])
def test_stopping_finishes_what_is_in_flight_and_starts_no_more(tmp_path, make, workers):
    executor = make(workers)
    seen = []

    def stop(event):
        seen.append(event)
        if len(ids(seen, Started)) == max(1, workers):
            executor.stop()

    events, mended = work_off(tmp_path, executor, act=stop)
    assert sorted(ids(events, Started)) == sorted(ids(events, Finished))
    assert 0 < len(ids(events, Finished)) < 5
    assert mended == []
    assert {name.partition(".")[0] for name in published(tmp_path)} == set(ids(events, Finished))


def test_dropping_ends_workers_at_once_and_mends_their_clips(tmp_path, clean, make):
    begun = []

    def drop(event):
        begun.extend([time.monotonic()] if isinstance(event, Started) else ())
        return bool(begun)

    events, mended = work_off(tmp_path, make(2), "detector.delay=5", act=drop)
    assert time.monotonic() - begun[0] < 10
    assert set(ids(events, Started)) <= set(mended)
    assert (published(tmp_path), leftovers(tmp_path)) == ({}, [])
    assert go(tmp_path, *CLIPS).exit_code == 0
    assert published(tmp_path) == clean


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_no_worker_outlives_the_block(tmp_path, make):
    def workers():
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == os.getpid() and b"spawn_main" in (path / "cmdline").read_bytes():
                    found.append(int(path.name))
            except OSError:
                continue
        return found

    executor = make(2)
    with executor.prepare({}):
        for pid in workers():
            os.kill(pid, signal.SIGSTOP)
    assert workers() == []
    events, _ = work_off(tmp_path, executor)
    assert len(ids(events, Finished)) == 5
    assert workers() == []
