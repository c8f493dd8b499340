"""Machines whose clocks differ: no decision compares the times that two of them wrote."""

import math
import os
import time
from contextlib import closing

import pytest
from whole_runs import go, published

from posecfg.executors.local import Local
from posecfg.review.verify import verify
from posecfg.runs.scope import known
from posecfg.store import ledger
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row
from posecfg.store.run_directory import RunDirectory

CLIP = "synthetic_0001"


def rows_of(path, *rows):
    with closing(Ledger(path)) as book:
        book.put(rows)


def test_of_two_rows_the_later_attempt_counts_whatever_the_clocks_said(tmp_path):
    directory = RunDirectory(tmp_path)
    rows_of(tmp_path / ".posecfg/ledger.db", Row("a", "done", attempt=2, at=100.0))
    rows_of(tmp_path / ".posecfg/ledger-1of2.db", Row("a", "failed", attempt=1, at=9e9))
    assert known(directory)["a"].status == "done"
    assert known(RunDirectory(tmp_path, "1/2"))["a"].status == "done"
    ranked = [ledger.outcomes(path)["a"][1] for path in directory.ledgers()]
    assert max(ranked) == (2, 100.0)


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clip_that_a_worker_finished_before_it_died_is_done_whatever_its_clock(tmp_path, monkeypatch, hours):
    """Its record tells by being another one than before, not by its time."""
    out = tmp_path / "out"
    assert go(out, "limit=1").exit_code == 0
    real, works = Local.run, {}

    def shifted(self, setup, todo, mend):
        works.update({work.clip.id: mend for work in todo})
        now = time.time
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda: now() + hours * 3600)
            yield from real(self, setup, todo, mend)
        for clip_id in works:
            found = mend(clip_id, now())
            assert (found.id, found.status) == (clip_id, "done")
            assert mend(clip_id, math.inf) is None
        assert mend("synthetic_0000", 0.0) is None

    monkeypatch.setattr(Local, "run", shifted)
    assert go(out).exit_code == 0
    assert len(works) == 2


def test_records_and_files_from_the_future_or_the_past_are_still_done(tmp_path):
    go(tmp_path / "out")
    before = published(tmp_path / "out")
    for number, path in enumerate(sorted((tmp_path / "out").rglob("*"))):
        os.utime(path, (9e9, 9e9) if number % 2 else (1, 1))
    report = go(tmp_path / "out")
    assert (report.already, report.todo) == (3, {})
    assert published(tmp_path / "out") == before
    assert verify([str(tmp_path / "out")])["problems"] == []
