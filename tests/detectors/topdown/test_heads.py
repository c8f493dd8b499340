"""The pose heads with bins, on a graph that finds the reddest column and row of what it sees."""

from __future__ import annotations

import numpy as np
import onnxgraphs
import pytest
from stills import Stills
from told import facts

from posecfg.detectors.topdown.pixels import MEAN, STD
from posecfg.detectors.topdown.simcc2d import SimCC2D
from posecfg.detectors.topdown.simcc3d import SimCC3D
from posecfg.errors import ConfigError, WeightsError
from posecfg.timing import Laps, measured
from posecfg.types import Boxes

for package in ("onnxruntime", "onnx", "cv2"):
    pytest.importorskip(package, reason=f"{package} is not installed")

SIZE = (24, 32)
RED = (255 - MEAN[0]) / STD[0]
# One more bin a keypoint.
Z = np.eye(133, 576, dtype=np.float32) + np.eye(133, 576, 144, dtype=np.float32) * 2


@pytest.fixture
def flat(tmp_path, weights):
    """Build a SimCC2D."""

    def build(first="n", size=SIZE, points=17, **options):
        path = onnxgraphs.spots(tmp_path / f"flat{first}.onnx", size, points, batch=first)
        return SimCC2D(**{"model": weights(f"flat{first}", path), "device": "cpu", **options})

    return build


@pytest.fixture
def deep(tmp_path, weights):
    """Build a SimCC3D."""

    def build(first="n", z=Z, **options):
        path = onnxgraphs.spots(tmp_path / f"deep{first}.onnx", SIZE, len(z), z, first)
        return SimCC3D(**{"model": weights(f"deep{first}", path), "device": "cpu", **options})

    return build


def boxes(*xyxy):
    rows = np.array(xyxy, np.float32).reshape(-1, 4)
    return Boxes(rows, np.full(len(rows), 0.9, np.float32))


def dotted(width, height, *dots, count=1):
    """Black frames with red dots of 6 x 6 px around (x, y)."""
    frames = np.zeros((count, height, width, 3), np.uint8)
    for x, y in dots:
        frames[:, max(0, y - 3) : y + 3, max(0, x - 3) : x + 3, 0] = 255
    return frames


def test_the_input_size_is_read_from_the_graph_and_keypoints_are_px_of_the_picture(flat):
    # The box is 48 x 64 after padding, so a px of the input is two px of the picture.
    box = [100 - 24 / 1.25, 80 - 32 / 1.25, 100 + 24 / 1.25, 80 + 32 / 1.25]
    frames = Stills(dotted(200, 160, (110, 70)))
    (points,) = flat()(frames, [boxes(box)])
    assert points.xy.shape == (1, 17, 2)
    assert points.xy.dtype == points.scores.dtype == np.float32
    assert points.depth is None
    # The first of the reddest px begins at 107 or 67: 108 is where the sampled one lies.
    assert np.allclose(points.xy, [[[108, 68]]])
    assert np.allclose(points.scores, RED, atol=1e-5)
    twice = flat(size=(48, 64))(frames, [boxes(box)])[0]
    assert np.allclose(twice.xy, [[[107, 67]]])


def test_each_person_is_looked_at_in_the_own_box(flat):
    frames = Stills(dotted(200, 160, (30, 40), (150, 100)))
    (points,) = flat()(frames, [boxes([20, 30, 40, 50], [140, 90, 160, 110], [80, 20, 100, 40])])
    assert np.abs(points.xy[0] - [28, 38]).max() < 2
    assert np.abs(points.xy[1] - [148, 98]).max() < 2
    # Where nothing is red, the bins are below 0: no point, and no score.
    assert np.isnan(points.xy[2]).all()
    assert (points.scores[2] == 0).all()


def test_a_box_that_leaves_the_picture_is_seen_with_black_beside_it(flat):
    frames = Stills(dotted(100, 80, (3, 4)))
    (points,) = flat()(frames, [boxes([-30, -20, 20, 30], [-400, -400, -300, -300])])
    assert np.abs(points.xy[0] - [1, 1]).max() <= 3
    assert np.isnan(points.xy[1]).all()
    assert np.isfinite(points.scores).all()


def test_boxes_of_a_px_or_less_work(flat):
    frames = Stills(dotted(40, 30, (20, 15)))
    (points,) = flat()(frames, [boxes([20, 15, 21, 16], [20.25, 15.25, 20.5, 15.5], [19, 3, 20, 28])])
    assert points.xy.shape == (3, 17, 2)
    assert np.isfinite(points.xy[:2]).all()
    assert np.abs(points.xy[:2] - [20, 15]).max() < 2


def test_no_box_is_no_pose_and_asks_for_no_pixels(flat, deep):
    for head, points in ((flat(), 17), (deep(), 133)):
        frames = Stills(dotted(64, 48, count=3))
        found = head(frames, [boxes()] * 3)
        assert [(p.xy.shape, p.scores.shape) for p in found] == [((0, points, 2), (0, points))] * 3
        assert frames.asked == []


@pytest.mark.parametrize("first", ["n", 1])
@pytest.mark.parametrize("batch", [2, 3, 5, 16])
def test_batches_of_many_frames_and_people_give_exactly_what_single_ones_give(deep, noise, first, batch):
    frames = Stills(noise(4, (90, 70)))
    chance = np.random.default_rng(1)
    people = []
    for count in (2, 0, 3, 1):
        corners = chance.uniform(-10, 60, (count, 2))
        people.append(boxes(*np.concatenate([corners, corners + chance.uniform(5, 60, (count, 2))], axis=1)))
    head, many = deep(first), deep(first, batch=batch)
    assert (head.batch, many.batch) == (1, batch if first == "n" else 1)
    found = many(frames, people)
    for row, (own, theirs) in enumerate(zip(people, found, strict=True)):
        for person in range(len(own)):
            (alone,) = head(Stills(frames.pixels[row : row + 1]), [boxes(own.xyxy[person])])
            for name in ("xy", "scores", "depth"):
                assert np.array_equal(getattr(alone, name)[0], getattr(theirs, name)[person], equal_nan=True)
    assert len({float(p) for points in found for p in points.xy[:, 0, 0]}) > 3


def test_depth_is_metres_from_the_hips_or_from_a_camera(deep):
    frames, box = Stills(dotted(64, 48, (30, 20))), boxes([20, 10, 40, 30])
    root = deep()
    (points,) = root(frames, [box])
    # Keypoint k is in bin 144 + k; bins are half a step, and 144 steps are 2.1744869 m.
    wanted = ((144 + np.arange(133)) / 2 / 144 - 1) * 2.1744869
    assert np.allclose(points.depth, wanted[None], atol=1e-6)
    assert points.depth.dtype == np.float32
    camera = deep(depth="camera", root_z=5)
    assert np.allclose(camera(frames, [box])[0].depth, 5 + wanted[None], atol=1e-6)
    assert "hips" in root.meaning.depth
    assert camera.meaning.depth.endswith("being 5 m away")
    assert (root.meaning.score, root.meaning.xyz) == ("simcc", None)


@pytest.mark.parametrize("centre", [(), (20.0, 30.0)])
def test_with_a_known_camera_keypoints_are_points_in_space(deep, centre):
    frames, box = Stills(dotted(64, 48, (30, 20))), boxes([20, 10, 40, 30])
    options = {"root_z": 4.0, "intrinsics": [50.0, 40.0, *centre]}
    (points,) = deep(depth="camera", **options)(frames, [box])
    x, y, z = np.moveaxis(points.xyz[0], 1, 0)
    middle = centre or (32, 24)
    seen = np.stack([x / z * 50 + middle[0], y / z * 40 + middle[1]], axis=1)
    np.testing.assert_allclose(seen, points.xy[0], atol=1e-4)
    np.testing.assert_array_equal(z, points.depth[0])
    rooted = deep(**options)
    (own,) = rooted(frames, [box])
    hips = points.xyz[0, [11, 12]].mean(axis=0)
    np.testing.assert_allclose(own.xyz[0], points.xyz[0] - hips, atol=1e-5)
    assert rooted.meaning.xyz.startswith("metres from the middle of the hips, for a person 4 m away")
    assert np.isnan(deep(**options)(Stills(dotted(64, 48)), [box])[0].xyz).all()


def test_where_there_is_no_point_there_is_no_depth(deep):
    (points,) = deep()(Stills(dotted(64, 48)), [boxes([20, 10, 40, 30])])
    assert np.isnan(points.depth).all()
    assert np.isnan(points.xy).all()


def test_the_score_of_both_axes_is_the_smaller_or_the_mean(tmp_path, weights):
    outputs = {"x": np.full((17, 48), 0.5, np.float32), "y": np.full((17, 64), 1.5, np.float32)}
    model = weights("net", onnxgraphs.constant(tmp_path / "net.onnx", outputs, SIZE))
    frames, box = Stills(dotted(64, 48)), boxes([20, 10, 40, 30])
    assert (SimCC2D(model, device="cpu")(frames, [box])[0].scores == 0.5).all()
    assert (SimCC2D(model, device="cpu", score="mean")(frames, [box])[0].scores == 1).all()


def test_facts_are_known_before_and_after(flat, deep):
    assert facts(SimCC2D, model="rtmw_l", skeleton="wholebody133").skeleton == "wholebody133"
    assert (facts(SimCC2D).skeleton, facts(SimCC3D).skeleton) == ("coco17", "wholebody133")
    assert facts(SimCC3D, model="rtmw3d_x").weights == ("rtmw3d_x",)
    assert (facts(SimCC2D).gives, facts(SimCC3D).gives) == ((), ("depth",))
    assert facts(SimCC3D, intrinsics=[1000, 1000]).gives == ("depth", "xyz")
    assert flat().skeleton.name == "coco17"
    assert set(flat().weights) == {"flatn"}
    assert (deep().device, deep().notes) == ("cpu", {})
    whole = flat(points=133, skeleton="wholebody133")
    assert len(whole.skeleton) == 133


def test_stages_are_told_apart(flat):
    head, frames = flat(), Stills(dotted(64, 48))
    with measured(Laps("decode")) as laps:
        head(frames, [boxes([20, 10, 40, 30])])
    assert {"preprocess", "inference", "postprocess"} <= set(laps.stages)


def test_graphs_that_are_something_else_are_refused(flat, deep, tmp_path, weights):
    with pytest.raises(WeightsError, match="to be a graph with the 17 keypoints of coco17, but it gives 133:"):
        flat(points=133)
    shapes = r"outputs of NxKx48, NxKx64, NxKxD, but it gives simcc_x \?x17x48 float, simcc_y \?x17x64 float:"
    with pytest.raises(WeightsError, match=shapes):
        SimCC3D(weights("other", onnxgraphs.spots(tmp_path / "o.onnx", SIZE)), device="cpu")
    with pytest.raises(WeightsError, match=r"outputs of NxKx48, NxKx64, but it gives simcc_x .*, simcc_z"):
        SimCC2D(weights("other", onnxgraphs.spots(tmp_path / "z.onnx", SIZE, 133, Z)), "wholebody133", device="cpu")
    wrong = {"x": np.zeros((17, 24), np.float32), "y": np.zeros((17, 32), np.float32)}
    with pytest.raises(WeightsError, match="outputs of NxKx48, NxKx64, but it gives x "):
        SimCC2D(weights("other", onnxgraphs.constant(tmp_path / "c.onnx", wrong, SIZE)), device="cpu")


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"score": "max"}, "Expected score to be min or mean, .* but got 'max'"),
        ({"padding": 0}, "Expected padding to be above 0 and at most 10, but got 0"),
        ({"skeleton": "coco71"}, "Expected a skeleton among .* Did you mean 'coco17'"),
        ({"batch": 0}, "Expected batch to be at least 1"),
        ({"intrinsics": [500]}, r"Expected intrinsics to be \[fx, fy\] or .* but got \[500\]"),
        ({"intrinsics": [500, -1]}, "Expected intrinsics .* the first two above 0"),
        ({"intrinsics": "x"}, "Expected intrinsics .* but got x"),
        ({"root_z": -1}, "Expected root_z to be metres above 0, but got -1"),
        ({"depth": "far"}, "Expected depth to be root or camera, but got 'far'"),
    ],
)
def test_arguments_that_cannot_work_are_refused(deep, options, match):
    with pytest.raises(ConfigError, match=match):
        deep(**options)
