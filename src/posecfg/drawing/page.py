"""A page of lines, discs, boxes, text and pictures, in RGB and with soft edges."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posecfg.drawing.colors import Rgb
from posecfg.drawing.lettering import Lettering
from posecfg.drawing.strokes import FULL, Grid, discs, lines

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, U8
    from posecfg.drawing.strokes import Touched

# Px beyond which nothing is drawn: a wild point must not cost time.
_FAR = 1e5


class Area(NamedTuple):
    """A rectangle of a page, in whole px; ``right`` and ``bottom`` lie outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Px across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Px down."""
        return self.bottom - self.top

    def inner(self, x: int, y: int) -> Area:
        """Return the area without ``x`` px on the left and right, and ``y`` above and below."""
        return Area(self.left + x, self.top + y, self.right - x, self.bottom - y)


class Page:
    """A picture ``rgb`` (H, W, 3) uint8; x and y are px of it, and ``alpha`` is how much a shape covers."""

    def __init__(self, width: int, height: int, color: Rgb) -> None:
        self.rgb = np.empty((height, width, 3), np.uint8)
        self.rgb[...] = color
        self.area = Area(0, 0, width, height)

    def lines(self, ends: F64, color: Rgb, width: float, alpha: float = 1.0, within: Area | None = None) -> None:
        """Draw straight lines with round ends, ``ends`` (S, 4) x0, y0, x1, y1; those with NaN are left out."""
        ends = ends[(np.abs(ends) < _FAR).all(axis=1)]
        if len(ends):
            place = within or self.area
            reach, grid = width / 2 + 0.5, Grid(place.height, place.width, place.width)
            moved = ends - np.array([place.left, place.top] * 2)
            caps = np.concatenate([moved[:, :2], moved[:, 2:]])
            touched = [lines(moved, [reach], [grid])[0], discs(caps, [reach], [grid])[0]]
            self._touch(_mask(touched, grid, reach), place, color, alpha)

    def path(self, points: F64, color: Rgb, width: float, alpha: float = 1.0, within: Area | None = None) -> None:
        """Draw a line through ``points`` (N, 2), with gaps where they are NaN; a point alone is a dot."""
        ends = np.concatenate([points[:-1], points[1:]], axis=1)
        known = np.isfinite(points).all(axis=1)
        beside = np.concatenate([[False], known, [False]])
        alone = points[known & ~beside[:-2] & ~beside[2:]]
        self.lines(np.concatenate([ends, np.concatenate([alone, alone], axis=1)]), color, width, alpha, within)

    def discs(self, centres: F64, radius: float, color: Rgb, alpha: float = 1.0, within: Area | None = None) -> None:
        """Draw discs around ``centres`` (S, 2); those with NaN are left out."""
        centres = centres[(np.abs(centres) < _FAR).all(axis=1)]
        if len(centres):
            place = within or self.area
            grid = Grid(place.height, place.width, place.width)
            touched = discs(centres - (place.left, place.top), [radius + 0.5], [grid])
            self._touch(_mask(touched, grid, radius + 0.5), place, color, alpha)

    def box(self, area: Area, color: Rgb, round_by: float = 0.0, alpha: float = 1.0) -> None:
        """Fill an area, whose corners may be round."""
        half = np.array([area.width, area.height]) / 2
        y, x = np.mgrid[: area.height, : area.width] + 0.5
        out = [np.maximum(np.abs(one - mid) - mid + round_by, 0) for one, mid in ((x, half[0]), (y, half[1]))]
        cover = np.clip(round_by + 0.5 - np.hypot(*out), 0, 1) if round_by else np.ones((area.height, area.width))
        self._cover(cover.astype(np.float32), area, color, alpha)

    def picture(self, left: int, top: int, picture: U8) -> None:
        """Put a picture (H, W, 3) with its upper left corner at ``left``, ``top``."""
        self.rgb[top : top + picture.shape[0], left : left + picture.shape[1]] = picture

    def centred(self, area: Area, text: str, size: float, color: Rgb) -> None:
        """Write ``text`` in the middle of ``area``."""
        self.text((area.left + area.right) / 2, (area.top + area.bottom) / 2, text, size, color, 0.5)

    def text(self, x: float, y: float, text: str, size: float, color: Rgb, align: float = 0.0) -> int:
        """Write ``text`` with capitals of ``size`` px on the baseline ``y``, and return its width in px.

        ``align`` is the share of the text that stands left of ``x``.
        """
        if not text:
            return 0
        lettering = _lettering(size)
        mask = lettering.line(text).astype(np.float32) / 255
        left, top = round(x - align * mask.shape[1]), round(y - size) - lettering.top
        area = Area(left, top, left + mask.shape[1], top + mask.shape[0])
        seen = Area(max(left, 0), max(top, 0), min(area.right, self.area.right), min(area.bottom, self.area.bottom))
        if seen.width > 0 and seen.height > 0:
            part = mask[seen.top - top : seen.bottom - top, seen.left - left : seen.right - left]
            self._cover(part.astype(np.float32), seen, color, 1)
        return area.width

    def _touch(self, found: tuple[F32, int, int], place: Area, color: Rgb, alpha: float) -> None:
        mask, top, left = found
        self._cover(mask, Area(place.left + left, place.top + top, 0, 0), color, alpha)

    def _cover(self, mask: F32, area: Area, color: Rgb, alpha: float) -> None:
        """Mix a colour into the pixels right of and below the corner of ``area``."""
        height, width = mask.shape
        region = self.rgb[area.top : area.top + height, area.left : area.left + width]
        share = (mask * np.float32(alpha))[..., None]
        mixed = region * (1 - share) + np.array(color, np.float32) * share
        region[...] = np.rint(mixed).astype(np.uint8)


def width_of(text: str, size: float) -> int:
    """Return the px that a text takes."""
    return len(_lettering(size).line(text)[0]) if text else 0


@lru_cache(maxsize=16)
def _lettering(size: float) -> Lettering:
    return Lettering(size)


def _mask(touched: list[Touched], grid: Grid, reach: float) -> tuple[F32, int, int]:
    """Return how much of each pixel shapes cover, for the part that they touch, and where that begins, down and across.

    Where several meet, the nearest counts, and none is drawn twice.
    """
    place, near = (np.concatenate(parts) for parts in zip(*touched, strict=True))
    if not len(place):
        return np.zeros((0, 0), np.float32), 0, 0
    down, across = np.divmod(place, grid.stride)
    top, left = int(down.min()), int(across.min())
    found = np.zeros((int(down.max()) - top + 1, int(across.max()) - left + 1), np.float32)
    order = np.argsort(near, kind="stable")
    found[down[order] - top, across[order] - left] = near[order]
    found *= np.float32(reach / FULL)
    np.minimum(found, 1, out=found)
    return found, top, left
