"""What both halves of top-down detectors keep to, built from their YAML files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from stills import Stills
from yaml_options import params

from posecfg import skeletons
from posecfg.models import own_files
from posecfg.types import Boxes

COUNT = 5


@pytest.fixture
def pixels():
    """Return pictures in which a red square grows; the first is black."""
    found = np.zeros((COUNT, 96, 128, 3), np.uint8)
    for number in range(1, COUNT):
        found[number, 20 : 40 + 10 * number, 30 : 50 + 8 * number, 0] = 255
    return found


def tells(half, facts):
    assert half.device == "cpu"
    assert type(half.batch) is int
    assert half.batch >= 1
    assert set(half.weights) == {own_files.label(name) for name in facts.weights}
    assert all(len(sha) == 64 for sha in half.weights.values())
    json.dumps(dict(half.notes), allow_nan=False)


@pytest.mark.parametrize("option", params("detector/boxes"))
def test_boxes_are_those_of_each_frame_the_best_first(option, ready, pixels):
    finder = ready(option).build()
    found = finder(Stills(pixels))
    assert isinstance(found, list)
    assert len(found) == COUNT
    for boxes in found:
        assert isinstance(boxes, Boxes)
        assert boxes.xyxy.dtype == boxes.scores.dtype == np.float32
        assert (np.diff(boxes.scores) <= 0).all()
        assert (boxes.scores > option.node["score_thr"]).all()
        assert len(boxes) <= option.node["most"]
        assert (boxes.xyxy[:, 2:] >= boxes.xyxy[:, :2]).all()
    for number in reversed(range(COUNT)):
        (alone,) = finder(Stills(pixels[number : number + 1], number))
        np.testing.assert_allclose(alone.xyxy, found[number].xyxy, rtol=1e-3, atol=1e-2)
    tells(finder, option.part().facts)


def crowd(*counts):
    corners = [np.arange(count, dtype=np.float32)[:, None] * 10 + np.float32([10, 10, 60, 80]) for count in counts]
    return [Boxes(xyxy, np.linspace(0.9, 0.5, len(xyxy), dtype=np.float32)) for xyxy in corners]


@pytest.mark.parametrize("option", params("detector/pose"))
def test_points_are_those_of_each_box_in_order(option, ready, pixels):
    option = ready(option)
    head, facts = option.build(), option.part().facts
    boxes = crowd(0, 1, 3, 0, 2)
    found = head(Stills(pixels), boxes)
    assert isinstance(found, list)
    assert head.skeleton == skeletons.load(facts.skeleton)
    for points, own in zip(found, boxes, strict=True):
        shape = (len(own), len(head.skeleton))
        assert (points.xy.shape, points.scores.shape) == ((*shape, 2), shape)
        arrays = {"xy": points.xy, "scores": points.scores, "depth": points.depth, "xyz": points.xyz}
        assert {array.dtype for array in arrays.values() if array is not None} == {np.dtype(np.float32)}
        assert np.isfinite(points.scores).all()
        assert {name for name in ("depth", "xyz") if arrays[name] is not None} == set(facts.gives)
    assert all(getattr(head.meaning, name) for name in facts.gives)
    (alone,) = head(Stills(pixels[2:3], 2), boxes[2:3])
    np.testing.assert_allclose(alone.xy, found[2].xy, rtol=1e-3, atol=1e-2)
    np.testing.assert_array_equal(head(Stills(pixels), boxes)[4].xy, found[4].xy)
    tells(head, facts)
