"""The frames of a clip that is remembered: their number and size, without a pixel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NoReturn

from posecfg.pipeline.finds import Finds, Whole
from posecfg.pipeline.prefetch import Prefetch
from posecfg.pixels import Frames
from posecfg.timing import Laps
from posecfg.types import Clock
from posecfg.video.video import Video

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64

# Frames that are handed on at once.
_PORTION = 64


class UnseenFrames:
    """Frames that were looked at by an earlier run; whoever asks for pixels is in the wrong place."""

    tick = Fraction(1)
    moments = None

    def __init__(self, first: int, count: int, size: tuple[int, int]) -> None:
        import numpy as np

        self.indices: I64 = np.arange(first, first + count)
        self.times: F64 = np.full(count, np.nan)
        self.size = size

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def fills(self) -> I64:
        """Return that each frame fills one row, of those that a detector is asked for."""
        import numpy as np

        return np.ones(len(self), np.int64)

    def _unseen(self, *_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("Expected no pixels to be asked of a clip that is remembered.")

    jpeg = one = rgb = crop = planes = luma = _unseen


class NotRemembered(Exception):
    """No more of a clip is remembered, and there is more of it."""


class RememberedVideo:
    """Plays a clip that is remembered as ``Video`` plays one that is decoded."""

    def __init__(self, finds: Finds) -> None:
        self._finds = finds
        self.expected: tuple[int | None, float | None] = (None if finds.whole is None else len(finds), None)

    def __iter__(self) -> Iterator[UnseenFrames]:
        """Yield frames in portions of one size; raise ``NotRemembered`` behind the last of a part of a clip."""
        first, sizes = 0, self._finds.sizes
        while first < len(sizes):
            end = first + 1
            while end < min(len(sizes), first + _PORTION) and (sizes[end] == sizes[first]).all():
                end += 1
            width, height = sizes[first].tolist()
            yield UnseenFrames(first, end - first, (width, height))
            first = end
        self._whole()

    def _whole(self) -> Whole:
        if self._finds.whole is None:
            raise NotRemembered
        return self._finds.whole

    @property
    def rows(self) -> I64:
        """Number of the frame that fills each row, (T,), -1 in rows that no detector looked at."""
        return self._whole().rows

    @property
    def notes(self) -> Mapping[str, Any]:
        """Notes of the sampler and of the film."""
        return self._whole().notes

    def clock(self) -> Clock:
        """Return the clock of the whole clip."""
        return self._whole().clock


@contextmanager
def played(video: Video | RememberedVideo, timings: dict[str, Laps], ahead: int) -> Iterator[Iterable[Frames]]:
    """Play a video, decoding so many batches ahead; its thread is ended with the block, and its time measured."""
    if isinstance(video, RememberedVideo):
        yield video
        return
    frames: Prefetch[Frames] = Prefetch(video, ahead)
    timings["decode"] = frames.laps
    try:
        yield frames
    finally:
        frames.close()
