"""``.posecfg/clips.csv``: what is known of each clip."""

import csv

import pytest
from whole_runs import go

from posecfg.runs import clip_table, named_clips
from posecfg.runs.origin import Origin
from posecfg.runs.report import Report
from posecfg.store.ledger_row import Row
from posecfg.store.run_directory import RunDirectory

WORDS = ("writer=[npy]", "detector.miss=0.2")


def read(out):
    with (out / ".posecfg" / clip_table.NAME).open(newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream)}


def test_each_clip_has_a_row_that_agrees_with_the_report(tmp_path):
    out = tmp_path / "out"
    report = go(out, *WORDS)
    rows = read(out)
    assert list(rows) == ["synthetic_0000", "synthetic_0001", "synthetic_0002"]
    assert {row["status"] for row in rows.values()} == {"done"}
    missing = {name: int(row["rows_missing"]) for name, row in rows.items()}
    assert {name: number for name, number in missing.items() if number} == report.missing
    assert sum(int(row["rows"]) for row in rows.values()) == report.rows
    assert {row["files"] for row in rows.values()} == {"1"}
    assert rows["synthetic_0001"]["first_file"] == "synthetic_0001.npy"
    found, looked = (sum(float(row[name]) for row in rows.values()) for name in ("detection_rate", "people"))
    assert found / 3 == pytest.approx(report.quality.scores["detection_rate"], abs=1e-3)
    assert looked == 3
    assert report.data()["clips_file"] == str(out / ".posecfg/clips.csv")


def test_clips_that_failed_or_were_skipped_have_their_reason(tmp_path, folder):
    films = folder("a.mp4", "b.mp4")
    (tmp_path / "films/b.mp4").write_bytes(b"no film")
    go(tmp_path / "out", *films, "video.min_duration=100")
    rows = read(tmp_path / "out")
    assert (rows["a"]["status"], rows["b"]["status"]) == ("skipped", "failed")
    assert "too short" in rows["a"]["reason"]
    assert (rows["a"]["rows"], rows["a"]["first_file"], rows["b"]["rows"]) == ("", "", "")
    assert rows["b"]["reason"]


def test_the_table_is_made_anew_only_where_something_was_done(tmp_path):
    out = tmp_path / "out"
    go(out, *WORDS)
    path = out / ".posecfg" / clip_table.NAME
    before = path.stat().st_mtime_ns, path.read_bytes()
    go(out, *WORDS)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    path.unlink()
    go(out, *WORDS)
    assert path.read_bytes() == before[1]
    go(out, *WORDS, "redo=synthetic_0001")
    assert path.stat().st_mtime_ns != before[0]
    assert len(read(out)) == 3


def test_a_folder_counts_with_its_files_and_replayed_poses_tell_nothing(tmp_path):
    report = Report("out", ended=1, origin=Origin(replayed=True))
    files = (("a/images/", 900, 7, 7, 40), ("a.json", 10, 1, 1, 1), (".posecfg/parts/coco/a", 5, 1, 1, 1))
    facts = {"rows_missing": 0, "quality_sums": {"rows": 40, "found": 40, "persons": 40}}
    clip_table.keep(
        RunDirectory(tmp_path), lambda: {"a": Row("a", "done", frames=40, files=files, facts=facts)}, report
    )
    (row,) = read(tmp_path).values()
    assert (row["files"], row["first_file"], row["rows"]) == ("41", "a.json", "40")
    assert (row["people"], row["detection_rate"]) == ("", "")


def test_a_run_that_is_killed_before_its_table_leaves_that_to_the_next_one(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*arguments):
        raise Killed

    out = tmp_path / "out"
    go(out, *WORDS, "limit=1")
    with monkeypatch.context() as patched:
        patched.setattr(clip_table, "keep", kill)
        with pytest.raises(Killed):
            go(out, *WORDS)
    assert len(read(out)) == 1
    report = go(out, *WORDS)
    assert (report.to_do, len(read(out))) == (0, 3)
    assert not list((out / ".posecfg").glob("*.part"))


def test_names_and_reasons_are_no_formulas(tmp_path):
    names = ("=1+1", "+1", "-1", "@SUM(1)", "a=1", "\x1b=1")
    rows = {name: Row(name, "failed", reason=name) for name in names}
    clip_table.keep(RunDirectory(tmp_path), lambda: rows, Report("out", ended=1))
    told = [(row["id"], row["reason"]) for row in read(tmp_path).values()]
    shown = ["\\x1b=1", "'+1", "'-1", "'=1+1", "'@SUM(1)", "a=1"]
    assert told == [(name, name) for name in shown]


def test_names_with_joined_letters_can_be_named_again(tmp_path):
    names = ["می\u200cخواهم", "👩\u200d👧"]
    rows = {name: Row(name, "done") for name in names}
    clip_table.keep(RunDirectory(tmp_path), lambda: rows, Report("out", ended=1))
    assert named_clips.only(list(read(tmp_path)), [*names, "another"]) == set(names)
