"""Which runs a request to stop is for, and what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_states import WORKING, over, put

from posecfg.errors import ConfigError, UsageError
from posecfg.review.stopping import Stop, targets
from posecfg.review.watching import DEAD, ENDED, WORKS, Folder, Seen
from posecfg.store.stop_request import StopRequest


def folder(root, *runs):
    return Folder(Path(root), runs)


def seen(state=WORKING, verdict=WORKS, part=""):
    return Seen(part, verdict, state, False)


def request(root, part=""):
    path = root / ".posecfg" / f"stop{part}.json"
    return StopRequest.of(path.read_bytes()) if path.exists() else None


def test_all_shards_at_work_are_stopped_or_the_one_that_is_named():
    both = folder("out", seen(part="-1of2"), seen(part="-2of2"), seen(part="-3of3", verdict=DEAD))
    assert [one.last.shard for one in targets([both], None)] == ["1/2", "2/2"]
    assert [one.last.shard for one in targets([both], "2/2")] == ["2/2"]
    with pytest.raises(ConfigError, match=r"^No run of shard 3/3 works in 'out': at work there is 1/2, 2/2\.$"):
        targets([both], "3/3")


def test_of_runs_in_several_folders_one_is_to_be_named():
    with pytest.raises(UsageError, match=r"type one of: posecfg stop 'a b'; posecfg stop c\.$"):
        targets([folder("a b", seen()), folder("c", seen())], None)
    assert len(targets([folder("a", seen(verdict=DEAD)), folder("c", seen())], None)) == 1


NOTHING = {
    "a run that is dead": ([folder("out", seen(verdict=DEAD))], r"is dead \(process 4711 on gpu7\): there is nothing"),
    "a run that ended": ([folder("out", seen(verdict=ENDED))], "has ended already: there is nothing to stop"),
    "a folder of an earlier version": ([folder("out")], "No run works in 'out'"),
    "several": ([folder("a"), folder("b")], "None of 2 runs works"),
}


@pytest.mark.parametrize(("found", "told"), NOTHING.values(), ids=NOTHING)
def test_where_nothing_works_that_is_one_sentence(found, told):
    with pytest.raises(ConfigError, match=told):
        targets(found, None)


def test_a_request_names_the_run_that_was_seen(tmp_path):
    state = put(tmp_path)
    stop = Stop(targets([folder(tmp_path, seen(state))], None), at_once=False)
    assert (request(tmp_path).token, request(tmp_path).how, stop.is_over) == ("abc", "finish", False)
    stop.follow([folder(tmp_path, seen(put(tmp_path, **over("stopped", 130)), ENDED))])
    assert stop.is_over
    assert stop.targets[0].has_ended


@pytest.mark.parametrize("verdict", [DEAD, WORKS])
def test_a_request_that_no_run_will_read_is_taken_back(tmp_path, verdict):
    stop = Stop(targets([folder(tmp_path, seen(put(tmp_path)))], None), at_once=True)
    assert request(tmp_path).how == "drop"
    stop.follow([folder(tmp_path, seen(put(tmp_path, token="abc" if verdict == DEAD else "later"), verdict))])
    assert (stop.is_over, stop.targets[0].has_ended, request(tmp_path)) == (True, False, None)


def test_a_request_is_left_again_where_the_run_took_another_one(tmp_path):
    stop = Stop(targets([folder(tmp_path, seen(put(tmp_path)))], None), at_once=True)
    (tmp_path / ".posecfg" / "stop.json").unlink()
    stop.follow([folder(tmp_path, seen(put(tmp_path, stop="finish")))])
    assert request(tmp_path).how == "drop"
    (tmp_path / ".posecfg" / "stop.json").unlink()
    stop.follow([folder(tmp_path, seen(put(tmp_path, stop="drop")))])
    assert request(tmp_path) is None
