"""What a page is told of clips is what their rows say; many rows are as well checked together as each is alone."""

import math
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posecfg.store import ledger, packed
from posecfg.store.clip_facts import fit_all, fit_facts
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import NAMES, Row
from posecfg.store.told_row import Told, of_row, told

FACTS = {
    **{"duration": 3.5, "fps": None, "rows_missing": 2, "rows_made": 1, "tracks": 2, "made_with": "a", "depends": None},
    **{"quality_sums": {"rows": 30, "found": 28}, "score_sums": {"metric.oks": {"oks": 2.5, "n": 3}}},
    **{
        "clipped": {"x": 1.5},
        "scores": {"metric.oks": 0.5},
        "scored": {"view": "c01"},
        "annotations": {},
        "taken": "b",
    },
    **{"second_score": 0.25, "anything": [{"else": None}]},
}
ROW = Row("a/b", "done", "", "abc", 2, 1.5, 30, facts=FACTS, warnings=("one; two", "three"), at=99.5)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def filled(path, *rows):
    with closing(Ledger(path)) as book:
        book.put(rows)


def test_a_clip_is_told_of_as_its_row_says(path):
    rows = [ROW, replace(ROW, id="b", status="skipped", warnings=()), Row("c", "failed", "why"), Row("d", "done")]
    filled(path, *rows)
    found = ledger.told(path)
    assert found["a/b"] == Told("a/b", "done", "", 30, 3.5, 2, 1, FACTS["quality_sums"], "one; two; three", (2, 99.5))
    assert found["b"] == Told("b", "skipped", "", 30, 3.5, 0, 0, {}, "", (2, 99.5))
    assert found["c"] == Told("c", "failed", "why", 0, None, 0, 0, {}, "", (1, 0.0))
    assert found == {name: of_row(row) for name, row in ledger.read(path).items()}
    assert [*found] == [row.id for row in rows]


def test_more_rows_than_are_looked_at_together(path, monkeypatch):
    monkeypatch.setattr(ledger, "_TOGETHER", 3)
    filled(path, *(replace(ROW, id=f"{number}") for number in range(10)))
    assert ledger.told(path) == {name: of_row(row) for name, row in ledger.read(path).items()}
    assert len(ledger.told(path)) == 10


def test_nothing_is_told_of_no_rows(path):
    assert told([]) == []
    assert ledger.told(path) == {}


HARMS = {
    "id": [None, 5, b"a"],
    "status": [None, "perhaps", b"done"],
    "reason": [None, 7, b"\xff"],
    "attempt": [None, "one", b"1"],
    "seconds": [None, "long", b""],
    "frames": [None, "many", math.inf, -math.inf],
    "at": [None, "noon"],
    "warnings": [None, "5", "[1]", "[[", '"'],
    "facts": [None, 5, "[]", "null", "", "{", '{"fps": "fast"}', '{"rows_missing": null}', '{"duration": NaN}'],
}


@pytest.mark.parametrize(("column", "value"), [(name, value) for name, some in HARMS.items() for value in some])
def test_one_damaged_row_is_a_damaged_ledger(path, column, value):
    filled(path, replace(ROW, id="z"), ROW, replace(ROW, id="y"))
    with closing(sqlite3.connect(path)) as db, db:
        # A table that refuses and converts nothing.
        db.execute(f"CREATE TABLE other ({', '.join(NAMES)})")
        db.execute("INSERT INTO other SELECT * FROM clips")
        db.execute("DROP TABLE clips")
        db.execute("ALTER TABLE other RENAME TO clips")
        db.execute(f"UPDATE clips SET {column} = ? WHERE id = 'z'", (value,))
    assert ledger.told(path) == {}
    assert ledger.read(path) == {} or column == "frames"


@pytest.mark.parametrize(
    "texts",
    [
        ('{"a":[{}', "{}]},{}"),
        ('{"a":"', '"},{}'),
        ("{},{}", '{"a":1', '"b":2}'),
        ("{}", "{},{}"),
        ("{}]", "[{}"),
        ("", "{}"),
    ],
)
def test_texts_that_make_sense_only_together_are_damage(texts):
    values = [(str(number), "done", "", 1, 1.0, 1, text, "[]", 0.0) for number, text in enumerate(texts)]
    with pytest.raises(ValueError, match=r"Expecting|Extra|Unterminated|delimiter"):
        told(values)


@pytest.mark.parametrize(
    "text", [' \n{"duration" :\t2.0} ', b'{"duration": 2.0}', '{"duration": 2.0}'.encode("utf-16")]
)
def test_facts_may_be_written_in_any_way(text):
    values = [("a", "done", "", 1, 1.0, 1, "{}", "[]", 0.0), ("b", "done", "", 1, 1.0, 1, text, " [] ", 0.0)]
    assert told(values)[1] == Told("b", "done", "", 1, 2.0, 0, 0, {}, "", (1, 0.0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in FACTS for value in (None, True, 7, 0.5, "text", [], {}, 1 << 63, math.inf)],
        *[(name, {"m": value}) for name in FACTS for value in (None, True, 7, "text", {}, {"n": None}, {"n": 1 << 63})],
        *[("score_arrays", {"m": value}) for value in ({}, {"n": 1}, {"n": packed.pack(np.zeros(2))})],
    ],
)
def test_one_fact_that_does_not_fit_is_found_among_many(name, value):
    one = {**FACTS, name: value}
    assert fit_all([FACTS, one, {}]) == fit_facts(one)


numbers = st.integers() | st.floats() | st.booleans() | st.none() | st.text(max_size=2)
anything = numbers | st.lists(numbers, max_size=2) | st.dictionaries(st.sampled_from("ab"), numbers, max_size=2)
wild = st.dictionaries(st.sampled_from([*FACTS]), anything | st.dictionaries(st.just("m"), anything), max_size=3)
near = st.dictionaries(st.sampled_from([*FACTS, "score_arrays"]), st.integers(0, 2**62) | st.just({}), max_size=2)


@settings(max_examples=30)
@given(st.lists(wild | near.map(lambda some: {**FACTS, **some}) | st.just(FACTS), max_size=4))
def test_facts_fit_together_where_each_fits(many):
    assert fit_all(many) == all(map(fit_facts, many))


@pytest.mark.parametrize("other", [[], None, "text", 5])
def test_what_is_no_facts_does_not_fit(other):
    assert not fit_all([FACTS, other])
    assert fit_all([FACTS, {}, FACTS])
