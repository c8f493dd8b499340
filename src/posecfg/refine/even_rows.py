"""Rows of a film put at even times and back, for filters that know a rate only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F64

# A row may be so far from its even time, in steps: containers round to milliseconds.
_ROUNDED = 0.1
# Rows are put at no more even times than so many each.
_MOST = 10


def usual_step(times: F64) -> float:
    """Return the seconds from row to row that are usual in a clip, 0 where there are none."""
    import numpy as np

    steps = np.diff(times)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


@dataclass(frozen=True)
class EvenRows:
    """Even times of a piece of a film: ``count`` of them, ``rate`` a second, the rows of the piece at ``places``.

    A place is a number of steps from the first even time; where the rows are even themselves, it is whole.
    """

    places: F64
    count: int
    rate: float

    @classmethod
    def of(cls, times: F64, usual: float) -> EvenRows:
        """Return the even times of two rows or more at ``times`` (N,), in a clip with a ``usual`` step in seconds."""
        import numpy as np

        own, length = np.arange(len(times), dtype=np.float64), float(times[-1] - times[0])
        if length <= 0:
            return cls(own, len(times), 1 / usual)
        share, steps = (times - times[0]) / length, len(times) - 1
        near = np.abs(share * steps - own).max() <= _ROUNDED and abs(length / steps / usual - 1) <= _ROUNDED
        if near:
            return cls(own, steps + 1, steps / length)
        steps = min(max(1, round(length / usual)), _MOST * len(times))
        return cls(share * steps, steps + 1, steps / length)

    def put(self, values: F64, places: F64) -> F64:
        """Return ``values`` (N, M), known at ``places`` (N,), at all even times: on straight lines between them."""
        import numpy as np

        return _between(values, places, np.arange(self.count, dtype=np.float64))

    def back(self, values: F64, places: F64) -> F64:
        """Return ``values`` (count, M) of all even times at ``places`` (N,)."""
        import numpy as np

        return _between(values, np.arange(self.count, dtype=np.float64), places)


def _between(values: F64, known: F64, wanted: F64) -> F64:
    import numpy as np

    if np.array_equal(known, wanted):
        return values
    return np.stack([np.interp(wanted, known, column) for column in values.T], axis=1)
