"""Files of pose-format, read by a reader that was written from the description of the format alone."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from samples import clock, extraction, track
from whole_runs import go

from posecfg import skeletons
from posecfg.errors import ClipError
from posecfg.writers.pose import Pose
from posecfg.writers.pose_components import components


class Reader:
    """Takes numbers and texts off the front of a file."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, form):
        found = struct.unpack_from("<" + form, self.data, self.place)
        self.place += struct.calcsize("<" + form)
        return found

    def text(self):
        (length,) = self.take("H")
        return self.take(f"{length}s")[0].decode()

    def array(self, *shape):
        count = int(np.prod(shape))
        found = np.frombuffer(self.data, "<f4", count, self.place).reshape(shape)
        self.place += found.nbytes
        return found


def read(data):
    """Return (version, size), components by name, the rate, points (T, P, K, D) and confidence (T, P, K)."""
    reader = Reader(data)
    version, width, height, _, number = reader.take("f4H")
    parts = {}
    for _ in range(number):
        name, form = reader.text(), reader.text()
        points, limbs, colors = reader.take("3H")
        names = [reader.text() for _ in range(points)]
        parts[name] = (
            form,
            names,
            [reader.take("2H") for _ in range(limbs)],
            [reader.take("3H") for _ in range(colors)],
        )
    rate, frames, people = reader.take("fIH")
    total = sum(len(names) for _, names, _, _ in parts.values())
    dimensions = max(len(form) for form, *_ in parts.values()) - 1
    values = reader.array(frames, people, total, dimensions)
    confidence = reader.array(frames, people, total)
    assert reader.place == len(data)
    return (version, (width, height)), parts, rate, values, confidence


@pytest.fixture
def made(written):
    """Write an extraction, and return what is known of the file, and the file."""

    def write(done, **settings):
        files = written(Pose(**settings), done)
        (name,) = files.data
        return files.about[name], files.data[name]

    return write


def test_numbers_come_back_as_they_went_in(made):
    done = extraction(track(4, missing=[2]), track(4, person=1))
    about, data = made(done)
    (version, size), parts, rate, values, confidence = read(data)
    assert (round(version, 6), size, rate) == (0.2, done.clock.size, 30)
    assert list(parts) == ["BODY"]
    assert parts["BODY"][1] == list(skeletons.load("coco17").keypoints)
    assert values.shape == (4, 2, 17, 2) == (*about["shape"], 2)
    for person, one in enumerate(done.tracks):
        known = np.isfinite(one.xy).all(axis=2)
        assert np.array_equal(confidence[:, person] > 0, known)
        assert np.array_equal(values[:, person][known], one.xy[known])
        assert np.array_equal(confidence[:, person][known], one.scores[known])
    assert not values[2, 0].any()


def test_mediapipe_keypoints_are_called_as_its_users_know_them_with_metres_beside_pixels(made):
    done = extraction(track(3, "blazepose33", xyz=True))
    _, data = made(done)
    _, parts, _, values, _ = read(data)
    assert [(name, part[0], len(part[1])) for name, part in parts.items()] == [
        ("POSE_LANDMARKS", "XYC", 33),
        ("POSE_WORLD_LANDMARKS", "XYZC", 33),
    ]
    assert parts["POSE_LANDMARKS"][1][:3] == ["NOSE", "LEFT_EYE_INNER", "LEFT_EYE"]
    (one,) = done.tracks
    assert np.array_equal(values[:, 0, :33, :2], one.xy)
    assert np.array_equal(values[:, 0, 33:], one.xyz)


def test_a_whole_body_has_its_face_and_hands_apart():
    parts = {part.name: part for part in components(skeletons.load("wholebody133"), in_space=False)}
    assert {name: len(part.points) for name, part in parts.items()} == {
        "BODY": 23,
        "FACE": 68,
        "LEFT_HAND": 21,
        "RIGHT_HAND": 21,
    }
    assert sorted(index for part in parts.values() for index in part.indices) == list(range(133))
    for part in parts.values():
        assert all(max(limb) < len(part.points) for limb in part.limbs)


def test_holistic_parts_are_called_as_pose_format_calls_them_with_depth_as_a_share_of_the_width(made):
    done = extraction(track(3, "holistic553", xyz=True, depth=True))
    _, data = made(done)
    (_, (width, _)), parts, _, values, confidence = read(data)
    assert [(name, part[0], len(part[1])) for name, part in parts.items()] == [
        ("POSE_LANDMARKS", "XYZC", 33),
        ("FACE_LANDMARKS", "XYZC", 478),
        ("LEFT_HAND_LANDMARKS", "XYZC", 21),
        ("RIGHT_HAND_LANDMARKS", "XYZC", 21),
        ("POSE_WORLD_LANDMARKS", "XYZC", 33),
    ]
    assert parts["POSE_LANDMARKS"][1] == [name.upper() for name in skeletons.load("blazepose33").keypoints]
    assert parts["FACE_LANDMARKS"][1] == [str(number) for number in range(478)]
    for hand in ("LEFT_HAND_LANDMARKS", "RIGHT_HAND_LANDMARKS"):
        names = parts[hand][1]
        assert (names[0], names[1], names[8], names[20]) == ("WRIST", "THUMB_CMC", "INDEX_FINGER_TIP", "PINKY_TIP")
        assert (names[3], names[17], len(set(names))) == ("THUMB_IP", "PINKY_MCP", 21)
    (one,) = done.tracks
    assert np.array_equal(values[:, 0, :553, :2], one.xy)
    np.testing.assert_allclose(values[:, 0, :553, 2], one.depth / width, rtol=1e-6)
    assert np.array_equal(values[:, 0, 553:], one.xyz[:, :33])
    assert (confidence > 0).all()


@pytest.mark.parametrize(
    ("keypoints", "sizes"),
    [
        ("holistic75", {"POSE_LANDMARKS": 33, "LEFT_HAND_LANDMARKS": 21, "RIGHT_HAND_LANDMARKS": 21}),
        ("holistic203", {"POSE_LANDMARKS": 33, "FACE_LANDMARKS": 128, "LEFT_HAND_LANDMARKS": 21}),
        ("facemesh468", {"FACE_LANDMARKS": 468}),
        (["nose", "left_thumb", "left_thumb1", "face_13"], {"POSE_LANDMARKS": 2, "FACE_LANDMARKS": 1}),
        ("wholebody127", {"BODY": 17, "FACE": 68, "LEFT_HAND": 21, "RIGHT_HAND": 21}),
    ],
)
def test_parts_of_holistic_keep_their_names(made, keypoints, sizes):
    done = extraction(track(3, "holistic543", xyz=True, depth=True))
    _, parts, *_ = read(made(done, keypoints=keypoints)[1])
    assert {name: len(parts[name][1]) for name in sizes} == sizes


def test_a_hand_that_is_not_seen_is_masked(made):
    one = track(3, "holistic75", xyz=True, depth=True)
    gone = {name: getattr(one, name).copy() for name in ("xy", "scores", "xyz", "depth")}
    for name, values in gone.items():
        values[1, 33:54] = 0 if name == "scores" else np.nan
    _, parts, _, values, confidence = read(made(extraction(replace(one, **gone)))[1])
    assert list(parts)[1] == "LEFT_HAND_LANDMARKS"
    assert not confidence[1, 0, 33:54].any()
    assert not values[1, 0, 33:54].any()
    assert (confidence[[0, 2]] > 0).all()
    assert (confidence[1, 0, 54:] > 0).all()


def test_a_score_of_nothing_is_no_missing_point(made):
    one = track(2)
    done = extraction(replace(one, scores=np.zeros_like(one.scores)))
    *_, confidence = read(made(done)[1])
    assert (confidence > 0).all()


def test_rows_at_uneven_times_are_put_at_even_ones_or_refused(made):
    uneven = replace(clock(4), times=np.array([0.0, 0.1, 0.25, 0.3]))
    done = replace(extraction(track(4)), clock=uneven)
    about, data = made(done)
    assert "not at even times" in about["warning"]
    assert read(data)[3].shape[0] == about["shape"][0]
    with pytest.raises(ClipError, match=r"writer\.pose\.uneven=resample"):
        made(done, uneven="refuse")


def test_a_clip_without_people_has_a_file_with_none(made):
    about, data = made(extraction(rows=3))
    _, parts, _, values, confidence = read(data)
    assert (values.shape, confidence.shape) == ((3, 0, 17, 2), (3, 0, 17))
    assert list(parts) == about["components"] == ["BODY"]


def test_a_run_writes_files_that_verify_accepts(tmp_path):
    go(tmp_path / "out", "dataset=synthetic", "dataset.clips=2", "dataset.frames=4", "writer=[pose]", "persons=all")
    names = sorted(path.name for path in (tmp_path / "out").glob("*.pose"))
    assert names == ["synthetic_0000.pose", "synthetic_0001.pose"]
    *_, confidence = read((tmp_path / "out" / names[0]).read_bytes())
    assert confidence.shape == (4, 1, 17)
