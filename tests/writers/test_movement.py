"""Files for the movement package, read by the HDF5 library alone."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg import backends, skeletons
from posecfg.errors import BackendMissing, ClipError, ConfigError
from posecfg.writers.movement import Movement

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
needs_h5py = pytest.mark.skipif(not backends.present("h5py"), reason="h5py is not installed")


@pytest.fixture
def opened(written):
    def read(source, **settings):
        h5py = pytest.importorskip("h5py", reason="h5py is not installed")
        (data,) = written(Movement(**settings), source).data.values()
        return h5py.File(io.BytesIO(data))

    return read


@needs_h5py
def test_numbers_names_times_and_ids_come_back(opened):
    done = extraction(track(3, missing=[1]), track(3, person=7))
    done = replace(done, clock=replace(done.clock, times=np.array([0.0, 0.1, 0.9]), indices=np.array([3, 5, 9])))
    file = opened(done)
    assert file["time"][:].tolist() == [0.0, 0.1, 0.9]
    assert file["frame"][:].tolist() == [3, 5, 9]
    assert [name.decode() for name in file["individuals"][:]] == ["person_0", "person_7"]
    assert tuple(name.decode() for name in file["keypoints"][:]) == skeletons.load("coco17").keypoints
    position = file["position"][:]
    assert position.shape == (3, 2, 17, 2)
    for person, one in enumerate(done.tracks):
        np.testing.assert_array_equal(position[..., person].swapaxes(1, 2), one.xy)
        np.testing.assert_array_equal(file["confidence"][..., person], one.scores)
    assert "fps" not in file.attrs, "times are not even"
    assert file.attrs["ds_type"] == "poses"


@needs_h5py
def test_points_in_space_are_taken_where_there_are_any_unless_pixels_are_asked_for(opened):
    done = extraction(track(3, xyz=True))
    assert opened(done)["position"].shape == (3, 3, 17, 1)
    assert opened(done).attrs["space_unit"].startswith("metres")
    assert opened(done).attrs["fps"] == 30
    assert opened(done, space="xy")["position"].shape == (3, 2, 17, 1)
    assert opened(done, keypoints=["nose"])["keypoints"].shape == (1,)


@needs_h5py
@pytest.mark.parametrize(
    ("done", "shape"), [(extraction(rows=3), (3, 2, 17, 0)), (extraction(track(0)), (0, 2, 17, 1))]
)
def test_a_clip_without_people_or_rows_has_a_file_with_none(opened, done, shape):
    file = opened(done)
    assert file["position"].shape == shape
    assert file["time"].shape == (shape[0],)
    assert file["keypoints"].shape == (17,)


@needs_h5py
def test_what_has_no_place_in_the_format_is_refused(written):
    with pytest.raises(ClipError, match="those of this clip have none"):
        written(Movement(space="xyz"), extraction(track(2)))
    unrelated = extraction(track(2))
    with pytest.raises(ClipError, match="these pictures are unrelated"):
        written(Movement(), replace(unrelated, clip=replace(unrelated.clip, independent=True)))
    with pytest.raises(ConfigError, match="type space=auto"):
        Movement(space="xyz").check(skeletons.load("coco17"), ())


def test_without_the_library_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    with pytest.raises(BackendMissing, match=r"pip install 'posecfg\[movement\]'"):
        Movement()
