from __future__ import annotations

import bz2
import io
import json
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import extraction, track
from test_loading import npy, rewritten, store

from posecfg import budgets, environment
from posecfg.errors import ConfigError, PosecfgError
from posecfg.loading import load
from posecfg.review.contents import look
from posecfg.store import record_files


def bomb(path: Path, rows: int = 20_000_000) -> Path:
    """Put a few kB that unpack to 2.7 GB into the place of an array."""
    store(path.parent, extraction(track(2), clip_id=path.stem))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = header((1, rows, 17, 2))
    zeros = rows * 17 * 8
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, head + bytes(64) if name == "xy.npy" else data)
    # What the zip says of the member is what counts, so that no test has to unpack it.
    whole = bytearray(path.read_bytes())
    place = whole.rindex(b"xy.npy") - 46
    whole[place + 24 : place + 28] = struct.pack("<I", len(head) + zeros)
    path.write_bytes(whole)
    return path


def header(shape, dtype: str = "<f4") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def peak(work) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_that_would_fill_the_memory_is_refused_unread(tmp_path):
    path = bomb(tmp_path / "film.npz")
    advice = r"would take 2\.7 GB of memory, more than the 2\.1 GB .* set POSECFG_LOADED_GIB=3 in the environment"

    def refused():
        with pytest.raises(PosecfgError, match=advice):
            load(path)
        assert "POSECFG_LOADED_GIB=3" in look(path).error

    assert peak(refused) < 5 << 20


def test_a_member_beside_the_arrays_counts_and_is_not_read(tmp_path, monkeypatch):
    path = store(tmp_path, extraction(track(2)))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("more.json", bytes(32 << 20))

    assert peak(lambda: load(path)) < 5 << 20
    monkeypatch.setattr(budgets, "LOADED", 16 << 20)

    def refused():
        with pytest.raises(PosecfgError, match=r"would take 33\.6 MB of memory, more than the 16\.8 MB"):
            load(path)

    assert peak(refused) < 5 << 20


def test_the_environment_allows_more_and_refuses_what_is_no_number(tmp_path, monkeypatch):
    monkeypatch.setattr(budgets, "LOADED", 10)
    path = store(tmp_path, extraction(track(2)))
    with pytest.raises(PosecfgError, match="set POSECFG_LOADED_GIB=1 "):
        load(path)
    monkeypatch.setenv(environment.LOADED, "1")
    assert len(load(path).clock) == 2
    for typed in ("0", "000", "-1", "1.5", "x", "1000000", "9" * 5000):
        monkeypatch.setenv(environment.LOADED, typed)
        with pytest.raises(ConfigError, match="a whole number of GiB from 1, but got"):
            load(path)


@pytest.mark.parametrize(
    "data",
    [
        header((1, 2, 17, 2)),
        header((10**9, 17, 2)) + bytes(8),
        header((-1, 17, 2)) + bytes(8),
        header((2,), "<U500000000"),
        npy(np.zeros((1, 2, 17, 2), np.float32)) + b"more",
        npy(np.array([{}], dtype=object)),
        b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535,
        b"\x93NUMPY\x01\x00\x10\x27" + b"(" * 9999 + b"\n",
        b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{",
        b"\x93NUMPY\x09\x00\x00\x00",
    ],
)
def test_a_header_that_does_not_fit_its_member_is_damage(tmp_path, data):
    path = store(tmp_path, extraction(track(2)))
    rewritten(path, lambda members: members.update({"xy.npy": data}))
    with pytest.raises(PosecfgError, match="damaged"):
        load(path)
    assert look(path).error.startswith("cannot be read (")


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_arrays_of_both_formats_that_numpy_writes_are_known_before_they_are_read(tmp_path, version, monkeypatch):
    path = tmp_path / "a.npy"
    with path.open("wb") as stream:
        np.lib.format.write_array(stream, np.zeros(100), version)
    budgets.check_npy(path)
    monkeypatch.setattr(budgets, "LOADED", 799)
    with pytest.raises(PosecfgError, match="more than the 799 B"):
        budgets.check_npy(path)


def test_a_zip_whose_list_is_endless_or_lies_is_damage(tmp_path, monkeypatch):
    path = store(tmp_path, extraction(track(2)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("notes", b"x")
    with pytest.raises(PosecfgError, match="'notes' in it is no array"):
        load(path)
    monkeypatch.setattr(budgets, "_DIRECTORY", 100)
    with pytest.raises(PosecfgError, match="lists too many members"):
        load(path)


def test_a_member_that_grows_beyond_what_the_zip_says_is_not_unpacked(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", b" " * (100 << 20))
    whole = path.read_bytes()
    path.write_bytes(whole.replace(struct.pack("<I", 100 << 20), struct.pack("<I", 10)))

    def refused():
        with pytest.raises(PosecfgError, match="damaged"):
            load(path)

    assert peak(refused) < 5 << 20


def test_ways_to_compress_that_have_no_bound_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("header.json", b"{}")
    assert bz2.compress(b"{}") in path.read_bytes()
    with pytest.raises(PosecfgError, match="compressed in another way than NumPy does"):
        load(path)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"schema":1,"clip":' + b"[" * 100_000])
def test_json_that_is_nested_without_end_is_damage(tmp_path, text):
    path = store(tmp_path, extraction(track(2)))
    rewritten(path, lambda members: members.update({"header.json": text}))
    with pytest.raises(PosecfgError, match="damaged"):
        load(path)
    (tmp_path / "a.json").write_bytes(text)
    assert look(tmp_path / "a.json").error.startswith("cannot be read (")


@given(st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_an_altered_file_gives_a_sentence(tmp_path_factory, data):
    path = store(tmp_path_factory.mktemp("npz"), extraction(track(3)), compress=False)
    whole = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[place] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, ord("("), ord("9")]))
    path.write_bytes(bytes(whole))
    look(path)
    with suppress(PosecfgError):
        load(path)


def test_an_array_behind_the_end_of_its_file_is_damage_and_one_too_large_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.npy").write_bytes(header((10**7, 4)))
    assert look(tmp_path / "a.npy").error.startswith("cannot be read (its header declares 160 MB, but the file has")
    np.save(tmp_path / "b.npy", np.zeros((10, 4), np.float32))
    assert look(tmp_path / "b.npy").error == ""
    monkeypatch.setattr(budgets, "LOADED", 100)
    assert "would take 160 B of memory" in look(tmp_path / "b.npy").error


def test_a_json_text_counts_with_what_it_takes_in_memory(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text(json.dumps({"a": 1}))
    assert look(tmp_path / "a.json").error == ""
    monkeypatch.setattr(budgets, "LOADED", 20)
    assert "would take 32 B of memory" in look(tmp_path / "a.json").error


def test_a_record_that_is_no_record_by_its_size_is_not_read(tmp_path):
    path = tmp_path / "a.json"
    with path.open("wb") as stream:
        stream.truncate(10 << 30)
    assert peak(lambda: record_files.read(path)) < 70 << 20
    with pytest.raises(ValueError, match=r"it has more than 67\.1 MB"):
        budgets.read(path)
    path.write_bytes(b"{}")
    assert budgets.read(path) == b"{}"
