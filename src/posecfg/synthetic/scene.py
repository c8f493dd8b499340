"""Draw the stick figures as pixels, with NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.errors import ConfigError
from posecfg.synthetic.figure import figure, pixels_per_metre

if TYPE_CHECKING:
    from posecfg.arrays import F64, U8

_COLOURS = ((236, 132, 52), (70, 170, 220), (120, 200, 90), (220, 90, 160), (230, 210, 80), (150, 120, 230))


@dataclass(frozen=True)
class StickScene:
    """A computed film: ``people`` figures over a plain background; equal fields give equal pixels."""

    seed: int
    frames: int
    size: tuple[int, int]
    fps: float
    people: int = 1

    def __post_init__(self) -> None:
        if self.frames < 0 or self.people < 0 or self.fps <= 0 or min(self.size) < 1:
            raise ConfigError(f"Expected a scene with a size of at least 1 x 1 and a positive rate, but got {self}.")

    def rgb(self, index: int) -> U8:
        """Return frame ``index``, (H, W, 3) uint8."""
        import numpy as np

        if not 0 <= index < self.frames:
            raise IndexError(f"Expected a frame in 0..{self.frames - 1}, but got {index}.")
        width, height = self.size
        canvas = np.empty((height, width, 3))
        canvas[:] = np.linspace(44.0, 84.0, height)[:, None, None]
        for person in range(self.people):
            self._draw(canvas, person, index / self.fps)
        return canvas.round().astype(np.uint8)

    def _draw(self, canvas: F64, person: int, time: float) -> None:
        import numpy as np

        from posecfg.skeletons.coco17 import SKELETON

        points = figure(self.seed, person, [time], self.size, self.people).xy[0]
        at = SKELETON.index
        unit = pixels_per_metre(self.size, self.people)
        colour = np.array(_COLOURS[person % len(_COLOURS)], dtype=np.float64)
        neck = (points[at["left_shoulder"]] + points[at["right_shoulder"]]) / 2
        hips = (points[at["left_hip"]] + points[at["right_hip"]]) / 2
        _stroke(canvas, neck, hips, 0.12 * unit, colour)
        for a, b in SKELETON.edges:
            if min(a, b) > at["right_ear"]:
                _stroke(canvas, points[a], points[b], 0.05 * unit, colour)
        head = (points[at["left_ear"]] + points[at["right_ear"]]) / 2
        _stroke(canvas, head, head, 0.12 * unit, (colour + 255) / 2)
        _stroke(canvas, points[at["nose"]], points[at["nose"]], 0.025 * unit, colour / 3)


def _stroke(canvas: F64, start: F64, end: F64, radius: float, colour: F64) -> None:
    """Blend a line with round ends into ``canvas``; its edge fades over one pixel."""
    import numpy as np

    height, width = canvas.shape[:2]
    low = np.floor(np.minimum(start, end) - radius - 1).astype(int)
    high = np.ceil(np.maximum(start, end) + radius + 2).astype(int)
    (left, top), (right, bottom) = np.clip([low, high], 0, [width, height])
    y, x = np.mgrid[top:bottom, left:right] + 0.5
    along = end - start
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(float(along @ along), 1e-9)
    share = np.clip(share, 0.0, 1.0)
    distance = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
    cover = np.clip(radius + 0.5 - distance, 0.0, 1.0)[..., None]
    canvas[top:bottom, left:right] += cover * (colour - canvas[top:bottom, left:right])
