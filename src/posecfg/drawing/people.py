"""Draw people as bones and joints, directly on the YUV planes of a film."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.colors import FULL_RANGE, Rgb
from posecfg.drawing.ink import inks
from posecfg.drawing.sides import SIDES, Side, jointed, sides
from posecfg.drawing.strokes import Grid, discs, lines

if TYPE_CHECKING:
    from posecfg.arrays import F64, U8
    from posecfg.drawing.strokes import Touched
    from posecfg.pixels import Planes
    from posecfg.skeletons.skeleton import Skeleton
    from posecfg.types import Person

    Shape = Callable[[F64, Sequence[float], Sequence[Grid], bool], list[Touched]]

# Sizes suit a picture of this many lines; on others, they scale with this power of the picture's size.
_LINES, _POWER = 1080, 0.7
_RADIUS, _WIDTH = 5.0, 3.0
# Sizes are rounded to steps of 1 / _STEPS px, so that few tables are needed.
_STEPS = 2
# Largest radius of a joint, as a share of the person's size: a small person must stay recognisable.
_SHARE = 1 / 30
# Skeletons with more keypoints than this include face and hands, whose points are close together: draw them finer.
_MANY, _FINER = 40, 0.6
_RIM = 0.25
# Points farther out than this (px) count as missing.
_FAR = 1e6


class Artist:
    """Draws people; ``joints`` and ``bones`` are the colours of track 0, 1 and so on, and repeat after the last.

    ``radius`` of joints and ``width`` of bones are px; None goes by the size of the picture and of the person.
    ``least`` px is the smallest radius for the size of a picture; a person who is small in it has smaller joints.
    ``sides`` are colours of left, right and middle, in place of those of tracks. Keypoints below ``kpt_thr`` are not
    drawn, nor are their bones. A pose that a refine step made has bones only.
    """

    def __init__(
        self,
        joints: Sequence[Rgb],
        bones: Sequence[Rgb],
        radius: float | None,
        width: float | None,
        kpt_thr: float,
        least: float = 0.0,
        sides: Sequence[Rgb] | None = None,
    ) -> None:
        self._sides = None if sides is None else dict(zip(SIDES, sides, strict=True))
        self._joints, self._bones = tuple(joints), tuple(bones)
        self._radius, self._width, self._kpt_thr, self._least = radius, width, kpt_thr, least

    def __call__(self, planes: Planes, people: Sequence[Person]) -> None:
        """Draw ``people`` on ``planes``, later ones over earlier ones."""
        if not people:
            return
        canvas = _Canvas(planes)
        for person in people:
            xy = person.xy.astype(np.float64)
            seen = (np.abs(xy) < _FAR).all(axis=1) & (person.scores >= self._kpt_thr)
            points = xy[seen]
            if not len(points):
                continue
            low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
            radius, width = self._sizes(planes, max(high[0] - low[0], high[1] - low[1]), len(person.skeleton))
            rim = width * _RIM
            # Pixels of U and V are twice as large; the factor and the few px more leave room for that and for rounding.
            canvas.within(low, high, 4 * (max(radius, width) + rim) + 4)
            parts = self._parts(person)
            for (edges, _), bone, _ in parts:
                edges = edges[seen[edges].all(axis=1)]
                if len(edges):
                    canvas.draw(lines, xy[edges].reshape(-1, 4), width / 2, rim, bone)
            for (_, joints), bone, joint in parts:
                points = xy[joints[seen[joints]]]
                if len(points) and person.made:
                    canvas.draw(discs, points, width / 2, 0.0, bone)
                elif len(points):
                    canvas.draw(discs, points, radius, rim, joint)

    def _parts(self, person: Person) -> list[tuple[Side, Rgb, Rgb]]:
        """Return what is drawn in one colour each: bones and joints, and the colours of both."""
        if self._sides is not None:
            return [(part, self._sides[name], self._sides[name]) for name, part in sides(person.skeleton).items()]
        bone, joint = (own[person.track % len(own)] for own in (self._bones, self._joints))
        return [(_whole(person.skeleton), bone, joint)]

    def _sizes(self, planes: Planes, extent: float, keypoints: int) -> tuple[float, float]:
        radius, width = self._radius, self._width
        if radius is None or width is None:
            auto = max(_RADIUS * (min(planes.size) / _LINES) ** _POWER, self._least)
            if extent > 0:
                auto = min(auto, max(extent * _SHARE, 2.0))
            if keypoints > _MANY:
                auto *= _FINER
            radius = _stepped(auto) if radius is None else radius
            width = _stepped(auto * _WIDTH / _RADIUS) if width is None else width
        return radius, width


class _Canvas:
    """The planes of one picture as flat arrays, with their colour matrix and range."""

    def __init__(self, planes: Planes) -> None:
        frame = planes.frame
        self._flats = [np.frombuffer(memoryview(plane), np.uint8) for plane in frame.planes]
        self._grids = _grid(planes.y, 1.0), _grid(planes.u, 0.5)
        self._meaning = int(frame.colorspace), frame.color_range == FULL_RANGE, planes.size[1]
        self._size = planes.size
        self._inside = False

    def within(self, low: Sequence[float], high: Sequence[float], margin: float) -> None:
        """Set the bounds of the next shapes: from ``low`` to ``high`` (x, y) px, and at most ``margin`` px beyond."""
        right, bottom = self._size[0] - margin, self._size[1] - margin
        self._inside = min(low) > margin and high[0] < right and high[1] < bottom

    def draw(self, shape: Shape, where: F64, radius: float, rim: float, color: Rgb) -> None:
        """Draw shapes in one colour."""
        own = inks(color, radius, rim, *self._meaning)
        luma, chroma = shape(where, (own[0].reach, own[1].reach), self._grids, self._inside)
        for ink, flat, touched in zip(own, self._flats, (luma, chroma, chroma), strict=True):
            ink.paint(flat, touched)


def _grid(plane: U8, scale: float) -> Grid:
    return Grid(plane.shape[0], plane.shape[1], plane.strides[0], scale)


def _stepped(size: float) -> float:
    return max(1.0, round(size * _STEPS) / _STEPS)


@lru_cache(maxsize=16)
def _whole(skeleton: Skeleton) -> Side:
    return Side(np.array(skeleton.edges, np.int64).reshape(-1, 2), np.flatnonzero(jointed(skeleton)).astype(np.int64))
