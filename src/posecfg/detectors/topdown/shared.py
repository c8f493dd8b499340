"""Share frames between box detector and pose head, so that pixels are converted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.pixels import Frames

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64, U8
    from posecfg.pixels import Planes


class Shared:
    """The frames of one batch; pixels converted at full size are kept for further calls."""

    def __init__(self, frames: Frames) -> None:
        self.indices, self.times = frames.indices, frames.times
        self.size, self.tick = frames.size, frames.tick
        self._frames = frames
        self._full: U8 | None = None

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def fills(self) -> I64:
        """Return how many output rows each frame fills, (B,)."""
        return self._frames.fills

    @property
    def moments(self) -> F64 | None:
        """Return the moments that the rows of the frames stand for."""
        return self._frames.moments

    def jpeg(self, number: int) -> tuple[U8, U8, U8]:
        """Return one frame as JPEG files have it."""
        return self._frames.jpeg(number)

    def one(self, number: int) -> U8:
        """Return frame ``number`` of these alone, (H, W, 3) uint8."""
        return self._frames.one(number)

    def rgb(self, width: int | None = None, height: int | None = None, quick: bool = False) -> U8:
        """Return (B, H, W, 3) uint8."""
        if width is not None or height is not None:
            return self._frames.rgb(width, height, quick)
        if self._full is None:
            self._full = self._frames.rgb()
        return self._full

    def crop(self, boxes: I64, width: int, height: int, quick: bool = False) -> U8:
        """Return one box of each frame."""
        return self._frames.crop(boxes, width, height, quick)

    def planes(self, size: tuple[int, int] | None = None) -> list[Planes]:
        """Return a copy of each frame as the film stores it."""
        return self._frames.planes(size)

    def luma(self, step: int = 1) -> U8:
        """Return (B, H, W) uint8 brightness."""
        return self._frames.luma(step)


class Every:
    """Every ``step``-th frame of a batch, from ``first`` on."""

    def __init__(self, frames: Frames, first: int, step: int) -> None:
        self._frames, self._rows = frames, slice(first, None, step)
        self.indices, self.times = frames.indices[self._rows], frames.times[self._rows]
        self.size, self.tick = frames.size, frames.tick

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def fills(self) -> I64:
        """Return how many output rows each frame fills, (B,)."""
        return self._frames.fills[self._rows]

    @property
    def moments(self) -> F64 | None:
        """Return the moments that the rows of the frames stand for."""
        import numpy as np

        if self._frames.moments is None:
            return None
        taken = np.zeros(len(self._frames), bool)
        taken[self._rows] = True
        found: F64 = self._frames.moments[np.repeat(taken, self._frames.fills)]
        return found

    def jpeg(self, number: int) -> tuple[U8, U8, U8]:
        """Return one frame as JPEG files have it."""
        return self._frames.jpeg(self._place(number))

    def one(self, number: int) -> U8:
        """Return frame ``number`` of these alone, (H, W, 3) uint8."""
        return self._frames.one(self._place(number))

    def _place(self, number: int) -> int:
        return range(len(self._frames))[self._rows][number]

    def rgb(self, width: int | None = None, height: int | None = None, quick: bool = False) -> U8:
        """Return (B, H, W, 3) uint8."""
        return self._frames.rgb(width, height, quick)[self._rows]

    def crop(self, boxes: I64, width: int, height: int, quick: bool = False) -> U8:
        """Return one box of each frame."""
        import numpy as np

        # The other frames have boxes without area, which cost nothing.
        places = np.zeros((len(self._frames), 4), np.int64)
        places[self._rows] = boxes
        return self._frames.crop(places, width, height, quick)[self._rows]

    def planes(self, size: tuple[int, int] | None = None) -> list[Planes]:
        """Return a copy of each frame as the film stores it."""
        return self._frames.planes(size)[self._rows]

    def luma(self, step: int = 1) -> U8:
        """Return (B, H, W) uint8 brightness."""
        return self._frames.luma(step)[self._rows]
