"""The state that a run writes, and the request to stop that it reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from posecfg.errors import OutputError
from posecfg.store import state_file, stop_request
from posecfg.store.process import ELSEWHERE, GONE, LIVES, SUSPENDED, Process
from posecfg.store.state_file import NAMED, ClipInWork, Pen, RunState
from posecfg.store.stop_request import StopRequest

STATE = RunState(
    Process("gpu7", "one boot", 4711, "99"),
    token="abc",
    beat=3,
    phase="works",
    command=("films",),
    waiting=("1 of 3 tasks waits",),
    ready=2,
    time_left=7.5,
    clips_in_work=(ClipInWork("a", "gpu8", 3.0, 12, 99), ClipInWork("b")),
)


@pytest.mark.parametrize("part", ["", "-1of2"])
def test_what_is_written_is_read_again_and_nothing_else_is_left(tmp_path, part):
    pen = Pen(tmp_path, part, "abc")
    for state in (STATE, replace(STATE, beat=4, ended="error", error="a full disk", exit_code=1, ended_at=5.0)):
        pen.write(state)
        assert state_file.states(tmp_path) == {part: state}
        assert os.listdir(tmp_path) == [f"state{part}.json"]
    pen.close()


def test_the_state_follows_a_folder_that_is_moved_and_makes_no_other(tmp_path):
    (tmp_path / "a").mkdir()
    pen = Pen(tmp_path / "a", "", "abc")
    (tmp_path / "a").rename(tmp_path / "b")
    pen.write(STATE)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert state_file.states(tmp_path / "b") == {"": STATE}
    pen.close()


def test_what_a_kill_left_is_removed_by_the_next_run_of_that_part_alone(tmp_path):
    for name in ("state.json.gpu7-1", "stop.json", "stop.json.gpu7-2", "state-1of2.json.gpu7-1", "state.json"):
        (tmp_path / name).write_text("{}")
    Pen(tmp_path, "", "abc", "stop.json").close()
    assert sorted(os.listdir(tmp_path)) == ["state-1of2.json.gpu7-1", "state.json"]


def test_a_folder_that_is_gone_or_a_link_is_an_error_of_the_write_alone(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    for home in (tmp_path / "gone", tmp_path / "link"):
        pen = Pen(home, "", "abc")
        with pytest.raises(OSError, match="state"):
            pen.write(STATE)
        assert pen.take("stop.json") is None
        pen.close()
    assert os.listdir(tmp_path) == ["link"]


GOOD = STATE.to_json()
DAMAGED = {
    "a list": [],
    "another schema": {**GOOD, "schema": 2},
    "a key too few": {key: value for key, value in GOOD.items() if key != "beat"},
    "a beat that is a text": {**GOOD, "beat": "3"},
    "a beat that is a share": {**GOOD, "beat": 3.5},
    "clips below zero": {**GOOD, "clips": -1},
    "time that never ends": {**GOOD, "seconds": float("inf")},
    "a number that none can be": {**GOOD, "to_do": 10**400},
    "a time that none can be": {**GOOD, "frames_per_second": 10**400},
    "a command of numbers": {**GOOD, "command": [1]},
    "clips in work without a name": {**GOOD, "clips_in_work": [{}]},
    "clips in work that are none": {**GOOD, "clips_in_work": 5},
    "a host that is none": {**GOOD, "host": None},
    "a truth": {**GOOD, "pid": True},
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_state_is_none(tmp_path, data):
    (tmp_path / "state.json").write_text(json.dumps(data))
    assert state_file.states(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00"])
def test_a_state_that_is_no_json_is_none(tmp_path, text):
    (tmp_path / "state.json").write_text(text)
    assert state_file.read(tmp_path / "state.json") is None


def test_more_clips_than_are_ever_written_are_not_read(tmp_path):
    state = replace(STATE, clips_in_work=(ClipInWork("a"),) * (NAMED + 9))
    assert len(RunState.from_json(state.to_json()).clips_in_work) == NAMED


def test_a_request_is_read_once(tmp_path):
    stop_request.leave(tmp_path, "-1of2", "abc", "drop")
    pen = Pen(tmp_path, "", "x")
    assert pen.take(stop_request.name_of("")) is None
    request = StopRequest.of(pen.take(stop_request.name_of("-1of2")))
    assert request == StopRequest("abc", "drop", os.uname().nodename)
    assert os.listdir(tmp_path) == []
    pen.close()


def test_a_folder_that_cannot_be_written_is_one_sentence_and_nothing_is_left(tmp_path):
    (tmp_path / "stop.json").mkdir()
    with pytest.raises(OutputError, match=r"so the run there cannot be asked to stop: type posecfg stop as the user"):
        stop_request.leave(tmp_path, "", "abc", "drop")
    assert os.listdir(tmp_path) == ["stop.json"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"schema": 1, "token": "a", "how": "explode", "host": "b"}'])
def test_a_request_that_is_none_asks_for_nothing(data):
    assert StopRequest.of(data) is None


def test_a_process_is_known_to_live_where_it_runs_alone():
    own = Process.own()
    assert own.life() == LIVES
    assert replace(own, host="gpu7").life() == ELSEWHERE
    if own.born:
        assert replace(own, born="1").life() == GONE
        assert replace(own, machine="another boot").life() == ELSEWHERE


@pytest.mark.parametrize("pid", [1 << 40, 10**400])
def test_a_number_that_no_process_has_is_of_none(pid):
    assert replace(Process.own(), pid=pid).life() == GONE


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="finds processes in /proc")
def test_a_process_that_is_suspended_or_gone_is_told_apart():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        with open(f"/proc/{child.pid}/stat") as stream:
            born = stream.read().rpartition(")")[2].split()[19]
        process = replace(Process.own(), pid=child.pid, born=born)
        assert process.life() == LIVES
        child.send_signal(19)
        os.waitpid(child.pid, os.WUNTRACED)
        assert process.life() == SUSPENDED
        child.kill()
    assert process.life() == GONE
