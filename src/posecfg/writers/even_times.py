"""Even times of a clip, for formats that know a rate only, and values at these times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.types import Clock

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, I64

# A row may be so far from its even time, in steps: containers round to milliseconds.
_ROUNDED = 0.1
# Rows that are farther apart than so many steps have nothing between them.
BRIDGED = 5
# A median step that makes so many times more rows than there are tells nothing of the film.
_MOST = 10
_UNKNOWN = 30.0


@dataclass(frozen=True)
class Even:
    """Even ``times`` (N,) seconds at ``rate`` a second.

    ``times[n]`` lies between the rows ``before[n]`` and ``after[n]``, at ``share[n]`` of the way, NaN where those are
    too far apart. ``own`` means that row n is that of ``times[n]``.
    """

    times: F64
    rate: float
    before: I64
    after: I64
    share: F64
    own: bool

    def __call__(self, values: F32, breaks: Sequence[int] = ()) -> F32:
        """Return ``values`` (T, ...) at the even times: between two rows the mean of both, NaN where one has NaN.

        Between the row before each of ``breaks`` and that row there is nothing: another person begins.
        """
        import numpy as np

        if self.own:
            return values
        share = self.share
        for row in breaks:
            share = np.where((self.before < row) & (self.after >= row), np.nan, share)
        share = share.reshape(-1, *[1] * (values.ndim - 1))
        mixed: F32 = (values[self.before] * (1 - share) + values[self.after] * share).astype(values.dtype)
        return mixed


def even(clock: Clock) -> Even:
    """Return the times of the rows where they are even but for rounding, else even ones from the first to the last."""
    import numpy as np

    times, rows = np.unique(clock.times, return_index=True)
    known = clock.fps if math.isfinite(clock.fps) and clock.fps > 0 else _UNKNOWN
    each = len(times) == len(clock)
    if len(times) < 2:
        return Even(times, known, rows, rows, np.zeros(len(times)), each)
    length = float(times[-1] - times[0])
    mean = (len(times) - 1) / length
    for rate in (known, mean):
        regular = times[0] + np.arange(len(times)) / rate
        if each and np.abs(regular - times).max() * rate <= _ROUNDED:
            return Even(regular, rate, rows, rows, np.zeros(len(times)), own=True)
    rate = float(1 / np.median(np.diff(times)))
    rate = mean if rate > mean * _MOST else rate
    regular = times[0] + np.arange(math.floor(length * rate + _ROUNDED) + 1) / rate
    place = np.interp(regular, times, np.arange(len(times)))
    before, after = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
    far = (times[after] - times[before]) * rate > BRIDGED
    return Even(regular, rate, rows[before], rows[after], np.where(far, np.nan, place - before), own=False)
