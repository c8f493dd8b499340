"""Lists of many files: what was folded comes back file by file, and a list that is damaged is none."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.store import file_lists
from posecfg.store.clip_record import ClipRecord, InputRecord, WriterRecord
from posecfg.store.file_record import FileRecord, FolderRecord, entry, fits_entry

NAMES = st.sampled_from(["a", "b c", "ü [1].json", " ", "\r", "\u2028x", "1 2 3", ".x"]) | st.integers(0, 99).map(str)
SHAS = st.binary(max_size=3).map(lambda data: hashlib.sha256(data).hexdigest())
ABOUTS = st.sampled_from([{}, {"kind": "x"}, {"kind": "x", "made": 0}, {"kind": "x", "made": 2}])
FILES = st.builds(FileRecord, NAMES.map("f/".__add__) | NAMES, st.integers(0, 9), SHAS, st.integers(0, 9), ABOUTS)
GROUPS = st.lists(FILES, max_size=40, unique_by=lambda file: file.name)
RECORD = ClipRecord("a", "a.mp4", "done", "", "id", InputRecord(1, 2, "aa"), 1, 3.5, token="t")


def of(name, number=0, **about):
    return FileRecord(f"{name}{number:03d}", number, hashlib.sha256(b"%d" % number).hexdigest(), number, about)


def many(name="f/", number=file_lists.FROM, **about):
    return [of(name, i, **about) for i in range(number)]


def put(root, clip_id, files):
    for path, data in file_lists.lists(root, clip_id, files).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@given(GROUPS)
def test_what_is_folded_comes_back_file_by_file(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("root")
    put(root, "a", files)
    entries = file_lists.fold(files)
    assert all(fits_entry(vars(one)) and entry(vars(one)) == one for one in entries)
    record = dataclasses.replace(RECORD, writers={"w": WriterRecord("w", entries)})
    assert file_lists.contents(root, record) == {file.name: (file.bytes, file.sha256) for file in files}
    assert sum(getattr(one, "count", 1) for one in entries) == len(files)
    assert sum(one.bytes for one in entries) == sum(file.bytes for file in files)
    assert sum(one.about.get("made", 0) for one in entries) == sum(file.about.get("made", 0) for file in files)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (many(), ["f/"]),
        (many(number=file_lists.FROM - 1), None),
        (many(""), None),
        ([*many(), of("f/x", 1, kind="other")], None),
        ([*many(), of("f/\n", 1)], None),
        ([*many(kind="x"), of("f/x", 1, kind="x", made=1)], None),
        (many("f/g/") + many("f/h/"), ["f/g/", "f/h/"]),
    ],
    ids=["many", "few", "of no folder", "of two kinds", "a name of two lines", "one counts more", "two folders"],
)
def test_files_of_one_folder_that_differ_in_no_fact_are_folded(files, expected):
    assert [one.name for one in file_lists.fold(files)] == (expected or [file.name for file in files])


@pytest.mark.parametrize("harm", ["gone", "short", "other", "foreign name"])
def test_a_list_that_is_damaged_is_none(tmp_path, harm):
    put(tmp_path, "a", many())
    (folder,) = file_lists.fold(many())
    path = file_lists.place(tmp_path, "a", "f/", folder.number)
    assert len(file_lists.of_folder(tmp_path, "a", folder)) == folder.count
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(
            {"short": data[:-5], "other": data.replace(b"f", b"0", 1), "foreign name": b"a 1 ../b\n"}[harm]
        )
    number = folder.number
    if harm == "foreign name":
        number = file_lists.number(hashlib.sha256(path.read_bytes()).hexdigest())
        path.rename(file_lists.place(tmp_path, "a", "f/", number))
    assert file_lists.read(tmp_path, "a", "f/", number) is None


def test_where_a_list_is_lost_the_folder_tells_if_all_of_it_fits(tmp_path):
    (tmp_path / "f").mkdir()
    files = many()
    for number, file in enumerate(files):
        (tmp_path / file.name).write_bytes(b"%d" % number)
    files = [dataclasses.replace(file, bytes=(tmp_path / file.name).stat().st_size) for file in files]
    record = dataclasses.replace(RECORD, writers={"w": WriterRecord("w", file_lists.fold(files))})
    known = {file.name: (file.bytes, file.sha256) for file in files}
    assert file_lists.contents(tmp_path, record) == known
    (tmp_path / "f" / "mine").write_text("mine")
    assert file_lists.contents(tmp_path, record) == dict.fromkeys([*known, "f/mine"])


@pytest.mark.parametrize(
    "change",
    [
        {"count": 0},
        {"count": "5"},
        {"sha256": "x"},
        {"sha256": "A" * 64},
        {"name": "/"},
        {"name": "../"},
        {"name": "a//"},
    ],
)
def test_a_folder_that_no_run_records_makes_it_no_record(change):
    (folder,) = file_lists.fold(many())
    record = dataclasses.replace(RECORD, writers={"w": WriterRecord("w", (folder,))}).to_json()
    assert record["schema"] == 2
    assert ClipRecord.from_json(record) is not None
    record["writers"]["w"]["files"] = [{**vars(folder), **change}]
    assert ClipRecord.from_json(record) is None
    assert isinstance(folder, FolderRecord)
