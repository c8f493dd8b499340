"""Moments at an exact rate, and the frames that are shown at them: what FFmpeg's filter fps with round=down does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64

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


class Counts:
    """The number of rows of each frame, found by its time: frames come in order, and some may be lost."""

    def __init__(self, times: Sequence[float], rows: I64) -> None:
        self._times, self._rows = times, rows.tolist()
        self._next = 0

    def __call__(self, time: float) -> int:
        """Return how many rows the frame at ``time`` s fills; 0 for one that was not foreseen."""
        while self._next < len(self._times) and self._times[self._next] < time - FUZZ:
            self._next += 1
        if self._next == len(self._times) or self._times[self._next] > time + FUZZ:
            return 0
        self._next += 1
        return int(self._rows[self._next - 1])


def annotations_of(indices: I64, times: F64, fps: float, rate: float, numbers: I64) -> I64:
    """Return the place in ``numbers`` (N,), which are moments, of the annotation of each row (T,), -1 for none.

    A row's annotation is that of the moment that its frame, number ``indices`` (T,) at ``times`` (T,), begins in. A
    frame that stands for several moments has them in turn if it has several rows; if it has one, it is the first that
    is annotated. ``fps`` tells for how long a frame is shown, 0 if that is not known.
    """
    import numpy as np

    rows = len(indices)
    if not rows or not len(numbers):
        return np.full(rows, -1, np.int64)
    begins = np.flatnonzero(np.diff(indices, prepend=indices[0] - 1))
    lengths = np.diff(np.append(begins, rows))
    first = slots_at(times[begins], rate)
    end = slots_at(times[begins] + (1 / fps if fps > 0 else 0), rate)
    # Where the next frame has rows too, it tells when this one ends.
    end[:-1] = np.where(np.diff(indices[begins]) == 1, first[1:], end[:-1])
    wide = np.maximum(end - first, 1)
    # The last frame is shown on where a film ends a little early.
    most_wide = np.maximum(wide, lengths)
    most_wide[-1] += CLAMPED if lengths[-1] > wide[-1] else 0
    place = np.arange(rows) - np.repeat(begins, lengths)
    start, most = (np.repeat(one, lengths) for one in (first, most_wide))
    # As many rows as moments: each is one of them, annotated or not.
    whole = np.repeat(lengths == wide, lengths)
    found = np.searchsorted(numbers, np.where(whole, start + place, start)) + np.where(whole, 0, place)
    last = np.minimum(found, len(numbers) - 1)
    known = np.where(whole, numbers[last] == start + place, numbers[last] < start + most)
    there: I64 = np.where((found < len(numbers)) & known, found, -1)
    return there
