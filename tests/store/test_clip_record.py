"""Records of clips come back as they were written, and nothing that was damaged passes for one."""

from __future__ import annotations

import copy
import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.store.clip_record import EARLIER_WHOLE, ClipRecord, InputRecord, WriterRecord
from posecfg.store.file_record import FileRecord
from posecfg.store.ledger_row import from_record

TEXTS = st.text(max_size=8)
NAMES = st.lists(st.sampled_from(["a", "b.npy", "ü [1]", ".x", "a..b"]), min_size=1, max_size=3).map("/".join)
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
FACTS = st.dictionaries(st.sampled_from(["reads", "people", "start", "independent"]), VALUES)
COUNTS = st.integers(0, 1 << 62)
FILES = st.builds(FileRecord, NAMES, COUNTS, TEXTS, COUNTS, st.dictionaries(TEXTS, VALUES, max_size=2))
WRITERS = st.builds(WriterRecord, TEXTS, st.lists(FILES, max_size=2).map(tuple))
HASHES = st.text(min_size=1, max_size=8)
INPUTS = st.builds(InputRecord, st.integers(0, EARLIER_WHOLE), COUNTS, HASHES) | st.builds(
    InputRecord, COUNTS, COUNTS, st.just(""), HASHES, COUNTS, COUNTS, TEXTS
)
RECORDS = st.builds(
    ClipRecord,
    id=TEXTS,
    source=TEXTS,
    status=st.sampled_from(["done", "skipped"]),
    reason=TEXTS,
    identity=TEXTS,
    input=INPUTS,
    attempt=COUNTS,
    at=st.floats(0, 1e10),
    facts=FACTS,
    writers=st.dictionaries(TEXTS, WRITERS, max_size=2),
    frames=COUNTS,
    seconds=st.floats(0, 1e6),
    made=st.dictionaries(st.sampled_from(["skeleton", "cite", "timings"]), VALUES),
    warnings=st.lists(TEXTS, max_size=2).map(tuple),
    token=TEXTS,
)
GOOD = ClipRecord(
    "a/b", "a/b.mp4", "done", "", "id", InputRecord(1, 2, "aa"), 1, 3.5, {"duration": 1.0, "fps": 30.0}, token="t"
)


@given(RECORDS)
def test_a_record_comes_back_as_it_was(record):
    assert ClipRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


@given(RECORDS)
def test_the_ledgers_row_tells_the_same(record):
    row = from_record(record, (5, 6))
    assert (row.id, row.status, row.facts, row.sidecar) == (record.id, record.status, record.facts, (5, 6))
    assert [name for name, *_ in row.files] == [file.name for file in record.files]
    assert row.writers == {name: writer.identity for name, writer in record.writers.items()}


@given(RECORDS, st.data())
def test_a_key_that_is_lost_or_of_another_kind_makes_it_no_record(record, data):
    damaged = record.to_json()
    keys = sorted({*damaged} - {"source", "warnings", *record.made})
    key = data.draw(st.sampled_from(keys))
    if data.draw(st.booleans()):
        del damaged[key]
    else:
        damaged[key] = [] if not isinstance(damaged[key], list) else {}
    assert ClipRecord.from_json(damaged) is None


@pytest.mark.parametrize(
    ("key", "harm"),
    [("clock", 5), ("clock", {"rows": "x"}), ("meaning", []), ("notes", 5), ("weights", "x"), ("versions", None)],
)
def test_a_part_of_a_result_of_another_kind_makes_it_no_record(key, harm):
    assert ClipRecord.from_json(GOOD.to_json() | {key: harm}) is None
    assert ClipRecord.from_json(GOOD.to_json() | {key: {}}) is not None


@pytest.mark.parametrize(
    ("writers", "people", "whole"),
    [
        ({"npy": WriterRecord("w")}, 1, False),
        ({"npy": WriterRecord("w")}, 0, True),
        ({"npy": WriterRecord("w", refused="nothing to say")}, 1, True),
        ({"metric.pck": WriterRecord("w")}, 1, True),
        ({"npy": WriterRecord("w", (FileRecord("a", 1, "b", 2),)), "csv": WriterRecord("w")}, 1, False),
    ],
)
def test_people_without_files_or_a_reason_make_it_no_record(writers, people, whole):
    record = dataclasses.replace(GOOD, writers=writers, made={"people": people})
    assert (ClipRecord.from_json(json.loads(json.dumps(record.to_json()))) == record) == whole


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../x", "a/../../x", ".posecfg/run.json", "a//b", ".", "a\0b"])
def test_a_file_outside_of_the_folder_makes_it_no_record(name):
    damaged = copy.deepcopy(GOOD.to_json())
    file = {"name": name, "bytes": 1, "sha256": "", "mtime_ns": 1, "about": {}}
    damaged["writers"] = {"npy": {"identity": "w", "files": [file]}}
    assert ClipRecord.from_json(damaged) is None
    file["name"] = "a.npy"
    assert [file.name for file in ClipRecord.from_json(damaged).files] == ["a.npy"]


def test_what_a_later_version_adds_is_kept():
    data = {**GOOD.to_json(), "weather": ["fair"]}
    assert ClipRecord.from_json(data).to_json()["weather"] == ["fair"]


@pytest.mark.parametrize("data", [None, [], 3, "record", {}, {"schema": 3}])
def test_other_json_is_no_record(data):
    assert ClipRecord.from_json(data) is None
    assert ClipRecord.from_json({**GOOD.to_json(), "schema": 3}) is None
    assert ClipRecord.from_json({**GOOD.to_json(), "status": "failed"}) is None
