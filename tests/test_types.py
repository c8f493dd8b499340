"""Containers of arrays are compared by what they hold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import samples

from posecfg.types import Boxes, Camera, Clip, Detections, Extraction, Meaning, Person, Truth


def extraction():
    track, clip = samples.track(3, missing=[1], xyz=True), Clip("film", Path("film.mp4"))
    return Extraction(clip, samples.clock(3), track.skeleton, Meaning(), (track,), seconds=np.float32([1, 2, 3]))


def detections():
    one = samples.poses((1, 2, 3, 4))
    numbers = (np.array(values) for values in ([0], [0, 1], [0]))
    return Detections(one.skeleton, one.meaning, *numbers, one.boxes.xyxy, one.boxes.scores, one.xy, one.scores)


def person():
    return Person(1, samples.DOT, np.full((1, 2), np.nan, np.float32), np.ones(1, np.float32))


def camera():
    return Camera(np.eye(3), np.eye(3), np.zeros(3), np.zeros(5), (48, 64))


MADE = {
    "clock": (lambda: samples.clock(3), {"times": np.array([0, 1, 2.0])}),
    "track": (lambda: samples.track(3, missing=[1]), {"scores": np.zeros((3, 17), np.float32)}),
    "poses": (lambda: samples.poses((1, 2, 3, 4), depth=True), {"depth": None}),
    "detections": (detections, {"tracks": np.array([-1])}),
    "boxes": (lambda: samples.poses((1, 2, 3, 4)).boxes, {"scores": np.zeros(1, np.float32)}),
    "truth": (lambda: Truth(("nose",), np.zeros((1, 2, 1, 2), np.float32)), {"xy": np.zeros((1, 3, 1, 2))}),
    "camera": (camera, {"size": (64, 48)}),
    "person": (person, {"made": True}),
    "extraction": (extraction, {"seconds": np.float32([1, 2, 4])}),
}


@pytest.mark.parametrize(("make", "other"), MADE.values(), ids=MADE)
def test_containers_are_equal_if_all_that_they_hold_is(make, other):
    assert make() == make()
    assert make() != replace(make(), **other)
    assert make() != "another thing"


def test_containers_inside_are_compared_too():
    one = extraction()
    assert one != replace(one, tracks=(replace(one.tracks[0], valid=np.ones(3, bool)),))
    assert samples.poses((1, 2, 3, 4)).boxes != Boxes(np.zeros((1, 4)), np.zeros(1))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"boxes": np.zeros((1, 2, 3))}, r"true boxes to have shape \(1, 2, 4\), but got \(1, 2, 3\)"),
        ({"scores": np.zeros((1, 2, 3))}, r"true scores to have shape \(1, 2, 1\)"),
        ({"areas": np.zeros((2, 1))}, r"true areas to have shape \(1, 2\)"),
        ({"xyz": np.zeros((1, 2, 1, 3))}, "xyz and its space together"),
    ],
)
def test_what_else_a_truth_knows_has_the_people_and_rows_of_its_points(more, words):
    with pytest.raises(ValueError, match=words):
        Truth(("nose",), np.zeros((1, 2, 1, 2), np.float32), **more)
