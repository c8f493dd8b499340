from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg.writers.openpose import Openpose

PARTS = {"pose": 25, "face": 70, "hand_left": 21, "hand_right": 21}


@pytest.fixture
def frames(written):
    def read(source, **arguments):
        files = written(Openpose(**arguments), source).data
        return {name: json.loads(data) for name, data in files.items()}

    return read


def points(person, part="pose"):
    return np.array(person[f"{part}_keypoints_2d"]).reshape(-1, 3)


def test_one_file_a_row_named_as_openpose_does(frames):
    got = frames(extraction(track(2), clip_id="S1/film"))
    assert list(got) == [f"S1/film_json/film_{n:012d}_keypoints.json" for n in range(2)]
    for frame in got.values():
        assert frame["version"] == 1.3
        (person,) = frame["people"]
        assert list(person) == [
            "person_id",
            *(f"{part}_keypoints_2d" for part in PARTS),
            *(f"{part}_keypoints_3d" for part in PARTS),
        ]


def test_body25_from_coco_has_zero_feet_and_derived_middles(frames):
    source = track(3)
    person = frames(extraction(source))["folder/film_json/film_000000000002_keypoints.json"]["people"][0]
    body = points(person)
    assert body.shape == (25, 3)
    np.testing.assert_allclose(body[0], [*source.xy[2, 0], 0.5])
    np.testing.assert_allclose(body[1, :2], source.xy[2, [5, 6]].mean(axis=0))
    np.testing.assert_allclose(body[8, :2], source.xy[2, [11, 12]].mean(axis=0))
    assert (body[19:] == 0).all()
    assert person["face_keypoints_2d"] == []
    assert person["hand_left_keypoints_2d"] == []


def test_wholebody_fills_face_and_hands(frames):
    source = track(1, "wholebody133")
    (person,) = next(iter(frames(extraction(source)).values()))["people"]
    for part, size in PARTS.items():
        assert points(person, part).shape == (size, 3)
        assert (points(person, part)[:, 2] > 0).all()
    np.testing.assert_allclose(points(person, "face")[:68, :2], source.xy[0, 23:91])
    np.testing.assert_allclose(points(person, "face")[68:, :2], source.xy[0, [2, 1]])
    np.testing.assert_allclose(points(person, "hand_right")[:, :2], source.xy[0, 112:])


def test_blazepose_has_big_toes_and_heels_but_no_face(frames):
    (person,) = next(iter(frames(extraction(track(1, "blazepose33", xyz=True))).values()))["people"]
    assert (points(person)[[19, 21, 22, 24], 2] > 0).all()
    assert (points(person)[[20, 23]] == 0).all()
    assert person["face_keypoints_2d"] == []


def test_only_those_present_are_listed(frames):
    got = list(frames(extraction(track(3, missing=[0]), track(3, person=5, missing=[0, 1]))).values())
    assert [[p["person_id"] for p in frame["people"]] for frame in got] == [[], [[0]], [[0], [5]]]


def test_a_missing_point_is_zero_and_json_stays_valid(frames, written):
    source = track(1)
    source.xy[0, 9] = np.nan
    source.scores[0, 10] = np.nan
    (person,) = next(iter(frames(extraction(source)).values()))["people"]
    assert points(person)[7].tolist() == [0, 0, 0]
    assert points(person)[4].tolist() == [10, 0, 0]
    (data,) = written(Openpose(), extraction(source)).data.values()
    assert b"NaN" not in data


def test_mask_zeroes_low_scores(frames):
    (person,) = next(iter(frames(extraction(track(1)), mask=True, kpt_thr=0.51).values()))["people"]
    assert points(person)[0].tolist() == [0, 0, 0]


def test_files_can_be_numbered_by_the_frame_of_the_film(frames):
    source = extraction(track(3))
    source = replace(source, clock=replace(source.clock, indices=np.array([4, 4, 9])))
    assert [name[-26:-15] for name in frames(source, frame="index")] == ["00000000004", "00000000009"]
    assert len(frames(source)) == 3


def test_made_up_people_are_marked(frames, written):
    found, filled = track(2), track(2, person=1)
    filled.valid[1], filled.made[1] = False, True
    first, second = frames(extraction(found, filled)).values()
    assert [person.get("interpolated") for person in first["people"]] == [None, None]
    assert [person.get("interpolated") for person in second["people"]] == [None, True]
    about = written(Openpose(), extraction(found, filled)).about.values()
    assert [facts["made"] for facts in about] == [0, 1]


def test_a_face_mesh_gives_the_face_and_irises_the_pupils():
    from posecfg.writers.openpose import PARTS, _part

    for name, pupils in (("holistic543", ("right_eye", "left_eye")), ("holistic553", ("face_468", "face_473"))):
        source = track(2, name)
        at = source.skeleton.index
        face = _part(source, PARTS["face"])
        for point, own in (
            (0, "face_127"),
            (8, "face_152"),
            (36, "face_33"),
            (48, "face_61"),
            (68, pupils[0]),
            (69, pupils[1]),
        ):
            assert np.array_equal(face[:, point, :2], source.xy[:, at[own]])
        hand = _part(source, PARTS["hand_left"])
        assert np.array_equal(hand[..., :2], source.xy[:, at["left_hand_root"] : at["left_hand_root"] + 21])
