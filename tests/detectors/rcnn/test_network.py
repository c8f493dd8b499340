"""The graphs of a small keypoint R-CNN against the same network in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import rcnnnets
from hypothesis import given
from hypothesis import strategies as st

from posecfg.detectors.rcnn import align, backbone, network, people, points, proposals
from posecfg.detectors.rcnn.configs import ZOO, chosen
from posecfg.detectors.rcnn.layers import Layers
from posecfg.models.onnx_graph import Graph
from posecfg.runtimes.joint import Joint

pytest.importorskip("onnxruntime")
NAMES = ("p2", "p3", "p4", "p5")
KINDS = {"resnet": (1, True), "resnext": (2, False)}


def joint(graph):
    return Joint(graph, "random weights", "cpu", 1)


def picture(height=96, width=160, seed=1):
    return np.random.default_rng(seed).normal(0, 50, (1, 3, height, width)).astype(np.float32)


def pixels(found):
    return network.Seen(found, (160, 96), np.ones(2, np.float32)).pixels


@pytest.fixture(params=KINDS)
def nets(request):
    """Return arrays, the plain network, and features of a picture by both."""
    groups, first = KINDS[request.param]
    arrays = rcnnnets.weights(blocks=(2, 1, 1, 1), groups=groups)
    plain = rcnnnets.Plain(arrays, groups, first)
    given = joint(backbone.built(arrays, groups, first))(picture=picture())
    return arrays, plain, plain.features(picture().astype(np.float64)), dict(zip(NAMES, given, strict=True))


def test_features_are_those_of_the_description(nets):
    _, _, expected, found = nets
    for values, name in zip(expected, NAMES, strict=False):
        np.testing.assert_allclose(found[name], values, atol=1e-4)


@pytest.mark.parametrize("limits", [{}, {"before": 40, "after": 30, "nms": 0.5}])
def test_people_are_those_of_the_description(nets, limits):
    arrays, plain, expected, found = nets
    size = (150, 90)
    boxes, scores = plain.people(expected, size, **limits)
    sides = np.array([*size, *size], np.float32)
    (proposed,) = joint(proposals.built(arrays, proposals.Proposals(**limits)))(**found, size=sides)
    cuts = align.aligned(pixels(found), proposed, people.side(arrays)).reshape(len(proposed), -1)
    got = joint(people.built(arrays))(cuts=cuts, boxes=proposed, size=sides)
    assert got[0].shape == boxes.shape == (len(scores), 4)
    assert len(boxes) > 20
    # Their order means nothing.
    mine, other = np.column_stack([got[0], 100 * got[1]]), np.column_stack([boxes, 100 * scores])
    apart = np.abs(mine[:, None] - other).max(axis=2)
    assert apart.min(axis=0).max() < 1e-3
    assert apart.min(axis=1).max() < 1e-3
    assert got[0].min() >= 0
    assert (got[0].max(axis=0) <= (150, 90, 150, 90)).all()


BOXES = np.array(
    [[3, 4, 60, 80], [0, 0, 400, 300], [10.5, 2.25, 12, 90], [0, 0, 1000, 800], [5, 5, 130, 140]], np.float32
)


def test_heatmaps_are_those_of_the_description(nets):
    """The boxes belong to all four scales, in another order."""
    arrays, plain, expected, found = nets
    (got,) = joint(points.built(arrays))(cuts=align.aligned(pixels(found), BOXES, points.SIDE))
    assert got.shape == (5, 17, 56, 56)
    np.testing.assert_allclose(got, plain.heatmaps(expected, BOXES.astype(np.float64)), atol=1e-4)


@pytest.mark.parametrize("rows", [[2], [4, 0], []])
def test_cuts_of_a_person_do_not_depend_on_others(nets, rows):
    _, _, _, found = nets
    whole = align.aligned(pixels(found), BOXES, 7)
    np.testing.assert_allclose(align.aligned(pixels(found), BOXES[rows], 7), whole[rows], rtol=1e-6)


@given(
    st.lists(
        st.tuples(*[st.floats(-30, 130, width=32)] * 2, *[st.floats(0, 110, width=32)] * 2), min_size=1, max_size=6
    ),
    st.sampled_from([1, 7, 14]),
)
def test_cells_are_means_of_points_between_pixels(corners, side):
    """Compared with RoiAlign of ONNX Runtime, at the edges and beyond them too."""
    boxes = np.array([(x, y, x + wide, y + high) for x, y, wide, high in corners], np.float32)
    values = np.random.default_rng(3).normal(size=(5, 24, 32)).astype(np.float32)
    graph = Graph("cut")
    how = {"mode": "avg", "coordinate_transformation_mode": "half_pixel", "sampling_ratio": 0, "spatial_scale": 0.25}
    layers = Layers(graph, {})
    rows = layers.ints(*[0] * len(boxes))
    cut = graph.node("RoiAlign", "values", "boxes", rows, output_height=side, output_width=side, **how)
    takes = {"values": (1, 5, 24, 32), "boxes": (len(boxes), 4)}
    expected = joint(graph.bytes(takes, {cut: (len(boxes), 5, side, side)}))(values=values[None], boxes=boxes)[0]
    features = [np.ascontiguousarray(values.transpose(1, 2, 0))] * 4
    np.testing.assert_allclose(align.aligned(features, boxes, side).transpose(0, 3, 1, 2), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("size", "short", "longest", "expected"),
    [
        ((640, 480), 800, 1333, (1067, 800)),
        ((480, 640), 800, 1333, (800, 1067)),
        ((1920, 1080), 800, 1333, (1333, 750)),
        ((1080, 1920), 800, 1333, (750, 1333)),
        ((100, 100), 480, 1333, (480, 480)),
        ((1000, 10), 800, 1333, (1333, 13)),
    ],
)
def test_pictures_are_scaled_by_their_shorter_side(size, short, longest, expected):
    assert network.fitted(*size, short, longest) == expected


def test_a_picture_is_seen_as_its_pixels_say():
    """Blue first, less the mean, on black of the network at the right and below, which is the mean."""
    cv2 = pytest.importorskip("cv2")
    arrays = rcnnnets.weights()
    seen = []
    net = network.Network(arrays, chosen(next(iter(ZOO))), cv2, "random weights", "cpu", 1)
    net._look = lambda picture: seen.append(picture) or [picture] * 4
    image = np.full((50, 70, 3), (10, 20, 30), np.uint8)
    found = net.look(image, 50, 100)
    assert (found.size, found.scale.tolist()) == ((70, 50), [1, 1])
    assert seen[0].shape == (1, 3, 64, 96)
    np.testing.assert_allclose(seen[0][0, :, 49, 69], [30 - 103.53, 20 - 116.28, 10 - 123.675], rtol=1e-6)
    assert not seen[0][0, :, 50:].any()
    assert not seen[0][0, :, :, 70:].any()


def test_no_people_have_no_keypoints():
    cv2 = pytest.importorskip("cv2")
    net = network.Network(rcnnnets.weights(), chosen(next(iter(ZOO))), cv2, "random weights", "cpu", 1)
    seen = net.look(np.zeros((64, 64, 3), np.uint8), 64, 100)
    boxes, scores = net.people(seen, 1.0, 0.5, 100)
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))
    xy, peaks = net.points(seen, boxes)
    assert (xy.shape, peaks.shape) == ((0, 17, 2), (0, 17))


def test_boxes_without_area_are_nobody():
    cv2 = pytest.importorskip("cv2")
    net = network.Network(rcnnnets.weights(), chosen(next(iter(ZOO))), cv2, "random weights", "cpu", 1)
    boxes = np.array([[0, 9, 5, 9], [1, 2, 3, 4], [np.nan, 0, 9, 9], [1, 2, 3, 4]], np.float32)
    net._score = lambda **given: [boxes, np.array([0.9, 0.8, 0.95, 0.7], np.float32)]
    found, scores = net.people(net.look(np.zeros((64, 64, 3), np.uint8), 64, 100), 0.5, 0.5, 10)
    np.testing.assert_array_equal(found, boxes[1:2])
    assert scores.tolist() == [np.float32(0.8)]
