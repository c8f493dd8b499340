"""Blend strokes into pixels with a table: from the nearness and the value of a pixel to its new value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.colors import Rgb, yuv
from posecfg.drawing.strokes import FULL

if TYPE_CHECKING:
    from posecfg.arrays import U8
    from posecfg.drawing.strokes import Touched

_DARK: Rgb = (12, 16, 24)
# Opacity of the dark rim.
_SHADE = 0.6


@dataclass(frozen=True)
class Ink:
    """A colour on one plane: ``table`` (65536,) is indexed by 256 * nearness + value.

    From nearness ``solid`` on, a pixel becomes ``value``, whatever it was. The stroke ends at ``reach`` px.
    """

    table: U8
    value: int
    solid: int
    reach: float

    def paint(self, flat: U8, touched: Touched) -> None:
        """Change the touched pixels of a flat plane in place."""
        place, near = touched
        key = near << 8
        key |= flat.take(place)
        flat[place] = self.table.take(key)
        # Where strokes cross, the soft edge of one must not show inside the other.
        flat[place[near >= self.solid]] = self.value


@lru_cache(maxsize=64)
def inks(color: Rgb, radius: float, rim: float, matrix: int, full: bool, lines: int) -> tuple[Ink, Ink, Ink]:
    """Return the inks of Y, U and V for strokes of ``radius`` px with a dark ``rim`` of px around them.

    For the other arguments see ``colors.yuv``. U and V have half the picture's size, and no rim.
    """
    y, u, v = yuv(color, matrix, full, lines)
    dark = yuv(_DARK, matrix, full, lines)[0]
    # Colour extends under the rim, which hides it: a thin bone may fall between two pixels of U and V.
    half = radius / 2 + min(rim / 3, 0.25)
    return _ink(y, radius, rim, dark), _ink(u, half), _ink(v, half)


def _ink(value: int, radius: float, rim: float = 0.0, dark: int = 0) -> Ink:
    # Edges fade over one pixel.
    reach = radius + rim + 0.5
    far = reach * (1 - np.arange(FULL + 1, dtype=np.float32)[:, None] / FULL)
    shade = np.clip(reach - far, 0, 1) * (_SHADE if rim else 0)
    core = np.clip(radius + 0.5 - far, 0, 1)
    mixed = np.arange(256, dtype=np.float32) * (1 - shade) + dark * shade
    mixed += (value - mixed) * core
    solid = int(np.argmax(core >= 1)) if core.max() >= 1 else FULL + 1
    return Ink(np.rint(mixed).astype(np.uint8).ravel(), value, solid, reach)
