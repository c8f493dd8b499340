"""Tubes with round ends on brightness and colour of a picture: limbs that look round, and balls."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32, U8

    Floats = NDArray[np.float32]

Pair = tuple[float, float]
# How much darker the edge of a tube is than its middle, which is so much lighter than its colour.
_ROUND, _LIT = 0.34, 0.10
_ZERO, _ONE, _HALF, _TOP = np.float32(0), np.float32(1), np.float32(0.5), np.float32(255)
_GREY = np.float32(128)


@dataclass(frozen=True)
class Paint:
    """A colour: brightness, U and V from 0 to 255; ``rim`` px around it have the brightness ``around``, without colour.

    ``low`` is the brightness of black.
    """

    y: float
    u: float
    v: float
    rim: float = 0.0
    around: float = 255.0
    low: float = 16.0


@dataclass(frozen=True)
class Canvas:
    """A picture in YUV 4:2:0 of even size: ``y`` (H, W) and ``uv`` (2, H / 2, W / 2) uint8."""

    y: U8
    uv: U8

    def tube(self, start: Pair, end: Pair, radius: float, paint: Paint) -> None:
        """Draw a tube of ``radius`` px from ``start`` to ``end`` (x, y) px; of no length, it is a ball."""
        reach = radius + paint.rim + 1
        (x0, y0), (x1, y1) = start, end
        high, wide = self.y.shape
        left, right = max(_even(min(x0, x1) - reach), 0), min(_even(max(x0, x1) + reach + 2), wide)
        top, bottom = max(_even(min(y0, y1) - reach), 0), min(_even(max(y0, y1) + reach + 2), high)
        if left >= right or top >= bottom:
            return
        x = np.arange(left + 0.5 - x0, right - x0, dtype=np.float32)
        y = np.arange(top + 0.5 - y0, bottom - y0, dtype=np.float32)[:, None]
        square = _squared(x, y, x1 - x0, y1 - y0)
        core = np.float32(radius + 0.5) - np.sqrt(square)
        halo = _share(core + np.float32(paint.rim)) if paint.rim else None
        core = _share(core)
        shine = paint.y - paint.low
        square *= np.float32(1 / (radius * radius))
        np.minimum(square, _ONE, out=square)
        square *= np.float32(-_ROUND * shine)
        square += np.float32(paint.low + (1 + _LIT) * shine)
        _blend(self.y[top:bottom, left:right], halo, np.float32(paint.around), core, square)
        half = slice(None), slice(top // 2, bottom // 2), slice(left // 2, right // 2)
        color = np.array([[[paint.u]], [[paint.v]]], np.float32)
        _blend(self.uv[half], None if halo is None else _halved(halo), _GREY, _halved(core), color)


def _squared(x: F32, y: F32, dx: float, dy: float) -> F32:
    """Return the squared distance of each pixel from the axis of a tube, which begins at 0, 0."""
    length = dx * dx + dy * dy
    if length < 1e-6:
        ball: F32 = x * x + y * y
        return ball
    share = _share(x * np.float32(dx / length) + y * np.float32(dy / length))
    across, down = x - share * np.float32(dx), y - share * np.float32(dy)
    across *= across
    down *= down
    across += down
    return across


def _halved(share: F32) -> F32:
    """Return the shares for the pixels of U and V, which are twice as large: of each four, the mean of two."""
    found: F32 = share[::2, ::2] + share[1::2, 1::2]
    found *= _HALF
    return found


def _share(values: Floats) -> F32:
    """Bring ``values`` within 0 to 1, in place; clip of NumPy takes longer."""
    np.maximum(values, _ZERO, out=values)
    np.minimum(values, _ONE, out=values)
    return values


def _blend(region: U8, halo: F32 | None, around: np.float32, core: F32, color: F32) -> None:
    """Blend the rim, and then the colour, into a part of a plane."""
    mixed = region.astype(np.float32)
    if halo is not None:
        mixed += halo * (around - mixed)
    mixed += core * (color - mixed)
    mixed += _HALF
    np.minimum(mixed, _TOP, out=mixed)
    region[...] = mixed


def _even(value: float) -> int:
    return 2 * math.floor(value / 2)
