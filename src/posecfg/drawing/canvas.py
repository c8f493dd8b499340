"""Smooth discs and lines on an RGB image: coverage is computed from the distance to the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8

Color = tuple[int, int, int]
Point = tuple[float, float]


def line(image: U8, start: Point, end: Point, color: Color, radius: float, opacity: float = 1.0) -> None:
    """Draw a line with round ends onto ``image`` (H, W, 3) in place; points are (x, y) px, pixel centres at .5."""
    x0, y0, x1, y1 = *start, *end
    reach = radius + 1
    window = _window(image, min(x0, x1) - reach, min(y0, y1) - reach, max(x0, x1) + reach, max(y0, y1) + reach)
    if window is None:
        return
    ys, xs = window
    x = np.arange(xs.start, xs.stop, dtype=np.float32)[None, :] + np.float32(0.5 - x0)
    y = np.arange(ys.start, ys.stop, dtype=np.float32)[:, None] + np.float32(0.5 - y0)
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    along = np.clip((x * dx + y * dy) / length, 0, 1) if length > 0 else np.zeros((1, 1), np.float32)
    distance = np.hypot(x - along * dx, y - along * dy)
    _blend(image[ys, xs], np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32) * np.float32(opacity), color)


def disc(image: U8, centre: Point, color: Color, radius: float, opacity: float = 1.0) -> None:
    """Draw a disc onto ``image`` (H, W, 3) in place."""
    line(image, centre, centre, color, radius, opacity)


def _window(image: U8, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice] | None:
    height, width = image.shape[:2]
    if not all(np.isfinite((left, top, right, bottom))):
        return None
    xs = slice(max(0, int(left)), min(width, int(right) + 1))
    ys = slice(max(0, int(top)), min(height, int(bottom) + 1))
    return (ys, xs) if xs.start < xs.stop and ys.start < ys.stop else None


def _blend(part: U8, cover: F32, color: Color) -> None:
    mixed = part + (np.array(color, np.float32) - part) * cover[..., None]
    part[:] = np.round(mixed).astype(np.uint8)
