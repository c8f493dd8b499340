"""Moments at an exact rate, and the frames that are shown at them: what FFmpeg's filter fps with round=down does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64
    from posecfg.pixels import Frames
    from posecfg.types import Clock, Slots

# Times are rounded to binary; a frame that lies on the grid must not miss it because of that.
FUZZ = 1e-6
CLAMPED = 2
"""Annotations behind the end of a film that are given its last frame; where there are more, none of them is."""


def slots_at(times: F64, rate: float) -> I64:
    """Return the moment of each of ``times`` (T,) s: k from k / ``rate`` s on."""
    import numpy as np

    found: I64 = np.floor(np.asarray(times, np.float64) * rate + FUZZ).astype(np.int64)
    return found


def ends(times: F64, fps: float, rate: float) -> I64:
    """Return for each frame at ``times`` (T,) the moment behind the last one that it is shown at.

    Moment k shows the last frame before (k + 1) / ``rate``. The last frame is shown for 1 / ``fps`` s.
    """
    import numpy as np

    if not len(times):
        return np.zeros(0, np.int64)
    last = times[-1] + (1 / fps if fps > 0 else 0)
    return slots_at(np.append(times[1:], last), rate)


@dataclass(frozen=True)
class Shown:
    """Which of some moments a film shows: its frame n those from ``first`` [n] on and before ``end`` [n].

    ``clamped`` moments are behind the end of the film and shown by its last frame, ``beyond`` are shown by none.
    """

    first: I64
    end: I64
    clamped: int = 0
    beyond: int = 0


def shown(times: F64, fps: float, rate: float, numbers: I64, whole: bool = True) -> Shown:
    """Return which of the moments ``numbers`` the frames at ``times`` (T,) s show; ``whole`` says that no more come."""
    import numpy as np

    first, end = slots_at(times, rate), ends(times, fps, rate)
    if not len(end):
        return Shown(first, end, beyond=len(numbers))
    beyond = len(numbers) - int(np.searchsorted(numbers, end[-1]))
    if not beyond or not whole or numbers[-1] >= end[-1] + CLAMPED:
        return Shown(first, end, beyond=beyond)
    end[-1] += CLAMPED
    return Shown(first, end, clamped=beyond)


class Counts:
    """The rows of each frame, found by its time: frames come in order, and some may be lost.

    The frame at ``times`` [n] fills ``rows`` [n] rows, for the ``moments`` (s) from number ``start`` [n] on.
    """

    def __init__(self, times: Sequence[float], rows: I64, start: I64, moments: F64) -> None:
        self._times, self._rows, self._start, self._moments = times, rows.tolist(), start.tolist(), moments
        self._next = 0
        self._last = slice(0)

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        """Return how many rows the frame at ``time`` s fills; 0 for one that was not foreseen."""
        while self._next < len(self._times) and self._times[self._next] < time - FUZZ:
            self._next += 1
        if self._next == len(self._times) or self._times[self._next] > time + FUZZ:
            return 0
        rows, start = int(self._rows[self._next]), int(self._start[self._next])
        self._next, self._last = self._next + 1, slice(start, start + rows)
        return rows

    @property
    def ended(self) -> bool:
        """Whether the last frame that was foreseen has come."""
        return self._next == len(self._times) > 0

    def moments(self) -> Sequence[float]:
        """Return the moments of the rows of the last frame, s since the clip's start."""
        found: Sequence[float] = self._moments[self._last].tolist()
        return found


def annotations_of(clock: Clock, slots: Slots) -> I64:
    """Return the place in ``slots`` of the annotation of each row (T,), -1 for none.

    It is that of the moment that the row stands for, or of the one that its frame begins in where that is later or the
    row stands for none.
    """
    import numpy as np

    at = clock.times if clock.moments is None else np.maximum(clock.times, clock.moments)
    if not len(slots.numbers):
        return np.full(len(at), -1, np.int64)
    wanted = slots_at(at, slots.rate)
    found = np.minimum(np.searchsorted(slots.numbers, wanted), len(slots.numbers) - 1)
    there: I64 = np.where(slots.numbers[found] == wanted, found, -1)
    return there
