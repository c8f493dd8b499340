"""Annotation files of COCO and COCO-WholeBody, foreign and broken ones included."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cocofile import PERSON, keypoints, person, reasons, stored, whole
from samples import clock
from whole_runs import go, sidecar_of

from posecfg.datasets import coco_truth
from posecfg.datasets.coco import Coco
from posecfg.errors import ClipError, ConfigError
from posecfg.loading import load
from posecfg.review.inputs import look_at_inputs
from posecfg.skeletons.coco17 import SKELETON
from posecfg.store.inputs import Inputs


def test_pictures_are_listed_by_their_ids_with_their_people(place):
    crowd = {"keypoints": [0] * 51, "iscrowd": 1, "num_keypoints": 0}
    path = stored(
        place, whole([person(5, 9), person(0, 10), person(7, 9, keypoints=keypoints(7, 1)), person(8, 8, **crowd)])
    )
    (clip,) = Coco(path).scan().clips
    assert clip.pictures == ("sub/c.png", "a.jpg", "b.jpg")
    assert (clip.id, clip.independent, clip.path) == ("person_keypoints_val/0000", True, place / "images")
    known = clip.truth(clock(3))
    assert known.keypoints == SKELETON.keypoints
    assert known.image_ids.tolist() == [8, 9, 10]
    assert known.ids.tolist() == [[8, 5, 0], [-1, 7, -1]]
    assert known.crowd.tolist() == [[True, False, False], [False] * 3]
    assert known.xy[1, 1, 3].tolist() == [10, 6]
    assert np.isnan(known.xy[0, 0]).all(), "nothing is labelled in a crowd"
    assert known.visible[:, 1, 0].tolist() == [2, 1]
    assert known.boxes[0, 1].tolist() == [1, 2, 11, 22]
    assert known.areas[0].tolist() == [150.5] * 3
    assert np.isnan(known.areas[1, 0])


def test_rows_have_the_people_of_their_pictures_also_where_one_was_damaged(place):
    path = stored(place, whole([person(5, 9), person(6, 10)]))
    (clip,) = Coco(path).scan().clips
    known = clip.truth(replace(clock(2), indices=np.array([0, 2])))
    assert known.ids.tolist() == [[-1, 6]]


def test_a_crowd_does_not_take_the_memory_of_all_pictures(place, monkeypatch):
    monkeypatch.setattr(coco_truth, "MOST", 2 * 17)
    path = stored(place, whole([person(5, 9), person(6, 9)]))
    (clip,) = Coco(path).scan().clips
    with pytest.raises(ClipError, match=r"one of 3 has 2, .* type dataset.pictures=1\."):
        clip.truth(clock(3))
    people = [clip.truth(clock(1)).xy.shape[0] for clip in Coco(path, pictures=1).scan().clips]
    assert people == [0, 2, 0]


def test_pictures_whose_ids_are_texts_are_told_as_such(place):
    data = whole([])
    data["images"] = [{"id": str(n), "file_name": "a.jpg"} for n in range(3)]
    with pytest.raises(ConfigError, match="3 picture without a whole number as id"):
        Coco(stored(place, data)).scan()


def test_clips_hold_so_many_pictures(place):
    path = stored(place, whole([person(5, 9)]))
    clips = Coco(path, pictures=2).scan().clips
    assert [(clip.id, clip.pictures) for clip in clips] == [
        ("person_keypoints_val/0000", ("sub/c.png", "a.jpg")),
        ("person_keypoints_val/0001", ("b.jpg",)),
    ]
    (clip,) = Coco(path, empty="skip").scan().clips
    assert clip.pictures == ("a.jpg",)
    assert reasons(path, empty="skip")["b.jpg"] == "nobody is annotated: dataset.empty=keep takes it"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("{", "to be a JSON file of COCO, but it is none"),
        ("[" * 100_000, "to be a JSON file of COCO, but it is none"),
        ([1], "no list 'images'"),
        ({"images": [], "annotations": {}}, "no list 'annotations'"),
        (whole([]) | {"categories": [{"id": 1, "name": "cat"}]}, "one category 'person' with names of keypoints"),
        (whole([]) | {"categories": [PERSON | {"keypoints": ["nose", "nose"]}]}, "names of their own"),
        (whole([], ["gone.jpg"]), r"the first of them is in none: name their folder with dataset\.images="),
    ],
)
def test_a_file_that_is_none_is_one_sentence(place, data, told):
    with pytest.raises(ConfigError, match=told):
        Coco(stored(place, data)).scan()


def test_pictures_are_found_beside_the_file_or_where_they_are_said_to_be(place):
    path = stored(place, whole([person(1, 9)]))
    (place / "images").rename(place / "val")
    assert Coco(path).scan().clips[0].path == place / "val"
    (place / "val").rename(place / "elsewhere")
    assert Coco(path, images=str(place / "elsewhere")).scan().clips[0].path == place / "elsewhere"
    with pytest.raises(ConfigError, match=r"dataset\.images to be the folder"):
        Coco(path, images=str(place / "nowhere")).scan()
    with pytest.raises(ConfigError, match="JSON file of COCO, such as"):
        Coco(str(place)).scan()


def test_listed_pictures_and_what_is_beside_them_are_inputs(place):
    clips = Coco(stored(place, whole([person(5, 9)]))).scan().clips
    known = Inputs.of(place / "images", clips)
    assert known.has(place / "images", "sub/another.png")
    assert known.has(place, "images/a.jpg")


def test_a_run_replays_scores_and_resumes_the_pictures(place, tmp_path):
    path, out = stored(place, whole([person(5, 9), person(6, 10), person(7, 10)])), tmp_path / "out"
    words = ("dataset=coco", f"dataset.path={path}", "dataset.pictures=2", "detector=annotations", "persons=all")
    words = (*words, "writer=[npz]", "metric=[pck]")
    went = go(out, *words)
    assert (went.done, went.report.scores.values()["pck"][0]) == (2, 1.0)
    assert sidecar_of(out, "person_keypoints_val/0000")["notes"]["pictures"] == ["sub/c.png", "a.jpg"]
    assert len(load(out / "person_keypoints_val/0001.npz").tracks) == 2
    assert go(out, *words).todo == {}
    assert look_at_inputs(out, lambda done, total: None).same == {f"person_keypoints_val/000{n}" for n in (0, 1)}
    # Other annotations of one picture are of one clip, and another picture changes its own alone.
    stored(place, whole([person(5, 9), person(6, 10), person(7, 10, keypoints=keypoints(70))]))
    assert go(out, *words).why == {"annotated otherwise": 1}
    (place / "images" / "a.jpg").write_bytes((place / "images" / "b.jpg").read_bytes())
    assert list(go(out, *words).todo) == ["person_keypoints_val/0000"]


@pytest.mark.parametrize("name", ["x" * 5000 + ".jpg", "x" * 5000 + "/a.jpg", "x/" * 3000 + "a.jpg"])
def test_a_name_that_is_too_long_for_a_file_is_that_of_no_picture(place, name):
    path = stored(place, whole([person(5, 9), person(6, 10)], ["a.jpg", name]))
    assert Coco(path).scan().clips[0].pictures == ("a.jpg",)
    assert list(reasons(path).values()) == ["no such picture"]
