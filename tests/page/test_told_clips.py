"""What a helper process answers is what the ledgers of a run tell of its clips, and None where they tell nothing."""

from __future__ import annotations

import io
import json
from contextlib import closing
from dataclasses import replace

import pytest

from posecfg.layout import HOME
from posecfg.page import told_clips
from posecfg.page.columns import clips_of
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row

FACTS = {"duration": 1.0 / 3, "rows_missing": 10, "quality_sums": {"rows": 30, "found": 20}}
DONE = Row("a \u2028/b", "done", frames=30, facts=FACTS, warnings=("a 'warning'",), at=5.0)


@pytest.fixture
def root(tmp_path):
    filled(tmp_path, "ledger.db", DONE, Row("f", "failed"))
    return tmp_path


def filled(root, name, *rows):
    with closing(Ledger(root / HOME / name)) as book:
        book.put(rows)


def answers(*roots):
    told = io.BytesIO()
    told_clips.answer([json.dumps(str(root)).encode() + b"\n" for root in roots], told)
    told.seek(0)
    found = [told_clips.read(told) for _ in roots]
    assert told.read() == b""
    return found


def test_an_answer_is_what_a_ledger_tells(root, tmp_path):
    assert answers(root, tmp_path / "no such run", root) == [clips_of(root), None, clips_of(root)]


def test_of_several_ledgers_the_latest_row_counts(root):
    others = (replace(DONE, attempt=2, frames=77), replace(DONE, id="new"), Row("f", "done", attempt=0))
    filled(root, "ledger.1-2.db", *others)
    (found,) = answers(root)
    known = dict(zip(found.ids, zip(found.rows, found.statuses, strict=True), strict=True))
    assert known == {DONE.id: (77, 0), "new": (30, 0), "f": (0, 2)}
