"""The inputs of VideoPose3D's scripts, read as NumPy reads them, and as those scripts take them apart."""

from __future__ import annotations

import io
import pickletools
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from samples import everybody, extraction, extractions, poses, track

from posecfg import skeletons
from posecfg.errors import ConfigError, Dropped
from posecfg.writers.object_arrays import Objects, write_objects
from posecfg.writers.videopose3d import VideoPose3D

COCO = skeletons.load("coco17")


def loaded(data):
    return np.load(io.BytesIO(data), allow_pickle=True, encoding="latin1")


@pytest.fixture
def crowd():
    """Two in the first row, of whom the worse is followed; nobody in the second; one with a low score in the third."""
    frames = [
        poses((0, 1, 9, 9), (5, 6, 20, 21), scores=[0.4, 0.8], skeleton=COCO),
        poses(skeleton=COCO),
        poses((7, 7, 9, 9), scores=[0.2], skeleton=COCO),
    ]
    seen = everybody(frames, [[(0, 0)], [], [(0, 0)]], [0, 1, 2])
    return replace(extraction(track(3, missing=[1]), clip_id="S1/film"), detections=seen)


def best(boxes, keypoints):
    """Take a detections file apart: the best box of each row and its keypoints, or None."""
    rows = []
    for (_, box), (_, points) in zip(boxes, keypoints, strict=True):
        if len(box) == 0 or len(points) == 0:
            rows.append(None)
        else:
            place = np.argmax(box[:, 4])
            rows.append((box[place, :4], points[place].T.copy()))
    return rows


def test_the_two_files_have_their_names_and_what_the_scripts_ask_for(written, crowd):
    custom, film = written(VideoPose3D(), crowd).data.items()
    assert (custom[0], film[0]) == ("S1/film/data_2d_custom_film.npz", "S1/film/film.mp4.npz")
    data = loaded(custom[1])
    positions, metadata = data["positions_2d"].item(), data["metadata"].item()
    assert metadata == {
        "layout_name": "coco",
        "num_joints": 17,
        "keypoints_symmetry": [[1, 3, 5, 7, 9, 11, 13, 15], [2, 4, 6, 8, 10, 12, 14, 16]],
        "video_metadata": {"film.mp4": {"w": 200, "h": 100}},
    }
    (xy,) = positions["film.mp4"]["custom"]
    assert (xy.dtype, xy.shape) == (np.float32, (3, 17, 2))
    np.testing.assert_array_equal(xy[[0, 2]], crowd.tracks[0].xy[[0, 2]])
    np.testing.assert_allclose(xy[1], xy[[0, 2]].mean(axis=0))


def test_detections_are_everybody_above_the_threshold_row_by_row(written, crowd):
    data = loaded(list(written(VideoPose3D(), crowd).data.values())[1])
    assert data["metadata"].item() == {"w": 200, "h": 100}
    assert [len(box) for _, box in data["boxes"]] == [2, 0, 0]
    (box, points), *others = best(data["boxes"], data["keypoints"])
    assert others == [None, None]
    np.testing.assert_array_equal(box, np.float32([5, 6, 20, 21]))
    assert points.shape == (17, 4)
    np.testing.assert_array_equal(points, np.float32([[5, 6, 0, 0.5]] * 17))
    assert list(data["segments"]) == [None] * 3
    lower = loaded(list(written(VideoPose3D(bbox_thr=0.1), crowd).data.values())[1])
    assert [len(box) for _, box in lower["boxes"]] == [2, 0, 1]


def test_people_are_subjects_of_their_own(written, crowd):
    both = replace(crowd, tracks=(track(3), track(3, person=4, missing=[0])), several=True)
    data = loaded(written(VideoPose3D(detections=None), both).data["S1/film/data_2d_custom_film.npz"])
    positions = data["positions_2d"].item()
    assert list(positions) == ["film.person0.mp4", "film.person4.mp4"]
    assert list(data["metadata"].item()["video_metadata"]) == list(positions)
    (late,) = positions["film.person4.mp4"]["custom"]
    np.testing.assert_array_equal(late[0], late[1])


def test_what_a_lifter_lifted_is_written_and_not_what_it_made(written, crowd):
    flat = track(3)
    lifted = replace(track(3, "h36m17", xyz=True), source=flat)
    data = loaded(written(VideoPose3D(), replace(crowd, tracks=(lifted,))).data["S1/film/data_2d_custom_film.npz"])
    np.testing.assert_array_equal(data["positions_2d"].item()["film.mp4"]["custom"][0], flat.xy)


def test_keypoints_of_other_detectors_are_converted_or_refused(written, crowd):
    blaze = replace(crowd, tracks=(track(3, "blazepose33"),), skeleton=skeletons.load("blazepose33"))
    data = loaded(written(VideoPose3D(detections=None), blaze).data["S1/film/data_2d_custom_film.npz"])
    (xy,) = data["positions_2d"].item()["film.mp4"]["custom"]
    np.testing.assert_array_equal(xy[:, 5], blaze.tracks[0].xy[:, 11])
    with pytest.raises(ConfigError, match="upperbody11 lacks"):
        VideoPose3D().check(skeletons.load("upperbody11"))


def test_nobody_is_a_reason_and_not_a_crash(written, crowd):
    with pytest.raises(Dropped, match="no person was found: 3 frames were looked at"):
        written(VideoPose3D(), replace(crowd, tracks=(track(3, missing=range(3)),)))


def test_two_people_in_one_track_are_not_bridged(written):
    one = replace(track(6, missing=[1, 2, 4]), breaks=(3,))
    data = written(VideoPose3D(detections=None), extraction(one)).data
    (xy,) = loaded(next(iter(data.values())))["positions_2d"].item()["film.mp4"]["custom"]
    np.testing.assert_array_equal(xy[:, 0, 0], [0, 0, 0, 3, 4, 5])


def test_any_version_of_numpy_can_read_the_pickles(written, crowd):
    """They ask for names that versions 1 and 2 know, and run nothing else."""
    asked = set()
    for data in written(VideoPose3D(), crowd).data.values():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                member = archive.read(name)
                start = member.index(b"\n") + 1
                asked |= {arg for op, arg, _ in pickletools.genops(member[start:]) if op.name == "GLOBAL"}
    assert asked == {"numpy.core.multiarray _reconstruct", "numpy ndarray", "numpy dtype"}


@given(extractions())
def test_arrays_of_objects_come_back_as_they_were(source):
    values = [{"x": 3, "ü": [None, True, -2.5, {}]}, [], source.clock.indices, *[one.xy for one in source.tracks]]
    stream = io.BytesIO()
    write_objects(stream, Objects((len(values),), values))
    back = np.load(io.BytesIO(stream.getvalue()), allow_pickle=True)
    assert (back.shape, back.dtype) == ((len(values),), np.dtype(object))
    assert list(back[:2]) == values[:2]
    for ours, theirs in zip(back[2:], values[2:], strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    again = io.BytesIO()
    write_objects(again, Objects((len(values),), values))
    assert again.getvalue() == stream.getvalue()
