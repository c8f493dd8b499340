"""Draw a line of light text on a dark, translucent box with round ends in the upper left corner of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.colors import FULL_RANGE, Rgb, yuv
from posecfg.drawing.lettering import Lettering

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import U8
    from posecfg.pixels import Planes

    U16 = NDArray[np.uint16]

_LIGHT: Rgb = (246, 248, 250)
_DARK: Rgb = (12, 16, 24)
_OPACITY = 0.62
# Height of capitals (px) on a picture of so many lines, and the smallest that is legible.
_CAPITALS, _LINES, _LEAST = 22, 1080, 6
# In heights of capitals.
_MARGIN, _BESIDE, _ABOVE = 0.8, 0.75, 0.6
_GREY, _ONE = 128, 256


@dataclass(frozen=True)
class _Pill:
    """The box: 256ths of the picture that stay visible, and the dark value that is added; for Y, and for U and V."""

    keep: U16
    add: U16
    half: U16


class Label:
    """Writer of a text on pictures; a picture without room for ``longest`` at a legible size gets no text."""

    def __init__(self, longest: str) -> None:
        self._longest = longest
        self._for: tuple[int, int] | None = None
        self._lettering: Lettering | None = None
        self._pills: dict[tuple[int, int], _Pill] = {}
        self._size = self._widest = 0

    def __call__(self, planes: Planes, text: str) -> None:
        """Write ``text`` on ``planes``."""
        if not self.fits(planes) or self._lettering is None:
            return
        mask = self._lettering.line(text)
        beside, above = round(_BESIDE * self._size), round(_ABOVE * self._size)
        corner = _even(_MARGIN * self._size)
        # The box never shrinks, so that its end does not move from frame to frame.
        self._widest = max(self._widest, min(_even(mask.shape[1] + 2 * beside), planes.y.shape[1] - 2 * corner))
        width, height = self._widest, _even(self._size + 2 * above)
        pill = self._pill(width, height)
        ink = np.zeros((height, width), np.uint16)
        top = above - self._lettering.top
        shown = mask[max(-top, 0) : height - top, : width - 2 * beside]
        ink[max(top, 0) : max(top, 0) + shown.shape[0], beside : beside + shown.shape[1]] = shown
        ink += ink >> 7
        _write(planes.y[corner : corner + height, corner : corner + width], pill, ink, self._light)
        left = pill.half - (pill.half * ink[::2, ::2] >> 8)
        half = slice(corner // 2, (corner + height) // 2), slice(corner // 2, (corner + width) // 2)
        for plane in (planes.u, planes.v):
            plane[half] = (plane[half] * left + _GREY * (_ONE - left)) >> 8

    def fits(self, planes: Planes) -> bool:
        """Tell whether a picture of this size has room for the longest text."""
        if planes.size != self._for:
            self._fit(planes)
        return self._lettering is not None

    def _fit(self, planes: Planes) -> None:
        self._for = planes.size
        self._lettering = None
        self._pills.clear()
        self._widest = 0
        width, height = planes.size
        frame = planes.frame
        meaning = int(frame.colorspace), frame.color_range == FULL_RANGE, height
        self._light, self._dark = yuv(_LIGHT, *meaning)[0], yuv(_DARK, *meaning)[0]
        size = max(_LEAST, round(min(planes.size) * _CAPITALS / _LINES))
        while size >= _LEAST:
            lettering = Lettering(size)
            wide = lettering.line(self._longest).shape[1] + 2 * (_BESIDE + _MARGIN) * size
            if wide <= width and (1 + 2 * _ABOVE + _MARGIN) * size <= height:
                self._lettering, self._size = lettering, size
                return
            size -= 1

    def _pill(self, width: int, height: int) -> _Pill:
        pill = self._pills.get((width, height))
        if pill is None:
            radius = height / 2
            y, x = np.mgrid[:height, :width] + 0.5
            beyond = np.maximum(np.maximum(radius - x, x - (width - radius)), 0)
            cover = np.clip(radius + 0.5 - np.hypot(beyond, y - radius), 0, 1) * _OPACITY
            share = np.rint(cover * _ONE).astype(np.uint16)
            keep = _ONE - share
            pill = self._pills[width, height] = _Pill(keep, share * np.uint16(self._dark), keep[::2, ::2].copy())
        return pill


def caption(planes: Planes, texts: Sequence[str]) -> None:
    """Write the first of ``texts`` on ``planes`` for which there is room, or none."""
    for text in texts:
        label = Label(text)
        if label.fits(planes):
            label(planes, text)
            return


def _write(region: U8, pill: _Pill, ink: U16, light: int) -> None:
    mixed = region * pill.keep
    mixed += pill.add
    mixed >>= 8
    mixed *= _ONE - ink
    mixed += ink * np.uint16(light)
    region[...] = mixed >> 8


def _even(number: float) -> int:
    return 2 * round(number / 2)
