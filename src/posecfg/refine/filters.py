"""Filters over time: each takes the numbers of a piece (N, M) in which nothing is missing, and gives as many."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from posecfg.errors import ClipError

if TYPE_CHECKING:
    from types import ModuleType

    from posecfg.arrays import F64, I64

# Hz below which the one-euro filter believes in changes of speed, as in its authors' paper.
SPEED_CUTOFF = 1.0


def butterworth(signal: ModuleType, values: F64, rate: float, cutoff: float, order: int) -> F64:
    """Filter forwards and backwards, so that nothing is delayed; ``values`` are at even times, ``rate`` a second.

    ``order`` and ``cutoff`` (Hz, where 0.707 of an amplitude is left) are those of both ways together: each way has
    half the order, and a cutoff that is higher by Winter's correction.
    """
    import numpy as np

    rows = len(values)
    if rows < 3:
        return values
    if not 2 * cutoff < rate:
        raise ClipError(
            f"Expected a cutoff below {rate / 2:.3g} Hz, half of the rows a second, but got {cutoff:g}: type a lower "
            "cutoff=, method=one_euro, or have more frames looked at."
        )
    each = order // 2
    warped = math.tan(math.pi * cutoff / rate) / (math.sqrt(2) - 1) ** (0.5 / each)
    sections = signal.butter(each, 2 / math.pi * math.atan(warped), output="sos")
    # A straight line passes such a filter as it is, but not its start and end: the filter is given the rest.
    line = values[0] + np.linspace(0, 1, rows)[:, None] * (values[-1] - values[0])
    reach = min(rows - 1, max(3 * (order + 1), math.ceil(3 * rate / cutoff)))
    passed: F64 = line + signal.sosfiltfilt(sections, values - line, axis=0, padlen=reach)
    return passed


def savitzky_golay(signal: ModuleType, values: F64, rate: float, window: float, degree: int) -> F64:
    """Fit a polynomial of ``degree`` to the ``window`` seconds around each row; ``values`` are at even times.

    At both ends of a piece, the polynomial of the first or last window holds.
    """
    rows = min(_odd(window * rate), _odd(len(values)))
    if rows <= degree:
        return values
    passed: F64 = signal.savgol_filter(values, rows, degree, axis=0, mode="interp")
    return passed


def _odd(rows: float) -> int:
    """Return the largest odd number of rows that is not above ``rows``, but for rounding, and 1 at least."""
    return max(1, 2 * math.floor((rows - 1) / 2 + 1e-6) + 1)


def median(values: F64, times: F64, window: float) -> F64:
    """Take the median of the ``window`` seconds around each row, of as many rows before it as after it."""
    import numpy as np

    rows: I64 = np.arange(len(values))
    half = window / 2 * (1 + 1e-6)
    before = rows - np.searchsorted(times, times - half)
    after = np.searchsorted(times, times + half, side="right") - 1 - rows
    reach = np.maximum(0, np.minimum(before, after))
    passed = values.copy()
    for row in np.flatnonzero(reach):
        passed[row] = np.median(values[row - reach[row] : row + reach[row] + 1], axis=0)
    return passed


def one_euro(values: F64, times: F64, scale: float, min_cutoff: float, beta: float) -> F64:
    """Follow the values with a cutoff (Hz) of ``min_cutoff`` at rest, and more by ``beta`` for each ``scale`` a second.

    This is the filter of Casiez, Roussel and Vogel (CHI 2012), which looks at nothing that comes later.
    """
    import numpy as np

    passed = values.copy()
    speed = np.zeros(values.shape[1])
    for row in range(1, len(values)):
        step = float(times[row] - times[row - 1])
        if step <= 0:
            passed[row] = passed[row - 1]
            continue
        now = (values[row] - passed[row - 1]) / step
        speed += _share(np.full(1, SPEED_CUTOFF), step) * (now - speed)
        share = _share(min_cutoff + beta * np.abs(speed) / scale, step)
        passed[row] = passed[row - 1] + share * (values[row] - passed[row - 1])
    return passed


def _share(cutoff: F64, step: float) -> F64:
    """Return how much of a new value a low-pass of first order takes."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * step))
