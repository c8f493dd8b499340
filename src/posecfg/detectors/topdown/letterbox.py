"""Scale a whole picture into the upper left corner of a network's input, with grey to the right and below."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8
    from posecfg.detectors.topdown.pixels import Tables

GREY = 114


@dataclass(frozen=True)
class Fit:
    """Placement of a picture in the input: ``width`` and ``height`` px there, ``across`` and ``down`` its scales."""

    width: int
    height: int
    across: float
    down: float

    def back(self, xyxy: F32) -> F32:
        """Return boxes (N, 4) in px of the input as px of the picture."""
        import numpy as np

        return xyxy * np.array([1 / self.across, 1 / self.down] * 2, np.float32)


def fit(size: tuple[int, int], width: int, height: int) -> Fit:
    """Return how a picture of ``size`` (width, height) fits into ``width`` x ``height``, its proportions kept."""
    ratio = min(width / size[0], height / size[1])
    inside = [max(1, int(length * ratio + 0.5)) for length in size]
    return Fit(inside[0], inside[1], inside[0] / size[0], inside[1] / size[1])


class Letterbox:
    """Scales pictures into an input of ``width`` x ``height`` px, in memory that is reused."""

    def __init__(self, opencv: ModuleType, tables: Tables, width: int, height: int) -> None:
        import numpy as np

        self.width, self.height = width, height
        self._opencv, self._tables = opencv, tables
        self._rows: F32 = np.empty((0, 3, height, width), np.float32)
        self._clear = (0, 0)

    def __call__(self, pictures: U8) -> tuple[F32, Fit]:
        """Return (B, 3, height, width) float32, valid until the next call, for ``pictures`` (B, H, W, 3) uint8 RGB."""
        how = fit((pictures.shape[2], pictures.shape[1]), self.width, self.height)
        rows = self._room(len(pictures), how)
        for picture, row in zip(pictures, rows, strict=True):
            if picture.shape[:2] != (how.height, how.width):
                size = (how.width, how.height)
                picture = self._opencv.resize(picture, size, interpolation=self._opencv.INTER_LINEAR)
            self._tables.write(picture, row[:, : how.height, : how.width])
        return rows, how

    def _room(self, count: int, how: Fit) -> F32:
        import numpy as np

        inside = (how.width, how.height)
        if count > len(self._rows) or inside != self._clear:
            self._rows = np.empty((max(count, len(self._rows)), 3, self.height, self.width), np.float32)
            for row in self._rows:
                self._tables.fill(GREY, row)
            self._clear = inside
        return self._rows[:count]
