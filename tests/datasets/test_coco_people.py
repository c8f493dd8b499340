"""People of an annotation file: those of COCO-WholeBody, and those whose numbers cannot be used."""

from __future__ import annotations

import numpy as np
import pytest
from cocofile import PERSON, keypoints, person, reasons, stored, whole
from samples import clock

from posecfg.datasets.coco import Coco
from posecfg.errors import ConfigError
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY

LISTS = {"foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21, "righthand_kpts": 21}
PARTLY = "an annotation of it is left out: not all people in it are known"


def truth(path):
    (clip,) = Coco(path).scan().clips
    return clip.truth(clock(len(clip.pictures)))


def test_wholebody_has_133_keypoints_in_five_lists(place):
    told = {name: keypoints(100 * n, 0.7, number) for n, (name, number) in enumerate(LISTS.items(), 1)}
    known = truth(stored(place, whole([person(5, 9, **told)])))
    assert known.keypoints == WHOLEBODY.keypoints
    assert known.ids.tolist() == [[-1, 5, -1]]
    places = {17: 100, 23: 200, 91: 300, 112: 400}
    assert [known.xy[0, 1, place, 0] for place in places] == list(places.values())
    assert set(known.visible[0, 1].tolist()) == {2}


@pytest.mark.parametrize("body", [{}, {name: [] for name in LISTS}, dict.fromkeys(LISTS)])
def test_a_plain_person_among_those_of_wholebody_has_no_known_feet_face_and_hands(place, body):
    told = {name: keypoints(100, 2, number) for name, number in LISTS.items()}
    known = truth(
        stored(place, whole([person(5, 9, **told), person(6, 10, **body), person(7, 9, **told, keypoints=[])]))
    )
    assert known.ids.tolist() == [[-1, 5, 6], [-1, 7, -1]]
    assert known.visible[0, 2].tolist() == [2] * 17 + [0] * 116
    assert np.isnan(known.xy[0, 2, 17:]).all()
    assert known.visible[1, 1].tolist() == [0] * 17 + [2] * 116


def test_feet_that_are_no_list_make_no_file_of_wholebody(place):
    path = stored(place, whole([person(5, 9, foot_kpts=5), person(6, 10)]))
    known = truth(path)
    assert (known.keypoints, known.ids.tolist()) == (tuple(PERSON["keypoints"]), [[-1, 5, 6]])


def test_a_picture_that_loses_an_annotation_is_left_out(place):
    path = stored(place, whole([person(5, 9), person(6, 10), person(7, 10, bbox=[None, 0, 1, 1])]))
    assert Coco(path).scan().clips[0].pictures == ("sub/c.png", "a.jpg")
    assert reasons(path) == {"annotation 7 of b.jpg": "annotation whose bbox are no numbers", "b.jpg": PARTLY}


@pytest.mark.parametrize("image", ["10", 10.0, "10 "])
def test_an_annotation_whose_picture_is_told_as_a_text_costs_that_picture(place, image):
    path = stored(place, whole([person(5, 9), person(6, image), person(7, None), person(8, float("nan"))]))
    found = reasons(path)
    assert found.pop("b.jpg") == PARTLY
    assert set(found) == {"annotation 6 of b.jpg", "annotation 7", "annotation 8"}
    assert set(found.values()) == {"annotation without a whole number as image_id"}


HUGE = 10**400
INFINITE = float("inf")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"keypoints": [str(one) for one in keypoints()]}, "keypoints are no numbers"),
        ({"keypoints": "1" * 51}, "keypoints are no numbers"),
        ({"keypoints": {"a": 1}}, "keypoints are no numbers"),
        ({"keypoints": 0}, "keypoints are no numbers"),
        ({"keypoints": [None, *keypoints()[1:]]}, "keypoints are no numbers"),
        ({"keypoints": [True, *keypoints()[1:]]}, "keypoints are no numbers"),
        ({"keypoints": [[1, 2, 2]] * 17}, "keypoints are no numbers"),
        ({"keypoints": keypoints()[:-1]}, "50 numbers in keypoints, where 17 keypoints have 51"),
        ({"keypoints": keypoints(number=18)}, "54 numbers in keypoints, where 17 keypoints have 51"),
        *(({"keypoints": [one, *keypoints()[1:]]}, "keypoints cannot be so") for one in (1e39, HUGE, INFINITE, np.nan)),
        *(({"keypoints": [1, 1, one, *keypoints()[3:]]}, "keypoints cannot be so") for one in (1e39, np.nan)),
        ({"bbox": "1234"}, "bbox are no numbers"),
        ({"bbox": 5}, "bbox are no numbers"),
        ({"bbox": [1, 2]}, "2 numbers in bbox, not x, y, width and height"),
        *(({"bbox": [one, 0, 1, 1]}, "bbox cannot be so") for one in (1e39, HUGE, INFINITE, np.nan)),
        ({"bbox": [5, 5, -1, 1]}, "bbox cannot be so"),
        ({"area": "9000"}, "area is no numbers"),
        ({"area": True}, "area is no numbers"),
        *(({"area": one}, "area cannot be so") for one in (1e300, 1e39, HUGE, INFINITE, np.nan, -5)),
        *(({"iscrowd": one}, "iscrowd is neither 0 nor 1") for one in ("0", "", 2, 1e39, [0], {}, np.nan)),
        ({"category_id": 3}, "of a category that the file does not list"),
        ({"category_id": "1"}, "of a category that the file does not list"),
    ],
)
def test_a_person_whose_numbers_cannot_be_is_left_out_with_its_picture(place, told, reason):
    path = stored(place, whole([person(5, 9), person(6, 10, **told)]))
    found = reasons(path)
    assert found.pop("b.jpg") == PARTLY
    assert reason in found.pop("annotation 6 of b.jpg")
    assert not found
    assert truth(path).ids.tolist() == [[-1, 5]]


@pytest.mark.parametrize(
    "told",
    [
        {"area": None, "bbox": None, "iscrowd": None},
        {"iscrowd": False, "area": 0},
        {"bbox": []},
        {"keypoints": [1e39, -INFINITE, 0, *keypoints()[3:]]},
    ],
)
def test_what_is_not_told_or_not_labelled_costs_nothing(place, told):
    path = stored(place, whole([person(5, 9, **told)]))
    assert reasons(path) == {}
    assert truth(path).ids.tolist() == [[-1, 5, -1]]


def test_a_file_without_a_single_annotation_that_can_be_used_tells_the_first(place):
    short = PERSON | {"keypoints": PERSON["keypoints"][:5]}
    path = stored(place, whole([person(5, 9), person(6, 10)]) | {"categories": [short]})
    told = (
        "not one of its 2 annotations can be used; the first: annotation 5 of a.jpg, annotation with 51 numbers in key"
    )
    with pytest.raises(ConfigError, match=told):
        Coco(path).scan()
    # Pictures without people, or with things of another kind, are no fault.
    things = whole([person(5, 9, category_id=2)]) | {"categories": [PERSON, {"id": 2, "name": "cat"}]}
    assert reasons(stored(place, things)) == {"annotation 5": "annotation of another category"}


def test_what_cannot_be_used_is_counted_by_its_reason(place):
    data = whole([person(1, 9), person(2, 77), person(3, 9, category_id=3), person(4, 9, keypoints=[1, 2]), 5])
    data["annotations"] += [person(6, 9, bbox=["x", 1, 2, 3]), person(7, [9])]
    extra = ["gone.jpg", "../images/a.jpg", "/etc/passwd", "notes.txt", "sub\\d.jpg", ""]
    data["images"] += [{"id": 20 + n, "file_name": name} for n, name in enumerate(extra)]
    data["categories"].append({"id": 3, "name": "cat"})
    data["images"] += [{"id": 9, "file_name": "twice.jpg"}, {"file_name": "none.jpg"}, "words"]
    found = reasons(stored(place, data))
    assert found.pop("annotations") == "no annotation at all"
    outside = "its name leads out of the folder of the pictures"
    assert found == {
        "annotation 2": "annotation of a picture that the file does not list",
        "annotation 7": "annotation without a whole number as image_id",
        "annotation 3": "annotation of another category",
        "annotation 4 of a.jpg": "annotation with 2 numbers in keypoints, where 17 keypoints have 51",
        "annotation 6 of a.jpg": "annotation whose bbox are no numbers",
        "a.jpg": PARTLY,
        "picture 25": "picture without a whole number as id and a file_name",
        "picture None": "picture without a whole number as id and a file_name",
        "twice.jpg": "picture with the id of another, first 'a.jpg'",
        "gone.jpg": "no such picture",
        "../images/a.jpg": outside,
        "/etc/passwd": outside,
        "sub\\d.jpg": outside,
        "notes.txt": "its name is that of no picture",
    }
