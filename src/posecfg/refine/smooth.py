"""Smooth the motion of each keypoint over time."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from posecfg import backends
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.refine import filters
from posecfg.refine.even_rows import EvenRows, usual_step
from posecfg.types import Clock, PoseTrack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posecfg.arrays import F32, F64, I64, Bools

METHODS = ("butterworth", "savitzky_golay", "one_euro", "median")
WITH_SCIPY = ("butterworth", "savitzky_golay")


class Smooth:
    """Take noise out of each coordinate of each keypoint, in pixels and in space, with a filter over time.

    What is missing stays missing, and no row becomes found or made; scores and boxes stay as the detector gave them.
    Rows that an earlier step made are smoothed as the others. Where a coordinate is missing for more than ``gap``
    seconds, or another person begins, the rows before and after are smoothed apart; shorter holes are bridged by
    straight lines, which only the filter sees. ``butterworth`` and ``savitzky_golay`` need even times: where the rows
    are not, they are put at even times, and the result is put back; ``median`` and ``one_euro`` heed the time of each
    row.
    """

    def __init__(
        self,
        method: Literal["butterworth", "savitzky_golay", "one_euro", "median"] = "butterworth",
        gap: float = 0.25,
        cutoff: float = 6.0,
        order: int = 4,
        window: float = 0.25,
        degree: int = 2,
        min_cutoff: float = 1.0,
        beta: float = 5.0,
    ) -> None:
        if method not in METHODS:
            raise ConfigError(f"Expected method to be one of {', '.join(METHODS)}, but got {method!r}.")
        _check_numbers({"cutoff": cutoff, "window": window, "min_cutoff": min_cutoff}, zero=False)
        _check_numbers({"gap": gap, "beta": beta}, zero=True)
        if order not in (2, 4, 6, 8) or isinstance(order, bool):
            raise ConfigError(f"Expected order to be 2, 4, 6 or 8, half of it each way, but got {order!r}.")
        if degree not in range(1, 6) or isinstance(degree, bool):
            raise ConfigError(f"Expected degree to be 1 to 5, but got {degree!r}.")
        self._method, self._gap = method, gap
        self._cutoff, self._order = cutoff, order
        self._window, self._degree = window, degree
        self._min_cutoff, self._beta = min_cutoff, beta
        if method in WITH_SCIPY:
            self._signal = backends.require("scipy.signal", f"method={method}")

    @staticmethod
    def facts(method: str, **arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(packages=("scipy",) if method in WITH_SCIPY else ())

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return the track with its motion smoothed."""
        import numpy as np

        there = track.valid | track.made
        usual = usual_step(clock.times)
        if not there.any() or not usual:
            return track

        def smoothed(values: F32) -> F32:
            return np.concatenate([self._smoothed(values[p], there[p], clock.times[p], usual) for p in track.parts])

        return replace(
            track,
            xy=smoothed(track.xy),
            xyz=None if track.xyz is None else smoothed(track.xyz),
            depth=None if track.depth is None else smoothed(track.depth),
        )

    def _smoothed(self, values: F32, there: Bools, times: F64, usual: float) -> F32:
        """Smooth numbers (T, K, ...) of all keypoints, those together that are known in the same rows."""
        import numpy as np

        if not there.any():
            return values
        flat = values.reshape(len(values), -1)
        known = np.isfinite(flat) & there[:, None]
        passed, scale = flat.copy(), _extent(values, there)
        alike: dict[bytes, list[int]] = {}
        for column, mask in enumerate(np.ascontiguousarray(known.T)):
            alike.setdefault(mask.tobytes(), []).append(column)
        for columns in alike.values():
            for rows in self._pieces(known[:, columns[0]], times, usual):
                place = np.ix_(rows, np.asarray(columns))
                block = flat[place].astype(np.float64)
                passed[place] = self._filtered(block, rows, times, usual, scale)
        return passed.reshape(values.shape)

    def _pieces(self, known: Bools, times: F64, usual: float) -> Iterator[I64]:
        """Yield the known rows of each piece: two rows at least, with no gap between them that is too long."""
        import numpy as np

        rows = np.flatnonzero(known)
        lost = np.diff(times[rows]) - usual
        for piece in np.split(rows, np.flatnonzero(lost > self._gap + usual * 1e-6) + 1):
            if len(piece) > 1:
                yield piece

    def _filtered(self, block: F64, rows: I64, times: F64, usual: float, scale: float) -> F64:
        """Filter the numbers (N, M) of the known ``rows`` (N,) of one piece."""
        if self._method == "one_euro":
            return filters.one_euro(block, times[rows], scale, self._min_cutoff, self._beta)
        if self._method == "median":
            return filters.median(block, times[rows], self._window)
        even = EvenRows.of(times[rows[0] : rows[-1] + 1], usual)
        places = even.places[rows - rows[0]]
        values = even.put(block, places)
        if self._method == "butterworth":
            passed = filters.butterworth(self._signal, values, even.rate, self._cutoff, self._order)
        else:
            passed = filters.savitzky_golay(self._signal, values, even.rate, self._window, self._degree)
        return even.back(passed, places)


def _extent(values: F32, there: Bools) -> float:
    """Return the size of a person in the unit of ``values`` (T, K, ...): the median over rows of the longest side."""
    import numpy as np

    points = values[there].reshape(int(there.sum()), values.shape[1], -1).astype(np.float64)
    low = np.where(np.isfinite(points), points, np.inf).min(axis=1)
    high = np.where(np.isfinite(points), points, -np.inf).max(axis=1)
    sides = (high - low).max(axis=1)
    sides = sides[np.isfinite(sides) & (sides > 0)]
    return float(np.median(sides)) if len(sides) else 1.0


def _check_numbers(values: dict[str, Any], zero: bool) -> None:
    least = "0 or more" if zero else "above 0"
    for name, value in values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or value < 0 or (value == 0 and not zero):
            raise ConfigError(f"Expected {name} to be {least}, but got {value!r}.")
