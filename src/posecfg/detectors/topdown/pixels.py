"""Convert the bytes of a picture to the normalised numbers that a network takes."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from posecfg import backends

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8

# Mean and standard deviation of red, green and blue that OpenMMLab's networks were trained with.
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def opencv(threads: int, wanted_by: str) -> ModuleType:
    """Import OpenCV and limit it to the number of threads of the models."""
    library = backends.require("cv2", wanted_by)
    library.setNumThreads(threads)
    return library


class Tables:
    """Writes RGB bytes as planes of (value - mean) / std from lookup tables, bit for bit as a computation gives.

    ``mean`` and ``std`` are those of red, green and blue; ``bgr`` puts the blue plane first.
    """

    def __init__(self, opencv: ModuleType, mean: Sequence[float], std: Sequence[float], *, bgr: bool) -> None:
        import numpy as np

        values = np.arange(256, dtype=np.float32)
        shades = zip(mean, std, strict=True)
        self.tables: list[F32] = [(values - np.float32(m)) / np.float32(s) for m, s in shades]
        self.order = (2, 1, 0) if bgr else (0, 1, 2)
        self._opencv = opencv

    def write(self, image: U8, planes: F32) -> None:
        """Write ``image`` (h, w, 3) uint8 RGB into ``planes`` (3, h, w) float32, whose rows are contiguous."""
        colours = self._opencv.split(image)
        for plane, colour in zip(planes, self.order, strict=True):
            self._opencv.LUT(colours[colour], self.tables[colour], dst=plane)

    def fill(self, value: int, planes: F32) -> None:
        """Write one grey ``value`` everywhere."""
        for plane, colour in zip(planes, self.order, strict=True):
            plane[...] = self.tables[colour][value]
