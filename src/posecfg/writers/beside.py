"""Put a picture of a film with its people on the left, and the same people in space on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.colors import FULL_RANGE
from posecfg.drawing.pane import Pane
from posecfg.video.planes import blank, release

if TYPE_CHECKING:
    from posecfg.drawing.people import Artist
    from posecfg.pixels import Planes
    from posecfg.types import Person
    from posecfg.writers.placing import Placing

# A picture is at most so many times as wide as the scene; a wider one has bars above and below.
WIDEST = 3
TEXT = "turned for display only"
_GREY = 128


class Beside:
    """Maker of pictures of ``height`` px: ``artist`` draws people on the left, ``placing`` has them in space."""

    def __init__(self, placing: Placing, artist: Artist, height: int, text: bool) -> None:
        self._placing, self._artist, self._height = placing, artist, height
        self._text = TEXT if text else ""
        self._pane: tuple[tuple[int, bool, int], Pane] | None = None

    def size(self, own: tuple[int, int]) -> tuple[int, int]:
        """Return the even (width, height) px of the left part for pictures of the size ``own``."""
        share = min(self._height / own[1], self._height * WIDEST / own[0])
        width, height = (max(2, 2 * round(length * share / 2)) for length in own)
        return width, height

    def __call__(self, picture: Planes, own: tuple[int, int], row: int | None, seen: Sequence[Person]) -> Planes:
        """Return the whole picture; ``picture`` has the size of the left part, and must not be used afterwards.

        ``seen`` are the people in px of a picture of the size ``own``, ``row`` is the clip's row, None for none.
        """
        wide, high = picture.size
        whole = blank(picture, (wide + self._height, self._height), own[1])
        scale = np.array([wide / own[0], high / own[1]], np.float32)
        picture.frame.colorspace = whole.frame.colorspace
        self._artist(picture, [replace(one, xy=one.xy * scale) for one in seen])
        pane = self._of(whole, own[1])
        middle = (0.0, 0.0) if row is None else self._placing.middle(row)
        scene = pane([] if row is None else self._placing.figures(row), *middle)
        top = (self._height - high) // 4 * 2
        if high < self._height:
            whole.y[:, :wide], whole.u[:, : wide // 2], whole.v[:, : wide // 2] = pane.black, _GREY, _GREY
        for target, left, right, part in (
            (whole.y, picture.y, scene.y, 1),
            (whole.u, picture.u, scene.uv[0], 2),
            (whole.v, picture.v, scene.uv[1], 2),
        ):
            target[top // part : (top + high) // part, : wide // part] = left
            target[:, wide // part :] = right
        release(picture)
        return whole

    def _of(self, whole: Planes, lines: int) -> Pane:
        """Return what draws the scene in the colours of a picture."""
        meaning = int(whole.frame.colorspace), whole.frame.color_range == FULL_RANGE, lines
        if self._pane is None or self._pane[0] != meaning:
            view = replace(self._placing.view, size=self._height)
            self._pane = meaning, Pane(view, self._text, *meaning)
        return self._pane[1]
