"""Decode heatmaps, a picture of each keypoint's probable places, to parts of a px."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from posecfg.detectors.topdown.graph import Opened
from posecfg.skeletons import advice
from posecfg.skeletons.skeleton import Skeleton

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32

# Side (px) of the kernel that smooths maps before their shape is read, and the values that a logarithm is taken of.
_KERNEL = 11
_LEAST, _MOST = 1e-3, 50.0


def check_maps(net: Opened, skeleton: Skeleton) -> None:
    """Raise an error unless the graph gives one map of at least 3x3 for each keypoint of ``skeleton``."""
    session = net.session
    shapes = session.shapes(3, net.size[1], net.size[0])
    if len(shapes) != 1 or len(shapes[0]) != 4 or min(side or 0 for side in shapes[0][2:]) < 3:
        bins = [len(shape) for shape in shapes] == [3, 3]
        told = ["choose detector/pose=rtmpose_m for a graph of bins"] if bins else []
        raise session.unlike("an output of NxKxHxW", f"gives {', '.join(map(str, session.gives))}", *told)
    points = shapes[0][1]
    if points != len(skeleton):
        wanted = f"the {len(skeleton)} keypoints of {skeleton.name}"
        raise session.unlike(wanted, f"gives {points}", advice(points))


def mirrored(outputs: list[NDArray[Any]], swaps: Sequence[int]) -> list[NDArray[Any]]:
    """Return maps (P, K, H, W) of mirrored crops as those of the crops."""
    return [one[:, list(swaps), :, ::-1] for one in outputs]


def places(opencv: ModuleType, maps: F32, size: tuple[int, int]) -> tuple[F32, F32]:
    """Return positions (P, K, 2) px of an input of ``size`` (width, height), and scores (P, K), of maps (P, K, H, W).

    A score is the highest value; one that is not above 0 means no point: NaN, with score 0. The place is that of the
    highest value, moved to the top of the parabola which the logarithm of the smoothed map has there, since training
    drew keypoints as Gaussians (DARK). The outermost px of a map are the edges of the input.
    """
    import numpy as np

    count, points, height, width = maps.shape
    flat = maps.reshape(count * points, height * width)
    best, scores = flat.argmax(axis=1), flat.max(axis=1)
    rows, columns = np.divmod(best, width)
    xy = np.stack([columns, rows], axis=1).astype(np.float64)
    there = np.isfinite(scores) & (scores > 0)
    for number in np.flatnonzero(there):
        smooth = opencv.GaussianBlur(maps.reshape(-1, height, width)[number], (_KERNEL, _KERNEL), 0)
        xy[number] += _offset(np.log(np.clip(smooth, _LEAST, _MOST).astype(np.float64)), rows[number], columns[number])
    xy *= np.array(size, np.float64) / (width - 1, height - 1)
    xy[~there] = np.nan
    kept = np.where(there, scores, np.float32(0)).astype(np.float32)
    return xy.astype(np.float32).reshape(count, points, 2), kept.reshape(count, points)


def _offset(smooth: NDArray[Any], row: int, column: int) -> NDArray[Any]:
    """Return how far (x, y) the top of the parabola is from a px; a map without curvature there moves nothing."""
    import numpy as np

    near = np.pad(smooth, 1, mode="edge")[row : row + 3, column : column + 3]
    slope = np.array([near[1, 2] - near[1, 0], near[2, 1] - near[0, 1]]) / 2
    across, down = near[1, 2] - 2 * near[1, 1] + near[1, 0], near[2, 1] - 2 * near[1, 1] + near[0, 1]
    # The same differences as the models' own decoding takes.
    both = (near[2, 2] - near[1, 2] - near[2, 1] + 2 * near[1, 1] - near[1, 0] - near[0, 1] + near[0, 0]) / 2
    curves = across * down - both * both
    if abs(curves) < np.finfo(np.float32).eps:
        return np.zeros(2)
    found: NDArray[Any] = -np.array([down * slope[0] - both * slope[1], across * slope[1] - both * slope[0]]) / curves
    return found if np.abs(found).max() <= 2 else np.zeros(2)
