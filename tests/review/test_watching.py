"""Whether a run works, is dead or has ended, as far as that is seen from its folder."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from run_states import ELSEWHERE, WORKING, over, put
from whole_runs import go

from posecfg.errors import ConfigError
from posecfg.review import watching
from posecfg.review.run_folders import run_folders
from posecfg.review.watching import DEAD, ENDED, HANGS, SILENT, UNKNOWN, UNSURE, WORKS, Clips, Watch
from posecfg.store import process
from posecfg.store.process import Process


@pytest.fixture
def clock(monkeypatch):
    """Return the clock of this machine that a watch looks at."""
    now = [1000.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(watching.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def verdicts(watch):
    return [one.verdict for folder in watch.look() for one in folder.runs]


def test_a_run_elsewhere_works_as_long_as_its_beat_changes_whatever_its_clock_says(tmp_path, clock):
    watch = Watch([tmp_path])
    for beat in range(1, 30):
        put(tmp_path, beat=beat, started=0.0)
        assert verdicts(watch) == [WORKS if beat > 1 else UNSURE]
        clock[0] += SILENT - 1


def test_a_run_elsewhere_without_a_beat_is_dead_after_seconds_of_this_machine(tmp_path, clock):
    put(tmp_path)
    watch = Watch([tmp_path])
    assert verdicts(watch) == [UNSURE]
    (folder,) = watch.settled()
    assert (folder.verdict, folder.is_well) == (DEAD, False)
    assert SILENT <= clock[0] - 1000 < SILENT + 1
    put(tmp_path, beat=2)
    assert verdicts(watch) == [WORKS], "it was only slow"


def test_json_tells_what_is_in_work_of_a_run_that_has_not_ended_and_a_time_of_one_that_goes_on(tmp_path, clock):
    put(tmp_path)
    watch = Watch([tmp_path])

    def told():
        (folder,) = watch.settled()
        data = folder.runs[0].data()
        return data["verdict"], data["in_work"], len(data["clips_in_work"]), data["time_left"]

    watch.look()
    put(tmp_path, beat=2)
    assert told() == ("working", 2, 2, 1320.0)
    clock[0] += watching.LOST + 1
    assert told() == ("dead", 2, 2, None)
    stopped = {**over("stopped", 130), "in_work": 2, "clips_in_work": WORKING.clips_in_work}
    put(tmp_path, beat=3, **stopped)
    assert told() == ("ended", 0, 0, None)


def test_a_run_that_was_seen_at_work_is_given_more_time(tmp_path, clock):
    put(tmp_path)
    watch = Watch([tmp_path])
    watch.look()
    put(tmp_path, beat=2)
    watch.look()
    clock[0] += watching.LOST - 1
    assert verdicts(watch) == [WORKS]
    clock[0] += 2
    assert verdicts(watch) == [DEAD]


def test_a_later_run_in_the_folder_is_watched_anew(tmp_path, clock):
    put(tmp_path)
    watch = Watch([tmp_path])
    watch.settled()
    put(tmp_path, token="def")
    assert verdicts(watch) == [UNSURE]


@pytest.mark.parametrize(
    ("life", "verdict"), [(process.LIVES, WORKS), (process.SUSPENDED, HANGS), (process.GONE, DEAD)]
)
def test_of_a_run_here_its_process_tells_at_once(tmp_path, monkeypatch, life, verdict):
    put(tmp_path, process=Process.own())
    monkeypatch.setattr(Process, "life", lambda self: life)
    assert verdicts(Watch([tmp_path])) == [verdict]


def test_a_run_that_ends_while_it_is_looked_at_is_not_dead(tmp_path, monkeypatch):
    put(tmp_path, process=Process.own())

    def ends(self):
        put(tmp_path, process=Process.own(), **over())
        return process.GONE

    monkeypatch.setattr(Process, "life", ends)
    assert verdicts(Watch([tmp_path])) == [ENDED]


@pytest.mark.parametrize(("ended", "code"), [("done", 0), ("stopped", 130), ("error", 1), ("failed", 3)])
def test_a_run_that_ended_is_well_where_it_says_so(tmp_path, ended, code):
    put(tmp_path, **over(ended, code))
    (folder,) = Watch([tmp_path]).look()
    assert (folder.verdict, folder.is_well) == (ENDED, code == 0)


def test_shards_at_work_are_added_up_without_a_look_at_their_ledgers(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(watching.ledger, "outcomes", lambda path: pytest.fail("another machine writes it"))
    put(tmp_path, **over(), started=5.0, token="whole")
    put(tmp_path, part="-1of2")
    put(tmp_path, part="-2of2", **over(left=0, already=0, done=50, dropped=0, failed=0))
    (folder,) = Watch([tmp_path]).look()
    assert [one.shard for one in folder.runs] == ["1/2", "2/2"]
    assert (folder.verdict, folder.clips) == (UNSURE, Clips(190, 2, 1, 257))


def test_shards_are_sorted_by_their_numbers(tmp_path, clock):
    for number in (10, 9, 1):
        put(tmp_path, part=f"-{number}of12")
    (folder,) = Watch([tmp_path]).look()
    assert [one.shard for one in folder.runs] == ["1/12", "9/12", "10/12"]


def test_clips_of_a_folder_at_rest_are_those_of_all_its_ledgers(tmp_path):
    for shard in ("1/2", "2/2"):
        go(tmp_path, f"shard={shard}")
    go(tmp_path, "limit=1")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (folder,) = Watch([tmp_path]).look()
    assert (folder.verdict, folder.clips) == (ENDED, Clips(3))
    assert [one.shard for one in folder.runs] == [""]
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_clips_that_were_listed_and_not_done_are_to_do(tmp_path):
    go(tmp_path)
    (tmp_path / ".posecfg" / "ledger.db").unlink()
    (tmp_path / ".posecfg" / "state.json").unlink()
    (folder,) = Watch([tmp_path]).look()
    assert (folder.verdict, folder.clips, folder.is_well) == (UNKNOWN, Clips(left=3), True)


def test_what_is_typed_to_go_on_is_quoted_for_a_shell(tmp_path):
    put(tmp_path, command=("my films", "writer=[npy,csv]"), **over())
    (folder,) = Watch([tmp_path]).look()
    assert folder.runs[0].go_on == "posecfg 'my films' 'writer=[npy,csv]'"
    assert folder.data()["runs"][0]["go_on"] == folder.runs[0].go_on


def test_runs_are_found_in_a_folder_and_below_it(tmp_path):
    for name in ("outputs/a", "outputs/sweep/0", "outputs/sweep/1"):
        put(tmp_path / name)
    (tmp_path / "outputs" / "latest").symlink_to("a")
    (tmp_path / "outputs" / "films").mkdir()
    outputs = tmp_path / "outputs"
    assert run_folders(outputs, "status") == [outputs / "a", outputs / "sweep" / "0", outputs / "sweep" / "1"]
    assert run_folders(outputs / "latest", "status") == [outputs / "latest"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("empty", "is an empty folder"), ("films", "holds no run"), ("film.mp4", "is a file"), ("gone", "is not there")],
)
def test_where_there_is_no_run_that_is_one_sentence(tmp_path, name, told):
    (tmp_path / "empty").mkdir()
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mp4").touch()
    (tmp_path / "film.mp4").touch()
    with pytest.raises(ConfigError, match=rf"^'\S+{name}' {told}: type posecfg status and the folder [^\n]+$"):
        run_folders(tmp_path / name, "status")


def test_no_secret_of_a_machine_is_printed(tmp_path):
    put(tmp_path, process=replace(ELSEWHERE, machine="boot"), **over())
    (run,) = Watch([tmp_path]).look()[0].data()["runs"]
    assert "machine" not in run
    assert (run["host"], run["pid"], run["verdict"], run["is_here"]) == ("gpu7", 4711, ENDED, False)
    assert os.sep not in run["token"]
    assert WORKING.workers == run["workers"]
