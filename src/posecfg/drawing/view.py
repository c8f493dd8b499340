"""A camera that looks at people in space, as matplotlib's ``view_init`` places it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from posecfg.arrays import F64

# Metres from the eye to what it looks at, in widths of what is seen: farther is flatter.
_AWAY = 3.6
# What is seen is so many times wider than people reach.
_ROOM = 1.3


@dataclass(frozen=True)
class View:
    """A square picture of ``size`` px of a scene in metres, x and y along the floor and z up.

    ``elev`` and ``azim`` are degrees: from the floor up, and from x towards y. ``reach`` metres fit into the picture,
    whose middle is the point ``height`` metres above the floor at 0, 0.
    """

    size: int
    reach: float = 1.7
    height: float = 0.8
    elev: float = 15.0
    azim: float = 70.0

    @property
    def axes(self) -> F64:
        """(3, 3): unit vectors to the right of the picture, up in it, and from it to the eye."""
        elev, azim = math.radians(self.elev), math.radians(self.azim)
        right = (-math.sin(azim), math.cos(azim), 0.0)
        back = (math.cos(elev) * math.cos(azim), math.cos(elev) * math.sin(azim), math.sin(elev))
        return np.array([right, np.cross(back, right), back])

    @property
    def away(self) -> float:
        """Metres from the eye to the middle."""
        return self.reach * _AWAY

    @property
    def focal(self) -> float:
        """Px of one metre at one metre from the eye."""
        return self.size / (self.reach * _ROOM) * self.away

    def __call__(self, points: F64) -> tuple[F64, F64]:
        """Return x and y (..., 2) px of points (..., 3), pixel centres at .5, and their distance (...) in metres."""
        seen = (points - (0.0, 0.0, self.height)) @ self.axes.T
        # What is beside or behind the eye is kept in front of it: it is outside of the picture in any case.
        far = np.maximum(self.away - seen[..., 2], self.away / 20)
        scale = self.focal / far
        half = self.size / 2
        return np.stack([half + seen[..., 0] * scale, half - seen[..., 1] * scale], axis=-1), far

    def floor(self) -> F64:
        """Return where each pixel (size, size, 2) looks at the floor, in metres; NaN above the horizon."""
        offset = (np.arange(self.size) + 0.5 - self.size / 2) / self.focal
        right, up, back = self.axes
        rays = offset[None, :, None] * right - offset[:, None, None] * up - back
        eye = back * self.away + (0.0, 0.0, self.height)
        down = np.where(rays[..., 2] < -1e-6, rays[..., 2], np.nan)
        met: F64 = eye[:2] + rays[..., :2] * (-eye[2] / down)[..., None]
        return met
