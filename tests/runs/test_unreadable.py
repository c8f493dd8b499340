"""Input that is at fault is told apart from faults of this machine and of our code."""

import errno
import os
import sqlite3
from pathlib import Path

import av
import films
import pytest
from whole_runs import SMALL, go, job_of

from posecfg.errors import ClipError, Unreadable
from posecfg.pipeline.work import Work, failed
from posecfg.review.plan import plan
from posecfg.store import fingerprint
from posecfg.types import Clip
from posecfg.video.container import open_film
from posecfg.video.images import Images

BAD = {"junk-000": "in no format", "empty-000": "empty (0 bytes)", "past-000": "to hold frames in 900 s to 901 s"}


@pytest.fixture
def table(tmp_path):
    """Lay out one good film, and all that may be wrong with others."""
    folder = tmp_path / "films"
    folder.mkdir()
    films.write(folder / "good.mp4")
    (folder / "junk.mp4").write_bytes(b"no film at all" * 100)
    (folder / "empty.mp4").touch()
    rows = [("good", "good-000", 0, 1), ("good", "past-000", 900, 901), ("junk", "junk-000", 0, 1)]
    rows += [("empty", "empty-000", 0, 1), ("good", "nan-000", "nan", 1), ("good", "inf-000", 0, "inf")]
    rows += [("good", "nan-001", "nan", 1)]
    lines = [
        ("VIDEO_NAME", "SENTENCE_NAME", "START_REALIGNED", "END_REALIGNED", "SENTENCE"),
        *((*row, "") for row in rows),
    ]
    text = "".join("\t".join(f'"{value}"' for value in line) + "\n" for line in lines)
    (tmp_path / "t.csv").write_text(text, "utf-8")
    return "dataset=manifest", f"dataset.path={tmp_path / 't.csv'}", f"dataset.videos={folder}"


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_run_tells_broken_input_from_other_failures(table, tmp_path, workers):
    report = go(tmp_path / "out", *table, f"workers={workers}", "detector.crash='raise:good-000'").report
    assert report.unreadable == set(BAD)
    assert set(report.failed) == {"good-000", *BAD}
    assert all(text in report.failed[name] for name, text in BAD.items())
    data = report.data()
    assert sorted(data["unreadable"]) == sorted(BAD)
    assert list(report.failures(unreadable=False)) == ["good-000"]
    assert data["excluded"] == 3
    assert data["not_taken"] == {"its start is not finite": 2, "its end is not finite": 1}


def test_a_plan_knows_what_an_earlier_run_could_not_read(table, tmp_path):
    go(tmp_path / "out", *table)
    found = plan(job_of(tmp_path / "out", *table))
    assert sorted(found["unreadable_before"]) == sorted(found["failed_before"]) == sorted(BAD)
    assert found["not_taken"] == {"its start is not finite": 2, "its end is not finite": 1}


def test_a_ledger_from_before_this_was_told_is_still_read(table, tmp_path):
    go(tmp_path / "out", *table)
    ledger = tmp_path / "out/.posecfg/ledger.db"
    with sqlite3.connect(ledger) as db:
        db.execute("UPDATE clips SET facts = '{}' WHERE status = 'failed'")
    db.close()
    found = plan(job_of(tmp_path / "out", *table))
    assert (sorted(found["failed_before"]), found["unreadable_before"]) == (sorted(BAD), [])
    assert go(tmp_path / "out", *table).report.unreadable == set(BAD)


def test_a_film_that_was_mended_is_no_failure_any_more(table, tmp_path):
    go(tmp_path / "out", *table)
    for name in ("junk", "empty"):
        films.write(tmp_path / f"films/{name}.mp4")
    report = go(tmp_path / "out", *table).report
    assert (report.done, report.unreadable, set(report.failed)) == (2, {"past-000"}, {"past-000"})


def test_a_fault_of_the_model_or_of_the_machine_is_none_of_the_input():
    work = Work(Clip("a", Path("a")), ("npy",))
    assert failed(work, Unreadable("it is empty"), 0.0).row.facts == {"unreadable": True}
    assert failed(work, ClipError("no memory"), 0.0).row.facts == {}
    assert failed(work, RuntimeError("no"), 0.0).row.facts == {}


def test_a_film_that_is_gone_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match="not there any more"):
        fingerprint.record(Clip("a", tmp_path / "a.mp4"))


def test_without_a_fault_nothing_is_unreadable(tmp_path):
    data = go(tmp_path, "dataset=synthetic", *SMALL).report.data()
    assert (data["unreadable"], data["not_taken"]) == ([], {})


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.EIO, ClipError), (errno.EMFILE, ClipError), (errno.EACCES, Unreadable)]
)
def test_faults_of_the_machine_are_not_those_of_a_file(tmp_path, monkeypatch, code, kind):
    def fail(*arguments, **options):
        raise OSError(code, os.strerror(code))

    (tmp_path / "a.png").write_bytes(b"x")
    clip = Clip("a", tmp_path / "a.png")
    monkeypatch.setattr(fingerprint, "_file", fail)
    monkeypatch.setattr(av, "open", fail)
    for act in (lambda: fingerprint.record(clip), lambda: Images(tmp_path), lambda: open_film(clip.path)):
        with pytest.raises(ClipError) as caught:
            act()
        assert isinstance(caught.value, Unreadable) is (kind is Unreadable)
