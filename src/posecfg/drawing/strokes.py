"""Find the pixels that lines and discs touch, and the nearness of each pixel to their middle.

All shapes of a kind are computed together, on all grids, since the number of NumPy calls decides the speed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64

    Touched = tuple[I64, I64]

FULL = 255
# Number of distinct positions of a disc's centre inside a pixel, in each direction.
_PHASES = 8


@dataclass(frozen=True)
class Grid:
    """A plane of (height, width) whose rows are ``stride`` apart; it has ``scale`` times the picture's size."""

    height: int
    width: int
    stride: int
    scale: float = 1.0


def lines(ends: F64, reaches: Sequence[float], grids: Sequence[Grid], inside: bool = False) -> list[Touched]:
    """Return for each grid the pixels that lines touch, as indices of its flat plane, and their nearness.

    ``ends`` (S, 4) are x0, y0, x1, y1 px of the picture, no more than some million, with pixel centres at .5. Nearness
    falls from 255 in the middle of a line to 0 at the grid's reach (its own px) beside it. A line ends at its last
    point, cut along a row or a column. A pixel that several lines touch is listed several times. ``inside`` means that
    no line comes near the edge of the picture.
    """
    reach = np.array(reaches)[:, None]
    height, width, stride, scale = np.array([(g.height, g.width, g.stride, g.scale) for g in grids]).T[:, :, None]
    x0, y0, x1, y1 = every = ends.T[:, None] * scale
    # Each line is stepped along its longer axis, a; b is the other axis.
    steep = np.abs(y1 - y0) > np.abs(x1 - x0)
    a0, b0, a1, b1 = np.where(steep, every[[1, 0, 3, 2]], every)
    run = a1 - a0
    slope = (b1 - b0) / (run + (run == 0))
    lean = np.sqrt(1 + slope * slope)
    first = np.maximum(np.floor(np.minimum(a0, a1)), 0)
    last = np.minimum(np.ceil(np.maximum(a0, a1)), np.where(steep, height, width))
    count = np.maximum(last - first, 0).astype(np.int64)
    stop = np.cumsum(count).reshape(count.shape)
    # At step r, counted over all lines, a is r + skip.
    skip = first - (stop - count)
    along, across = np.where(steep, stride, 1), np.where(steep, 1, stride)
    times = count.ravel()
    floats = slope, b0 + (skip + 0.5 - a0) * slope - 0.5, FULL / (reach * lean)
    slopes, middles, falls = np.repeat(np.array(floats, np.float32).reshape(3, len(times)), times, axis=1)
    whole = along, across, skip * along
    alongs, acrosses, starts = np.repeat(np.array(whole).astype(np.int32).reshape(3, len(times)), times, axis=1)
    step = np.arange(len(slopes), dtype=np.int32)
    alongs *= step
    starts += alongs
    slopes *= step
    middles += slopes
    wides = None
    if not inside:
        wides = np.repeat(np.where(steep, width, height).ravel(), times)

    touched = []
    begin, most = 0, float(lean.max(initial=1))
    for own, end in zip(reaches, np.cumsum(count.sum(axis=1)).tolist(), strict=True):
        part, begin = slice(begin, end), end
        half = own * most
        low = np.ceil(middles[part] - np.float32(half))
        lanes = np.arange(math.ceil(2 * half), dtype=np.int32)[:, None]
        far = lanes.astype(np.float32) + (low - middles[part])
        np.abs(far, out=far)
        far *= falls[part]
        lane = low.astype(np.int32)
        place = lanes * acrosses[part]
        place += lane * acrosses[part] + starts[part]
        touch = far < FULL
        if wides is not None:
            touch &= (lanes >= -lane) & (lanes < wides[part] - lane)
        near = FULL - far[touch]
        touched.append((place[touch].astype(np.int64), near.astype(np.int64)))
    return touched


def discs(centres: F64, reaches: Sequence[float], grids: Sequence[Grid], inside: bool = False) -> list[Touched]:
    """Return for each grid the pixels that discs touch and their nearness; ``centres`` (S, 2) are x, y px.

    Discs are drawn within a sixteenth of a pixel of their centres. ``inside`` means that none is near the edge.
    """
    touched = []
    for grid, reach in zip(grids, reaches, strict=True):
        middle = centres * grid.scale
        if not inside:
            middle = middle[((middle > -reach) & (middle < (grid.width + reach, grid.height + reach))).all(axis=1)]
        corner, phase = np.divmod(np.rint(middle * _PHASES).astype(np.int64), _PHASES)
        kind = phase[:, 1] * _PHASES + phase[:, 0]
        stamps = _stamps(reach, grid.stride)
        place = stamps.place[kind] + (corner[:, 1:] * grid.stride + corner[:, :1])
        near = stamps.near[kind]
        if inside:
            touched.append((place.ravel(), near.ravel()))
        else:
            x, y = stamps.x[kind] + corner[:, :1], stamps.y[kind] + corner[:, 1:]
            there = (x >= 0) & (x < grid.width) & (y >= 0) & (y < grid.height)
            touched.append((place[there], near[there]))
    return touched


@dataclass(frozen=True)
class _Stamps:
    """The pixels of a disc, relative to that of its centre, for each position (row) of the centre inside its pixel.

    All rows have the same length: where there are fewer pixels, the centre is repeated.
    """

    x: I64
    y: I64
    place: I64
    near: I64


@lru_cache(maxsize=32)
def _stamps(reach: float, stride: int) -> _Stamps:
    span = np.arange(-math.ceil(reach) - 1, math.ceil(reach) + 2)
    y, x = (part.ravel() for part in np.meshgrid(span, span, indexing="ij"))
    phase = np.arange(_PHASES) / _PHASES
    down, right = (part.reshape(-1, 1) for part in np.meshgrid(phase, phase, indexing="ij"))
    near = FULL * (1 - np.hypot(x + 0.5 - right, y + 0.5 - down) / reach)
    order = np.argsort(-near, axis=1)[:, : int((near > 0).sum(axis=1).max())]
    near = np.take_along_axis(near, order, axis=1)
    order = np.where(near > 0, order, order[:, :1])
    near = np.where(near > 0, near, near[:, :1])
    x, y = x[order], y[order]
    return _Stamps(x, y, y * stride + x, near.astype(np.int64))
