"""People in space: tubes in the order of their distance over a floor, with soft shadows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.colors import Rgb, yuv
from posecfg.drawing.floor import LIGHT, Floor
from posecfg.drawing.lettering import Lettering
from posecfg.drawing.sides import bones, side
from posecfg.drawing.strokes import FULL, Grid, discs, lines
from posecfg.drawing.tubes import Canvas, Paint, Pair
from posecfg.drawing.view import View

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, I64, U8
    from posecfg.skeletons.skeleton import Skeleton

_RED: Rgb = (222, 36, 44)
_DARK: Rgb = (34, 36, 40)
COLORS = {"right": _RED, "left": _DARK, "middle": _DARK}
"""Colours of sides, as in VideoPose3D's own pictures."""
# Metres: the radius of a limb, of which short ones have a share of their length, and of the smallest point.
_LIMB, _SLIM, _DOT = 0.019, 0.16, 0.007
# A joint is so many times as thick as its limbs.
_JOINT = 1.35
# Metres: the radius of a point that stands for the whole head.
_HEAD = 0.052
# Px of background around a limb, for a picture of so many px.
_RIM, _PX = 1.7, 600
# How much of the background a pose takes on that was made up, and one that is far away.
_FAINT, _FOG = 0.68, 0.26
# Metres and px beyond which nothing is drawn.
_WILD, _FAR = 1e3, 1e6
# Shadows: half width in metres, and how much light they take.
_SHADOW, _DIM = 0.075, 0.15
# Height of capitals, and distance from the corner, as shares of the picture; darkness of text.
_CAPITALS, _MARGIN, _INK = 0.0165, 0.028, 0.42


@dataclass(frozen=True)
class Figure:
    """One person: ``points`` (K, 3) metres, x and y along the floor and z up, NaN where missing.

    ``made`` marks a pose that was made up.
    """

    skeleton: Skeleton
    points: F64
    made: bool = False


class Pane:
    """Pictures of people in space from ``view``, with ``text`` in the lower left corner.

    ``matrix``, ``full`` and ``rows`` tell what colours mean in the film, see ``colors.yuv``; ``colors`` are those of
    right, left and middle.
    """

    def __init__(
        self, view: View, text: str, matrix: int, full: bool, rows: int, colors: Mapping[str, Rgb] = COLORS
    ) -> None:
        self._view, self._floor = view, Floor(view)
        self._meaning = matrix, full, rows
        self.black = yuv((0, 0, 0), *self._meaning)[0]
        self._high = yuv((255, 255, 255), *self._meaning)[0]
        self._text = _written(view.size, text)
        self._empty: tuple[F32, U8] | None = None
        half = view.size // 2
        self._canvas = Canvas(np.empty((view.size, view.size), np.uint8), np.empty((2, half, half), np.uint8))
        self._grid = Grid(half, half, half, 0.5)
        self._colors = {name: yuv(color, *self._meaning) for name, color in colors.items()}

    def __call__(self, figures: Sequence[Figure], x: float = 0.0, y: float = 0.0) -> Canvas:
        """Return a picture, which the next call overwrites, of people around the point ``x``, ``y`` of the floor."""
        canvas = self._canvas
        canvas.y[...] = self._background(x, y)
        canvas.uv[...] = 128
        limbs: list[_Part] = []
        middle = np.array([x, y, 0.0])
        for figure in figures:
            points = figure.points - middle
            points[(np.abs(points) > _WILD).any(axis=1)] = np.nan
            self._shadow(canvas, points, figure)
            limbs += self._parts(points, figure)
        for part in sorted(limbs, key=lambda part: -part.far):
            canvas.tube(part.start, part.end, part.radius, part.paint)
        return canvas

    def _background(self, x: float, y: float) -> U8:
        light = self._floor(x, y)
        if self._empty is None or self._empty[0] is not light:
            shown = light * (1 - self._text * _INK)
            self._empty = light, np.rint(self.black + shown * (self._high - self.black)).astype(np.uint8)
        return self._empty[1]

    def _shadow(self, canvas: Canvas, points: F64, figure: Figure) -> None:
        """Darken the floor below a person; shadows are so soft that half the resolution is enough."""
        edges, _ = bones(figure.skeleton)
        xy, _ = self._view(points * (1.0, 1.0, 0.0))
        ends = xy[edges].reshape(-1, 4)
        there = (np.abs(ends) < _FAR).all(axis=1)
        joints = xy[(np.abs(xy) < _FAR).all(axis=1)]
        reach = [float(max(round(_SHADOW * self._view.focal / self._view.away / 2), 2))]
        found = [lines(ends[there], reach, [self._grid])[0], discs(joints, reach, [self._grid])[0]]
        place, near = (np.concatenate(parts) for parts in zip(*found, strict=True))
        if not len(place):
            return
        dark = near.astype(np.uint8)
        # Where shadows meet, the darkest counts: it is written last.
        order = np.argsort(dark, kind="stable")
        mask = np.zeros((self._grid.height, self._grid.width), np.uint8)
        mask.reshape(-1)[place[order]] = dark[order]
        top, bottom = int(place.min()) // self._grid.stride, int(place.max()) // self._grid.stride + 1
        columns = place % self._grid.stride
        left, right = int(columns.min()), int(columns.max()) + 1
        key = mask[top:bottom, left:right].astype(np.uint16).repeat(2, axis=0).repeat(2, axis=1)
        key <<= 8
        region = canvas.y[2 * top : 2 * bottom, 2 * left : 2 * right]
        key |= region
        region[...] = _dimmed(figure.made, self.black).take(key)

    def _parts(self, points: F64, figure: Figure) -> list[_Part]:
        """Return limbs and joints of a person, with their distances."""
        (edges, sides), names = bones(figure.skeleton), figure.skeleton.keypoints
        xy, far = self._view(points)
        places: list[Pair] = [(x, y) for x, y in xy.tolist()]
        thin, scale, away = _radii(points, edges), (self._view.focal / far).tolist(), far.tolist()
        nearest, thick = list(away), [0.0] * len(names)
        parts = []
        for (a, b), own, radius in zip(edges.tolist(), sides, thin.tolist(), strict=True):
            mean = (away[a] + away[b]) / 2
            if math.isfinite(mean):
                for k in (a, b):
                    nearest[k], thick[k] = min(nearest[k], mean), max(thick[k], radius)
                paint = self._paint(own, mean, figure.made)
                parts.append(_Part(mean, places[a], places[b], radius * (scale[a] + scale[b]) / 2, paint))
        for k, name in enumerate(names):
            if math.isfinite(away[k]):
                # In front of all limbs that end in it, so that these are joined.
                before = nearest[k] - 1e-3
                size = (_HEAD if name == "head" else max(thick[k] * _JOINT, _DOT)) * scale[k]
                paint = self._paint(side(name), before, figure.made, rim=False)
                parts.append(_Part(before, places[k], places[k], size, paint))
        return parts

    def _paint(self, own: str, far: float, made: bool, rim: bool = True) -> Paint:
        y, u, v = self._colors[own]
        fog = _FOG * min(max((far - self._view.away) / self._view.reach + 0.5, 0.0), 1.0)
        if made:
            fog = 1 - (1 - fog) * (1 - _FAINT)
        white = self.black + LIGHT * (self._high - self.black)
        shade = y + (white - y) * fog, u + (128 - u) * fog, v + (128 - v) * fog
        return Paint(*shade, _RIM * self._view.size / _PX if rim else 0.0, white, self.black)


@dataclass(frozen=True)
class _Part:
    far: float
    start: Pair
    end: Pair
    radius: float
    paint: Paint


def _radii(points: F64, edges: I64) -> F64:
    """Return the radius (B,) of each limb in metres: short ones, such as fingers, are thin."""
    length = np.sqrt(((points[edges[:, 0]] - points[edges[:, 1]]) ** 2).sum(axis=1))
    found: F64 = np.clip(length * _SLIM, _DOT, _LIMB)
    return found


@lru_cache(maxsize=8)
def _dimmed(made: bool, low: int) -> U8:
    """Return a table for brightness in shadow, indexed by 256 * nearness + brightness."""
    near = np.arange(FULL + 1, dtype=np.float32)[:, None] / FULL
    soft = near * near * (3 - 2 * near) * _DIM * (1 - _FAINT if made else 1.0)
    values = np.arange(256, dtype=np.float32)
    return np.rint(np.clip(low + (values - low) * (1 - soft), 0, 255)).astype(np.uint8).ravel()


def _written(size: int, text: str) -> F32:
    """Return how much of each pixel (size, size) text covers, 0 to 1."""
    found = np.zeros((size, size), np.float32)
    capitals = round(size * _CAPITALS)
    if not text or capitals < 7:
        return found
    mask = Lettering(capitals).line(text)
    corner = round(size * _MARGIN)
    high, wide = mask.shape
    if wide + corner <= size:
        found[size - corner - high : size - corner, corner : corner + wide] = mask / np.float32(255)
    return found
