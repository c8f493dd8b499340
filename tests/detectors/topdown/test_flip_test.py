"""flip_test: the mean of a crop's bins and those of the mirrored crop, held against NumPy on graphs that see pixels."""

from __future__ import annotations

import numpy as np
import onnxgraphs
import pytest
from stills import Stills

from posecfg import skeletons
from posecfg.detectors.topdown.simcc import depths, mirrored, peaks
from posecfg.detectors.topdown.simcc2d import SimCC2D
from posecfg.detectors.topdown.simcc3d import REACH, SimCC3D
from posecfg.runtimes.memory import OutOfMemory
from posecfg.types import Boxes

for package in ("onnxruntime", "onnx", "cv2"):
    pytest.importorskip(package, reason=f"{package} is not installed")

SIZE = (24, 32)
SWAPS = list(skeletons.load("coco17").swaps)
BOXES = [Boxes(np.float32([[10, 12, 40, 50], [0, 0, 60, 80]]), np.ones(2, np.float32))] * 2


def bins(seed=0, points=17, z=False):
    """Bins of x, y and maybe z, with another peak for each keypoint."""
    chance = np.random.default_rng(seed)
    sizes = {"simcc_x": 48, "simcc_y": 64} | ({"simcc_z": 40} if z else {})
    return {name: chance.uniform(0, 1, (points, length)).astype(np.float32) for name, length in sizes.items()}


def written(tmp_path, batch="n", gain=0.1, z=False, points=17):
    """Write a graph of fixed bins that also get brighter with the crop."""
    return onnxgraphs.constant(tmp_path / f"{batch}.onnx", bins(z=z, points=points), SIZE, batch=batch, gain=gain)


def same(ones, others):
    for one, other in zip(ones, others, strict=True):
        np.testing.assert_array_equal(one.xy, other.xy)
        np.testing.assert_allclose(one.scores, other.scores, rtol=1e-6)


def test_bins_of_mirrored_crops_are_turned_back():
    x, y = (value[None] for value in bins().values())
    seen = [x[:, SWAPS, ::-1], y[:, SWAPS]]
    for found, wanted in zip(mirrored(seen, SWAPS), (x, y), strict=True):
        assert np.array_equal(found, wanted)


@pytest.mark.parametrize("batch", ["n", 1])
def test_points_are_those_of_the_mean(tmp_path, noise, batch):
    path, frames = written(tmp_path, batch, gain=0.0), Stills(noise(2, (60, 80)))
    own = SimCC2D(weights=str(path), flip_test=True, device="cpu", batch=None if batch == 1 else 3)
    plain = SimCC2D(weights=str(path), device="cpu")
    x, y = bins().values()
    places, scores = peaks(((x + x[SWAPS, ::-1]) / 2)[None], ((y + y[SWAPS]) / 2)[None], "min")
    found, without = own(frames, BOXES), plain(frames, BOXES)
    for points, other in zip(found, without, strict=True):
        np.testing.assert_allclose(points.scores, np.repeat(scores, 2, axis=0), rtol=1e-6)
        assert not np.array_equal(points.xy, other.xy)
    # The second box is 60 x 80 px, so that its crop is the whole picture, 1.25 times as wide.
    np.testing.assert_allclose(found[0].xy[1], places[0] * (75 / 24, 100 / 32) + (30 - 37.5, 40 - 50), atol=1e-3)


def test_a_mirrored_picture_gives_the_mirrored_person(tmp_path, noise):
    """The graph finds the reddest column: what it sees turned round gives bins turned round."""
    path = onnxgraphs.spots(tmp_path / "spots.onnx", SIZE)
    pixels = np.zeros((1, 80, 60, 3), np.uint8)
    pixels[0, 20:40, 12:18, 0] = 255
    box = [Boxes(np.float32([[0, 0, 60, 80]]), np.ones(1, np.float32))]
    head = SimCC2D(weights=str(path), flip_test=True, device="cpu")
    (here,), (there,) = head(Stills(pixels), box), head(Stills(pixels[:, :, ::-1].copy()), box)
    # A crop's middle is the middle of the picture; a bin to the left of it is one to the right, a px of the crop off.
    np.testing.assert_allclose(there.scores, here.scores, atol=0.02)
    np.testing.assert_allclose(there.xy[0, SWAPS, 0], 60 - here.xy[0, :, 0], atol=2 * 75 / 24)


def test_depth_is_that_of_the_mean_too(tmp_path, noise):
    path = written(tmp_path, gain=0.0, z=True, points=133)
    head = SimCC3D(weights=str(path), flip_test=True, device="cpu")
    (points,) = head(Stills(noise(1, (60, 80))), BOXES[:1])
    swaps = list(skeletons.load("wholebody133").swaps)
    z = bins(z=True, points=133)["simcc_z"]
    np.testing.assert_allclose(points.depth, np.repeat(depths(((z + z[swaps]) / 2)[None], REACH), 2, axis=0), rtol=1e-6)


def test_batches_and_too_little_memory_change_nothing(tmp_path, noise, monkeypatch):
    frames = Stills(noise(2, (60, 80)))
    path = str(written(tmp_path))
    heads = [SimCC2D(weights=path, flip_test=True, device="cpu", batch=size) for size in (1, 2, 8)]
    assert [head.batch for head in heads] == [1, 2, 8]
    one, two, many = (head(frames, BOXES) for head in heads)
    same(one, two)
    same(one, many)
    session, told = heads[2]._crops._portions._graph, []

    def tight(rows):
        told.append(len(rows))
        if len(rows) > 1:
            raise OutOfMemory("full")
        return session(rows)

    monkeypatch.setattr(heads[2]._crops._portions, "_graph", tight)
    same(one, heads[2](frames, BOXES))
    assert told[:4] == [8, 4, 2, 1]
    assert heads[2].notes == {f"{path}_batch": 1}
