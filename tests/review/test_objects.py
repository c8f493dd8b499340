"""What verify makes of arrays of Python objects: it reads those of VideoPose3D, and runs nothing."""

from __future__ import annotations

import os
import pickle
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from samples import extraction, track, with_everybody

from posecfg.review.contents import look
from posecfg.writers.videopose3d import VideoPose3D


@pytest.fixture
def made(tmp_path):
    """Write both files of a clip of three rows, and return their paths."""
    paths = []

    class Folder:
        @contextmanager
        def open(self, name, about=None):
            paths.append(tmp_path / name.rpartition("/")[2])
            with paths[-1].open("wb") as stream:
                yield stream

    VideoPose3D().write(with_everybody(extraction(track(3, missing=[1]))), Folder())
    return paths


def test_files_of_the_writer_are_read(made):
    custom, film = map(look, made)
    assert (custom.error, custom.shape, custom.nans) == ("", (3, 17, 2), 0)
    assert (film.error, film.shape) == ("", (3,))


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hacked",)


@pytest.mark.parametrize("how", ["numpy", "inside"])
def test_nothing_in_a_pickle_is_run(tmp_path, monkeypatch, how):
    monkeypatch.chdir(tmp_path)
    if how == "numpy":
        np.savez("bad.npz", positions_2d=np.array(Hostile(), dtype=object))
    else:
        array = np.array([{"a": Hostile()}], dtype=object)
        with zipfile.ZipFile("bad.npz", "w") as archive, archive.open("boxes.npy", "w") as member:
            np.lib.format.write_array_header_1_0(member, {"descr": "|O", "fortran_order": False, "shape": (1,)})
            pickle.dump(array, member, protocol=3)
    assert "it asks for" in look(tmp_path / "bad.npz").error
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("cut", [40, 200, -30])
def test_a_damaged_file_is_an_error(made, cut):
    for path in made:
        path.write_bytes(path.read_bytes()[:cut])
        assert "cannot be read" in look(path).error


def test_objects_of_others_are_an_error_and_no_crash(tmp_path):
    np.savez(tmp_path / "a.npz", boxes=np.array([None, 3], object))
    assert look(tmp_path / "a.npz").error
    np.savez(tmp_path / "b.npz", positions_2d=np.array([1], object), metadata=np.array({"w": 3}, object))
    assert look(tmp_path / "b.npz").error
