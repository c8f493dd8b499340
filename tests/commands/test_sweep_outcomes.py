"""Outcomes of jobs in the folder of their sweep."""

from __future__ import annotations

import errno
import json
from dataclasses import replace

import pytest

from posecfg.commands import sweep_outcomes as outcomes
from posecfg.commands.sweep_outcomes import Start
from posecfg.config.compose import LISTED, OPEN, Job
from posecfg.store import real_files

DONE = {"exit_code": 0, "done": 1}


def jobs(*words, sweep=LISTED):
    return [Job({}, {}, {}, overrides=(word,), sweep=sweep) for word in words]


def elsewhere(start):
    """Return a start as a job in another process has it: what it keeps in memory stays there."""
    return replace(start, kept={})


def test_what_jobs_of_other_processes_left_is_collected_in_their_order(tmp_path):
    start = Start.now()
    for number in (10, 2, 0):
        outcomes.begin(elsewhere(start), tmp_path, number)
        outcomes.leave(elsewhere(start), tmp_path, number, {**DONE, "job": number})
    found = outcomes.collect(start, tmp_path, jobs(*"abcdefghijk"), stopped=False)
    assert [one.get("error") for one in found] == [None, "not started", None, *["not started"] * 7, None]
    assert found[2] == {**DONE, "job": 2}
    assert [path.name for path in (tmp_path / "2").iterdir()] == ["posecfg.json"]


def test_a_sweeper_of_its_own_has_the_jobs_that_are_there(tmp_path):
    start = Start.now()
    outcomes.leave(start, tmp_path, 3, DONE)
    (tmp_path / "optimization_results.yaml").touch()
    assert outcomes.collect(start, tmp_path, jobs("a", sweep=OPEN), stopped=False) == [DONE]


HALF, OTHER = b'{"exit_code": 0, "start": "', b'{"exit_code": 0, "start": "other"}'


@pytest.mark.parametrize("left", [HALF, OTHER, b"[]", b"\xff"])
def test_what_is_half_written_or_of_another_start_is_not_read(tmp_path, left):
    start = Start.now()
    outcomes.begin(start, tmp_path, 0)
    (tmp_path / "0" / "posecfg.json").write_bytes(left)
    outcomes.leave(start, tmp_path, 1, DONE)
    found = outcomes.collect(start, tmp_path, jobs("a", "b"), stopped=False)
    assert [(one.get("error"), one["exit_code"]) for one in found] == [("no outcome was left", 1), (None, 0)]


def test_a_full_disk_leaves_nothing_half_written_and_loses_no_outcome_of_this_process(tmp_path, monkeypatch):
    start = Start.now()

    def full(path, data):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(real_files, "write_bytes", full)
    outcomes.begin(start, tmp_path, 0)
    outcomes.leave(start, tmp_path, 0, DONE)
    assert list((tmp_path / "0").iterdir()) == []
    start.kept[0] = DONE
    assert outcomes.collect(start, tmp_path, jobs("a"), stopped=False) == [DONE]


@pytest.mark.parametrize(
    ("why", "stopped", "codes"),
    [
        ("", False, [0, 1, 1]),
        (outcomes.FAILED, False, [0, 1, 3]),
        (outcomes.STOPPED_BY_USER, False, [0, 130, 130]),
        ("", True, [0, 130, 130]),
    ],
)
def test_a_job_that_left_nothing_says_how_far_it_came_and_why(tmp_path, why, stopped, codes):
    start = Start.now()
    outcomes.leave(start, tmp_path, 0, DONE)
    outcomes.begin(start, tmp_path, 1)
    if why:
        outcomes.end(start, tmp_path, why)
        assert outcomes.ended(start, tmp_path) == why
        assert outcomes.ended(Start.now(), tmp_path) == ""
    found = outcomes.collect(start, tmp_path, jobs("a", "b", "c"), stopped)
    assert [one["exit_code"] for one in found] == codes
    assert [one.get("error") for one in found] == [None, "no outcome was left", "not started"]
    assert found[2]["overrides"] == ["c"]


def test_a_start_is_known_on_its_machine(tmp_path):
    start = Start.now()
    assert (start.is_here, start.is_near) == (True, True)
    assert not replace(start, pid=start.pid + 1).is_here
    assert not replace(start, host="elsewhere").is_near
    assert json.dumps(start.token)
