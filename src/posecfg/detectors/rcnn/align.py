"""Cut boxes out of the features of the scale that fits their size (RoIAlign).

A cell of a cut is the mean of points between the pixels of the features: a sum over pixels whose weights are those of
its row times those of its column. Two small products of matrices a box take a quarter of the time that ONNX Runtime
needs to look up the four neighbours of every point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from posecfg.detectors.rcnn.backbone import STAGES, STRIDES

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64

    # First pixel, number of pixels, and their weights (cells, pixels) or more, of a box along one axis.
    Span = tuple[int, int, F32]

# Areas of boxes from which on the next coarser features are cut, as lengths of a side in px.
_SIDES = (112.0, 224.0, 448.0)


def aligned(features: Sequence[F32], boxes: F32, side: int) -> F32:
    """Cut ``boxes`` (N, 4) px of the picture out of features (H, W, C) of p2 to p5; return (N, side, side, C)."""
    import numpy as np

    cut = np.empty((len(boxes), side, side, features[0].shape[2]), np.float32)
    levels = np.searchsorted(_SIDES, np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1)), side="right")
    for level, (stage, values) in enumerate(zip(STAGES, features, strict=True)):
        rows = np.flatnonzero(levels == level)
        scaled = boxes[rows] * np.float32(1 / STRIDES[stage]) - np.float32(0.5)
        down, across = (
            spans(scaled[:, axis], scaled[:, axis + 2], side, length)
            for axis, length in ((1, len(values)), (0, values.shape[1]))
        )
        for row, (top, high, tall), (left, wide, broad) in zip(rows, down, across, strict=True):
            window = values[top : top + high, left : left + wide]
            # Each column of the window by itself, then each row: (wide, side, C), then (side, side, C).
            columns = np.matmul(tall[:, :high], window.transpose(1, 0, 2))
            np.matmul(broad[:, :wide], columns.transpose(1, 0, 2), out=cut[row])
    return cut


def spans(begins: F32, ends: F32, side: int, length: int) -> Iterator[Span]:
    """Return, for each box from ``begins`` to ``ends`` (N,), the pixels that its ``side`` cells take, and the weights.

    A cell has a point for each pixel that it is long, or one; a box of no length has none. Points more than a pixel
    outside of the ``length`` pixels count as 0, others are moved to the nearest pixel.
    """
    import numpy as np

    extents = ends - begins
    counts = np.maximum(np.ceil(extents / np.float32(side)), 1).astype(np.int64)
    found: dict[int, Span] = {}
    for count in np.unique(counts):
        rows: I64 = np.flatnonzero(counts == count)
        places = (np.arange(side * count) + 0.5) / (side * count)
        points = begins[rows, None] + extents[rows, None] * places
        inside = (points >= -1) & (points <= length) & (extents[rows, None] > 0)
        points = points.clip(0, length - 1)
        firsts = points.min(axis=1).astype(np.int64)
        reach = np.minimum(points.max(axis=1).astype(np.int64) + 2, length) - firsts
        pixels = (firsts[:, None] + np.arange(reach.max()))[:, None]
        weights = np.zeros((len(rows), side, int(reach.max())))
        for point in range(count):
            near = 1 - np.abs(points[:, point::count, None] - pixels)
            weights += np.maximum(near, 0) * inside[:, point::count, None]
        shares = (weights / count).astype(np.float32)
        found |= {
            int(row): (int(first), int(many), share)
            for row, first, many, share in zip(rows, firsts, reach, shares, strict=True)
        }
    return (found[row] for row in range(len(begins)))
