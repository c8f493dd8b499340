"""Render text as a mask; each character is rendered once for a size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.font import ASCENT, CAP, DESCENT, GAP, sign

if TYPE_CHECKING:
    from posecfg.arrays import U8

# Thickness of strokes, as a share of the height of capitals.
_WEIGHT = 0.135
_THINNEST = 1.1


class Lettering:
    """Renderer of lines of text whose capitals are ``size`` px high."""

    def __init__(self, size: float) -> None:
        self._scale = size / CAP
        self._radius = max(size * _WEIGHT, _THINNEST) / 2
        # Half a stroke and its soft edge extend beyond the outline.
        out = math.ceil(self._radius + 1)
        self.top = out + math.ceil(ASCENT * self._scale)
        """Top of capitals, in px from the top of a mask."""
        self._height = self.top + math.ceil((CAP + DESCENT) * self._scale) + out
        self._signs: dict[str, U8] = {}

    def line(self, text: str) -> U8:
        """Return the mask of ``text``, (height, width) uint8, 255 where a pixel is fully covered."""
        return np.concatenate([self._sign(character) for character in text], axis=1)

    def _sign(self, character: str) -> U8:
        mask = self._signs.get(character)
        if mask is None:
            mask = self._signs[character] = self._drawn(character)
        return mask

    def _drawn(self, character: str) -> U8:
        width, pieces = sign(character)
        columns = round((width + GAP) * self._scale)
        mask = np.zeros((self._height, columns), np.float32)
        # Characters are centred in their masks, so that neighbours share the gap.
        left = (columns - width * self._scale) / 2
        y, x = np.mgrid[: self._height, :columns] + 0.5
        for (x0, y0), (x1, y1) in pieces:
            ax, ay = x - (left + x0 * self._scale), y - (self.top + y0 * self._scale)
            dx, dy = (x1 - x0) * self._scale, (y1 - y0) * self._scale
            along = np.clip((ax * dx + ay * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
            distance = np.hypot(ax - along * dx, ay - along * dy)
            np.maximum(mask, np.clip(self._radius + 0.5 - distance, 0, 1), out=mask)
        return np.rint(mask * 255).astype(np.uint8)
