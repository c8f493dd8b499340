import multiprocessing
import os
import shutil
import threading

import pytest
from whole_runs import Spy, go, job_of, leftovers, published, run_and_exit

from posecfg.errors import ConfigError, OutputError
from posecfg.executors.protocol import Started
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.runs.run import run
from posecfg.store import worker_lock
from posecfg.store.locks import Locks
from posecfg.store.run_directory import RunDirectory

pytestmark = pytest.mark.deep

CLIPS = ("dataset=synthetic", "dataset.clips=12", "dataset.frames=2", "dataset.size=[32,24]")


def occupied(tmp_path, shard=None, identity=None, overwrite=False):
    return RunDirectory(tmp_path, shard).occupy(identity or {"bbox_thr": 0.3}, {}, overwrite)


@pytest.mark.parametrize(
    ("first", "second", "who"),
    [
        (None, None, "ME"),
        (None, "1/2", "ME"),
        ("1/2", None, r"shard 1/2 \(ME"),
        ("1/2", "1/2", "ME"),
        ("1/2", "1/3", r"shard 1/2 \(ME.*same number of parts"),
        ("1/2", "2/4", "same number of parts"),
        ("1/1", None, "shard 1/1"),
    ],
)
def test_a_second_run_is_refused_and_told_by_whom(tmp_path, first, second, who):
    who = who.replace("ME", f"process {os.getpid()} on ")
    with occupied(tmp_path, first), pytest.raises(OutputError, match=who), occupied(tmp_path, second):
        pytest.fail("both were let in")
    with occupied(tmp_path, second), pytest.raises(OutputError), occupied(tmp_path, first):
        pytest.fail("the lock outlived its run")


def test_the_name_of_a_run_that_has_ended_is_not_told(tmp_path):
    with occupied(tmp_path):
        pass
    with occupied(tmp_path, "2/2"), pytest.raises(OutputError, match=r"shard 2/2"), occupied(tmp_path):
        pass


def test_shards_of_one_split_work_side_by_side(tmp_path):
    with occupied(tmp_path, "1/3"), occupied(tmp_path, "3/3"), occupied(tmp_path, "2/3"):
        assert list(Locks(tmp_path / ".posecfg", "-1of3").others()) == ["-2of3", "-3of3"]


def test_a_shard_cannot_change_the_configuration_under_another(tmp_path):
    with occupied(tmp_path, "1/2"):
        with (
            pytest.raises(OutputError, match=r"in use by shard 1/2 .* with another configuration \(bbox_thr"),
            occupied(tmp_path, "2/2", {"bbox_thr": 0.9}),
        ):
            pass
        with (
            pytest.raises(OutputError, match="in use by shard 1/2"),
            occupied(tmp_path, "2/2", {"bbox_thr": 0.9}, overwrite=True),
        ):
            pass
    with occupied(tmp_path, "2/2", {"bbox_thr": 0.9}, overwrite=True):
        pass


def test_a_run_that_was_refused_holds_nothing(tmp_path):
    with pytest.raises(ConfigError), occupied(tmp_path), occupied(tmp_path / "other"):
        raise ConfigError("stop")
    (tmp_path / ".posecfg" / "run.json").write_bytes(b"\xff garbage")
    with pytest.raises(OutputError, match="damaged"), occupied(tmp_path):
        pass
    (tmp_path / ".posecfg" / "run.json").unlink()
    with occupied(tmp_path):
        pass


def test_workers_of_a_killed_run_are_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(worker_lock, "PATIENCE", 0.2)
    with occupied(tmp_path):
        pass
    worker_lock.show_alive(tmp_path / ".posecfg", "")
    try:
        with pytest.raises(OutputError, match="workers of a run that was killed"), occupied(tmp_path):
            pass
        timer = threading.Timer(0.1, lambda: os.close(worker_lock._alive.pop()))
        monkeypatch.setattr(worker_lock, "PATIENCE", 5.0)
        timer.start()
        with occupied(tmp_path):
            pass
        timer.join()
    finally:
        for descriptor in worker_lock._alive:
            os.close(descriptor)
        worker_lock._alive.clear()


def test_shards_at_the_same_time_make_the_whole(tmp_path):
    out = tmp_path / "out"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=run_and_exit, args=(out, *CLIPS, f"shard={i}/2")) for i in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    go(tmp_path / "clean", *CLIPS)
    assert published(out) == published(tmp_path / "clean")
    assert leftovers(out) == []
    assert len(list((out / ".posecfg").glob("ledger-*of2.db"))) == 2
    assert verify([str(out)])["clips"]["done"] == 12
    assert verify([str(out)])["problems"] == []
    planned = plan(job_of(out, *CLIPS))
    assert (planned["done"], planned["to_do"]) == (12, 0)
    report = go(out, *CLIPS)
    assert (report.already, report.todo, report.screen.found.imported) == (12, {}, [])


def test_a_shard_takes_its_part_only_however_it_is_written(tmp_path):
    parts = [go(tmp_path / "out", *CLIPS, f"shard={text}") for text in ("1/3", "02/3", "3/03")]
    assert sum(report.done for report in parts) == 12
    assert all(report.done for report in parts)
    assert sorted(p.name for p in (tmp_path / "out" / ".posecfg").glob("ledger*.db")) == [
        f"ledger-{i}of3.db" for i in (1, 2, 3)
    ]


def test_a_whole_run_clears_what_a_killed_shard_left_and_the_other_way_round(tmp_path):
    for dead, alive in (("-2of5", None), ("", "1/2"), ("-2of5", "1/2")):
        home = tmp_path / dead / ".posecfg"
        (home / f"tmp{dead}" / "x").mkdir(parents=True)
        (home / f"tmp{dead}" / "x" / "1.part").write_text("half")
        (home / f"intents{dead}").mkdir()
        (home / f"intents{dead}" / "x.json").write_text('{"id": "x", "token": "t", "files": []}')
        with occupied(tmp_path / dead, alive) as undone:
            assert undone == 1
            assert leftovers(tmp_path / dead) == []
        shutil.rmtree(home)


def test_what_a_shard_left_is_cleared_by_that_shard_or_a_whole_run(tmp_path):
    """It may be at work on another machine, from where its lock is not seen."""
    home = tmp_path / ".posecfg"
    (home / "tmp-2of2" / "x").mkdir(parents=True)
    (home / "tmp-2of2" / "x" / "1.part").write_text("half")
    with occupied(tmp_path, "1/2") as undone:
        assert (undone, leftovers(tmp_path)) == (0, ["1.part"])
    with occupied(tmp_path, "2/2"):
        assert leftovers(tmp_path) == []


def test_a_shard_leaves_alone_what_another_is_writing(tmp_path):
    home = tmp_path / ".posecfg"
    with occupied(tmp_path, "1/2"):
        (home / "tmp-1of2" / "x").mkdir(parents=True)
        (home / "tmp-1of2" / "x" / "1.part").write_text("in flight")
        with occupied(tmp_path, "2/2"):
            assert (home / "tmp-1of2" / "x" / "1.part").exists()


@pytest.mark.parametrize("how", ["moved", "removed"])
def test_a_folder_that_goes_away_during_a_run_is_told(tmp_path, how):
    """The clips that follow are in a new folder, where those before them are missing."""
    out = tmp_path / "out"

    class Mover(Spy):
        def event(self, event):
            super().event(event)
            if isinstance(event, Started) and event.clip_id == "synthetic_0001":
                out.rename(tmp_path / "moved") if how == "moved" else shutil.rmtree(out)

    report = run(job_of(out), Mover())
    assert report.exit_code == 1
    assert "was moved or removed while the run was at work" in report.error
    assert go(out).exit_code in (0, 3)
