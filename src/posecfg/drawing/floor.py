"""The floor below people in space: a grid that fades out into the background, as brightness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.view import View

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32

# Metres between lines, and their half width, which is never less than so many px.
_CELL, _HALF, _LEAST = 0.5, 0.006, 0.6
# The floor is whole up to this distance from the middle and gone at that one, in reaches of the view.
_WHOLE, _GONE = 0.55, 1.25
LIGHT = 0.972
"""Brightness of the background, from black to white."""
# How much darker the floor and its lines are.
_PLATE, _LINE = 0.055, 0.17


class Floor:
    """The background of a view. ``__call__`` returns its brightness (size, size) float32 from 0 to 1."""

    def __init__(self, view: View) -> None:
        met = view.floor()
        # Metres of floor that a pixel covers, across each kind of line.
        cover = [np.hypot(*np.gradient(met[..., axis])) for axis in (0, 1)]
        distance = np.hypot(met[..., 0], met[..., 1]) / view.reach
        shown = np.nan_to_num(np.clip((_GONE - distance) / (_GONE - _WHOLE), 0, 1))
        self._first = int(np.argmax(shown.max(axis=1) > 0)) if shown.any() else view.size
        below = slice(self._first, None)
        self._met: list[F32] = [np.nan_to_num(met[below, :, axis]).astype(np.float32) for axis in (0, 1)]
        self._cover: list[F32] = [np.nan_to_num(one[below], nan=1.0).astype(np.float32) + 1e-6 for one in cover]
        self._shown: F32 = (shown * shown * (3 - 2 * shown))[below].astype(np.float32)
        self._plain = np.full((view.size, view.size), LIGHT, np.float32)
        self._plain[below] -= _PLATE * self._shown
        self._last: tuple[tuple[float, float], F32] | None = None

    def __call__(self, x: float, y: float) -> F32:
        """Return the background where the middle of the view is at ``x`` and ``y`` metres; it is not to be changed."""
        place = round(x % _CELL, 3), round(y % _CELL, 3)
        if self._last is None or self._last[0] != place:
            lines = np.zeros_like(self._shown)
            for met, cover, shift in zip(self._met, self._cover, place, strict=True):
                np.maximum(lines, _lines(met, cover, shift), out=lines)
            lines *= self._shown
            lines *= _LINE
            found = self._plain.copy()
            found[self._first :] -= lines
            self._last = place, found
        return self._last[1]


def _lines(met: F32, cover: F32, shift: float) -> NDArray[np.float32]:
    """Return how much of each pixel a line covers."""
    cells = (met + np.float32(shift)) * np.float32(1 / _CELL)
    cells -= np.rint(cells)
    np.abs(cells, out=cells)
    cells *= np.float32(-_CELL)
    cells += np.maximum(_HALF, cover * _LEAST)
    cells /= cover
    cells += np.float32(0.5)
    return np.clip(cells, 0, 1, out=cells)
