"""Heatmaps: places to parts of a px, held against Gaussians whose middles are known and another formula."""

from __future__ import annotations

import numpy as np
import onnxgraphs
import pytest
from stills import Stills

from posecfg import skeletons
from posecfg.detectors.topdown.heatmaps import mirrored, places
from posecfg.detectors.topdown.vitpose import ViTPose
from posecfg.errors import ConfigError, WeightsError
from posecfg.types import Boxes

cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
SIZE, MAP = (192, 256), (48, 64)
STRIDE = np.array([191 / 47, 255 / 63]) * (192 / 191, 256 / 255)


def gaussians(middles, sigma=2.0, height=0.9):
    """Maps (P, K, 64, 48) with a Gaussian at each of ``middles`` (P, K, 2), in px of the map."""
    x, y = np.arange(MAP[0])[None, :], np.arange(MAP[1])[:, None]
    there = np.asarray(middles, np.float64)[..., None, None]
    return (height * np.exp(-((x - there[..., 0, :, :]) ** 2 + (y - there[..., 1, :, :]) ** 2) / 2 / sigma**2)).astype(
        np.float32
    )


def test_the_middle_of_a_gaussian_is_found_to_a_hundredth_of_a_px():
    middles = np.random.default_rng(3).uniform((12, 12), (35, 51), (4, 25, 2))
    xy, scores = places(cv2, gaussians(middles), SIZE)
    assert xy.dtype == scores.dtype == np.float32
    np.testing.assert_allclose(xy, middles * STRIDE, atol=0.01 * STRIDE.max())
    assert (np.abs(scores - 0.9) < 0.06).all()


def test_what_is_not_above_0_is_no_point():
    maps = gaussians([[[20, 20], [20, 20], [20, 20]]])
    maps[0, 1], maps[0, 2] = -1, np.nan
    xy, scores = places(cv2, maps, SIZE)
    assert np.isnan(xy[0, 1:]).all()
    assert np.isfinite(xy[0, 0]).all()
    assert scores[0, 1:].tolist() == [0, 0]


@pytest.mark.parametrize("corner", [(0, 0), (47, 63), (0, 63)])
def test_the_edge_of_a_map_is_the_edge_of_the_crop(corner):
    maps = np.zeros((1, 1, 64, 48), np.float32)
    maps[0, 0, corner[1], corner[0]] = 1
    xy, _ = places(cv2, maps, SIZE)
    np.testing.assert_allclose(xy[0, 0], np.array(corner) * STRIDE, atol=2 * STRIDE.max())


def test_the_parabola_is_that_of_the_published_decoding():
    """The same numbers by matrices: x - H^-1 g, on the logarithm of the smoothed map (Zhang et al. 2020)."""
    chance = np.random.default_rng(8)
    maps = gaussians(chance.uniform((12, 12), (35, 51), (1, 12, 2))) + chance.uniform(0, 0.02, (1, 12, 64, 48))
    maps = maps.astype(np.float32)
    xy, _ = places(cv2, maps, SIZE)
    for number in range(12):
        smooth = cv2.GaussianBlur(maps[0, number].copy(), (11, 11), 0)
        row, column = np.unravel_index(maps[0, number].argmax(), (64, 48))
        log = np.log(np.clip(smooth, 0.001, 50)).astype(np.float64)

        def at(dx, dy, log=log, row=row, column=column):
            return log[row + dy, column + dx]

        g = np.array([at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1)]) / 2
        cross = (at(1, 1) - at(1, 0) - at(0, 1) + 2 * at(0, 0) - at(-1, 0) - at(0, -1) + at(-1, -1)) / 2
        hessian = [[at(1, 0) - 2 * at(0, 0) + at(-1, 0), cross], [cross, at(0, 1) - 2 * at(0, 0) + at(0, -1)]]
        wanted = (np.array([column, row]) - np.linalg.solve(hessian, g)) * STRIDE
        np.testing.assert_allclose(xy[0, number], wanted, atol=1e-3)


def test_a_mirrored_map_comes_back_as_its_partner():
    maps = gaussians([[[10, 20], [30, 40]]])
    (back,) = mirrored([maps[:, [1, 0], :, ::-1]], (1, 0))
    assert np.array_equal(back, maps)


@pytest.fixture
def graph(tmp_path):
    """Write a graph that gives fixed heatmaps, with ``points`` keypoints, whatever it sees."""
    for package in ("onnxruntime", "onnx"):
        pytest.importorskip(package, reason=f"{package} is not installed")

    def make(points=52, gain=0.0, name="mine.onnx"):
        middles = np.stack([12 + np.arange(points) % 24, 12 + np.arange(points) % 40], axis=1)
        return onnxgraphs.constant(tmp_path / name, {"heatmaps": gaussians(middles)}, SIZE, gain=gain), middles

    return make


def test_52_markers_of_the_size_of_the_published_network_are_read(graph):
    path, middles = graph()
    head = ViTPose(str(path), "synthpose52", device="cpu")
    assert head.skeleton is not None
    assert head.weights.keys() == {"mine.onnx"}
    box = np.float32([100, 50, 220, 210])
    (points,) = head(Stills(np.zeros((1, 400, 400, 3), np.uint8)), [Boxes(box[None], np.float32([0.9]))])
    # 160 px high, 1.25 times as much is 200; 3/4 of that wide: the map's outermost px are this region's edges.
    wanted = [85, 30] + middles / (47, 63) * (150, 200)
    np.testing.assert_allclose(points.xy[0], wanted, atol=0.02)
    assert head.skeleton.keypoints[19] == "left_acromion"


def test_mirrored_crops_are_averaged_with_left_and_right_exchanged(graph):
    path, middles = graph(17)
    box = Boxes(np.float32([[100, 50, 220, 210]]), np.float32([0.9]))
    frames, swaps = Stills(np.zeros((1, 400, 400, 3), np.uint8)), list(skeletons.load("coco17").swaps)
    (points,) = ViTPose(str(path), flip_test=True, device="cpu")(frames, [box])
    maps = gaussians(middles)[None]
    mean = (maps + maps[:, swaps, :, ::-1]) / 2
    xy, scores = places(cv2, mean.astype(np.float32), SIZE)
    np.testing.assert_allclose(points.scores, scores, rtol=1e-5)
    np.testing.assert_allclose(points.xy, [85, 30] + xy / SIZE * (150, 200), atol=0.01)


@pytest.mark.parametrize(
    ("points", "skeleton", "says"),
    [
        (17, "synthpose52", "the 52 keypoints of synthpose52, but it gives 17: type skeleton=coco17 if it gives those"),
        (26, "coco17", "the 17 keypoints of coco17, but it gives 26: type skeleton=halpe26 if it gives those, or"),
        (7, "coco17", "the 17 keypoints of coco17, but it gives 7: type skeleton=mine.yaml, a file of your own"),
    ],
)
def test_another_number_of_keypoints_is_one_sentence(graph, points, skeleton, says):
    with pytest.raises(WeightsError, match=says):
        ViTPose(str(graph(points)[0]), skeleton, device="cpu")


def test_graphs_of_another_kind_are_one_sentence(tmp_path):
    bins = onnxgraphs.spots(tmp_path / "bins.onnx", (24, 32))
    with pytest.raises(WeightsError, match=r"an output of NxKxHxW, but it gives simcc_x .*: choose detector/pose=rtmp"):
        ViTPose(str(bins), device="cpu")
    with pytest.raises(ConfigError, match=r"Expected weights to be an ONNX graph, but got 'mine\.pth'"):
        ViTPose.facts("mine.pth", "coco17", 1.25, "cpu", 1, None)
