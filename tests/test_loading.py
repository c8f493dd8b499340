from __future__ import annotations

import io
import json
import shutil
import zipfile
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from samples import everybody, extraction, extractions, poses, track

from posecfg.errors import PosecfgError
from posecfg.loading import load
from posecfg.types import Extraction
from posecfg.writers.npz import Npz


class Folder:
    """Files straight into a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def open(self, name, about=None):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        with (self.root / name).open("wb") as stream:
            yield stream


def store(root, source, **arguments) -> Path:
    writer = Npz(**arguments)
    writer.write(source, Folder(root))
    return root / writer.target(source.clip.id)


def same(a, b, where=""):
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, where
        np.testing.assert_array_equal(a, b, err_msg=where)
    elif is_dataclass(a):
        for field in fields(a):
            if field.name not in ("path", "timings", "frames"):
                same(getattr(a, field.name), getattr(b, field.name), f"{where}.{field.name}")
    elif isinstance(a, tuple) and a and is_dataclass(a[0]):
        assert len(a) == len(b), where
        for i, (left, right) in enumerate(zip(a, b, strict=True)):
            same(left, right, f"{where}[{i}]")
    else:
        assert a == b, where


@given(extractions())
def test_everything_comes_back_exactly(tmp_path_factory, source):
    path = store(tmp_path_factory.mktemp("npz"), source)
    back = load(path)
    assert isinstance(back, Extraction)
    same(source, back)
    assert back.frames is None
    assert back.timings == {}


@given(extractions())
def test_writing_what_was_read_gives_the_same_bytes(tmp_path_factory, source):
    root = tmp_path_factory.mktemp("npz")
    first = store(root / "1", source)
    assert store(root / "2", load(first)).read_bytes() == first.read_bytes()


def test_a_folder_is_a_dictionary_of_clips(tmp_path):
    for clip in ("b", "a/film"):
        store(tmp_path, extraction(track(2), clip_id=clip), path="x/{id}")
    (tmp_path / ".posecfg").mkdir()
    shutil.copy(store(tmp_path, extraction(track(2), clip_id="old")), tmp_path / ".posecfg/old.npz")
    (tmp_path / "old.npz").unlink()
    np.savez(tmp_path / "foreign.npz", a=np.arange(3))
    found = load(str(tmp_path))
    assert sorted(found) == ["a/film", "b"]
    assert len(found["b"].tracks[0]) == 2


def test_a_clip_stored_twice_is_refused(tmp_path):
    for path in ("1/{id}", "2/{id}"):
        store(tmp_path, extraction(track(1)), path=path)
    with pytest.raises(PosecfgError, match="'folder/film' twice"):
        load(tmp_path)


def test_a_folder_without_native_files_says_what_to_add(tmp_path):
    with pytest.raises(PosecfgError, match=r"writer=\[npy,npz\]"):
        load(tmp_path)


def test_what_is_not_native_is_named(tmp_path):
    with pytest.raises(PosecfgError, match="there is no"):
        load(tmp_path / "none.npz")
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(PosecfgError, match=r"read it with numpy\.load"):
        load(tmp_path / "a.npy")
    np.savez(tmp_path / "foreign.npz", a=np.arange(3))
    with pytest.raises(PosecfgError, match="was not written by posecfg"):
        load(tmp_path / "foreign.npz")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_cut_file_is_damaged(tmp_path, share):
    path = store(tmp_path, extraction(track(20)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(PosecfgError, match="damaged"):
        load(path)
    with pytest.raises(PosecfgError, match="damaged"):
        load(tmp_path)


def test_an_altered_byte_is_noticed(tmp_path):
    path = store(tmp_path, extraction(track(20)), compress=False)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(PosecfgError, match="damaged"):
        load(path)


def rewritten(path: Path, change) -> None:
    """Change members of a native file, keeping it a sound zip."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def npy(array) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("xy.npy", npy(np.zeros((1, 2, 16, 2), np.float32))),
        ("xy.npy", npy(np.array([{}], dtype=object))),
        ("xy.npy", b"nonsense"),
        ("header.json", b"nonsense"),
        ("header.json", b'{"schema":1}'),
    ],
)
def test_members_that_do_not_fit_are_damage(tmp_path, name, data):
    path = store(tmp_path, extraction(track(2)))
    rewritten(path, lambda members: members.update({name: data}))
    with pytest.raises(PosecfgError, match="damaged"):
        load(path)


@pytest.mark.parametrize("rate", [0, -25, float("nan"), float("inf")])
def test_a_film_without_a_rate_is_damage(tmp_path, rate):
    path = store(tmp_path, extraction(track(2)))
    headed(path, lambda header: header["clock"].update(fps=rate))
    with pytest.raises(PosecfgError, match=r"damaged .*its film has .* frames a second"):
        load(path)


@pytest.mark.parametrize("name", ["\ud800", "\x1b[31m", "two\nlines"])
def test_a_keypoint_that_no_file_can_name_is_damage(tmp_path, name):
    path = store(tmp_path, extraction(track(2)))
    headed(path, lambda header: header["skeleton"]["keypoints"].__setitem__(0, name))
    with pytest.raises(PosecfgError, match=r"damaged .*names of its skeleton are no printable texts"):
        load(path)


def headed(path, change):
    """Change the header of a native file."""

    def write(members):
        header = json.loads(members["header.json"])
        change(header)
        members["header.json"] = json.dumps(header).encode()

    rewritten(path, write)


def test_a_newer_schema_asks_for_a_newer_posecfg(tmp_path):
    path = store(tmp_path, extraction(track(2)))
    rewritten(path, lambda members: members.update({"header.json": json.dumps({"schema": 3}).encode()}))
    with pytest.raises(PosecfgError, match="has schema 3, but this posecfg reads schema 2 and earlier ones"):
        load(path)


def test_a_file_of_the_first_schema_is_read(tmp_path):
    """Schema 1 had neither sources nor detections, and its tracks did not say whether they are alone."""
    source = extraction(track(3, missing=[1], xyz=True))
    path = store(tmp_path, source)

    def older(members):
        header = json.loads(members["header.json"])
        header["schema"] = 1
        for name in ("source", "detections"):
            del header[name]
        del header["tracks"][0]["alone"]
        members["header.json"] = json.dumps(header).encode()

    rewritten(path, older)
    same(source, load(path))


@pytest.mark.parametrize("name", ["detections_offsets", "detections_rows"])
def test_detections_that_point_outside_their_arrays_are_damage(tmp_path, name):
    seen = everybody([poses((0, 1, 9, 9)), poses()], [[(0, 0)], []], [0, 1])
    path = store(tmp_path, replace(extraction(track(2)), detections=seen))
    assert isinstance(load(path), Extraction)
    stream = io.BytesIO()
    np.save(stream, np.array([0, 1, 2, 7]))
    rewritten(path, lambda members: members.update({f"{name}.npy": stream.getvalue()}))
    with pytest.raises(PosecfgError, match="damaged"):
        load(path)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("xy", np.zeros((1, 2, 17, 2), "datetime64[s]")),
        ("xy", np.zeros((1, 2, 17, 2), complex)),
        ("xy", np.zeros((1, 2, 17, 2), [("x", "f4"), ("y", "f4")])),
        ("valid", np.full((1, 2), 7)),
        ("times", np.array([0.0, np.nan])),
        ("indices", np.zeros(2)),
    ],
    ids=["dates", "complex", "fields", "counts", "no time", "fractions"],
)
def test_arrays_of_other_kinds_are_damage(tmp_path, name, array):
    path = store(tmp_path, extraction(track(2)))
    stream = io.BytesIO()
    np.save(stream, array)
    rewritten(path, lambda members: members.update({f"{name}.npy": stream.getvalue()}))
    with pytest.raises(PosecfgError, match="damaged"):
        load(path)
