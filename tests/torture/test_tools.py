"""What the instruments judge by: lies of records, and small changes of code."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

from folders import HOME, differences, leftovers, lies, published
from mutation import mutants


@pytest.fixture
def out(tmp_path):
    """Return a folder with one file, and a record that vouches for it."""
    path, record = tmp_path / "a.npy", tmp_path / HOME / "clips" / "a.json"
    path.write_bytes(b"right")
    seen, sha = path.stat(), hashlib.sha256(b"right").hexdigest()
    file = {"name": "a.npy", "bytes": seen.st_size, "mtime_ns": seen.st_mtime_ns, "sha256": sha}
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"writers": {"npy": {"files": [file]}}}))
    return tmp_path


def test_a_folder_that_is_right_has_no_lies(out):
    assert (lies(out), leftovers(out), published(out)) == ([], [], {"a.npy": b"right"})


def test_other_bytes_under_the_stamp_of_the_record_are_a_lie(out):
    path = out / "a.npy"
    seen = path.stat()
    path.write_bytes(b"wrong")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert lies(out) == ["a.npy has the size and time of its record, but other bytes"]
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1_000_000_000))
    assert lies(out) == []


def test_half_a_record_is_named(out):
    record = out / HOME / "clips" / "a.json"
    record.write_bytes(record.read_bytes()[:20])
    assert lies(out) == ["the record a.json is half written"]


def test_scratch_files_and_intents_of_all_shards_are_left_over(out):
    for name in ("tmp/x/1.part", "intents-1of2/b.json"):
        (out / HOME / name).parent.mkdir(parents=True)
        (out / HOME / name).touch()
    assert leftovers(out) == ["tmp/x/1.part was left behind", "intents-1of2/b.json was left behind"]


def test_differences_are_named_with_their_kind():
    one, other = {"a": b"1", "b": b"1"}, {"b": b"2", "c": b"2"}
    assert differences(one, other) == ["c is missing", "a should not be there", "b has other bytes"]


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("x = a + b", {"x = a - b"}),
        ("x = (a) <= (b)", {"x = (a) < (b)"}),
        ("x = a is  not b", {"x = a is b"}),
        ("x = a and b or c", {"x = a or b or c", "x = a and b and c"}),
        ("x = not a", {"x = a"}),
        ("x = 4", {"x = 5"}),
        ("x = True", {"x = False"}),
        ("x = 'é' if a else 2", {"x = 'é' if not (a) else 2", "x = 'é' if a else 3"}),
        ("x: 'a < 1' = y", set()),
        ("@d(frozen=True)\nclass A: pass", set()),
        ("if TYPE_CHECKING: import a", set()),
    ],
)
def test_a_mutant_changes_one_meaning_and_nothing_else(code, after):
    source = code.encode()
    assert {one.apply(source).decode() for one in mutants("a.py", source)} == after


def test_each_explanation_of_a_mutant_names_code_that_is_there():
    import mutants as tool

    for file, code, _ in tool.explanations():
        assert code in [line.strip() for line in (tool.ROOT / file).read_text("utf-8").splitlines()], (file, code)
