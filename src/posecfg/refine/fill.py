"""Fill the rows in which the person was not found."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.types import Clock, PoseTrack

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, Bools

EDGES = ("hold", "none")


class Fill:
    """Interpolate linearly over time between the rows that are there.

    Filled rows become ``made`` but not ``valid``: no person was detected in them. Rows that are there never change, so
    a single missing keypoint inside one stays missing. Each number is interpolated between its own nearest known
    values, so that filled rows are finite wherever a keypoint was ever found. A gap longer than ``max_gap`` rows is
    not filled (null fills all). ``edges`` is for the rows before the first and after the last row that is there:
    ``hold`` repeats that row, ``none`` leaves them missing. Where the track goes on with another person, nothing is
    interpolated: the rows between both stay missing.
    """

    def __init__(self, max_gap: int | None = None, edges: Literal["hold", "none"] = "hold") -> None:
        if max_gap is not None and (isinstance(max_gap, bool) or not isinstance(max_gap, int) or max_gap < 1):
            raise ConfigError(f"Expected max_gap to be null or a number of rows, 1 or more, but got {max_gap!r}.")
        if edges not in EDGES:
            raise ConfigError(f"Expected edges to be {' or '.join(EDGES)}, but got {edges!r}.")
        self._max_gap = max_gap
        self._hold = edges == "hold"

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(fills=True)

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return the track with its gaps filled."""
        import numpy as np

        there = track.valid | track.made
        gaps = self._gaps(there, track.parts)
        if not gaps.any():
            return track

        def filled(values: F32) -> F32:
            return np.concatenate([self._filled(values[p], there[p], gaps[p], clock.times[p]) for p in track.parts])

        return replace(
            track,
            xy=filled(track.xy),
            scores=filled(track.scores),
            boxes=filled(track.boxes),
            box_scores=filled(track.box_scores),
            xyz=None if track.xyz is None else filled(track.xyz),
            depth=None if track.depth is None else filled(track.depth),
            made=track.made | gaps,
        )

    def _gaps(self, there: Bools, parts: tuple[slice, ...]) -> Bools:
        """Return which of the missing rows (T,) are to be filled; ``parts`` are the rows of each person."""
        import numpy as np

        fill = np.zeros(len(there), bool)
        ends = (-1, len(there)) if self._hold and there.any() else ()
        for part in parts:
            known = [part.start + row for row in np.flatnonzero(there[part]).tolist()]
            borders = sorted({*known, *(end for end in ends if part.start - 1 <= end <= part.stop)})
            for before, after in itertools.pairwise(borders):
                length = after - before - 1
                if length and (self._max_gap is None or length <= self._max_gap):
                    fill[before + 1 : after] = True
        return fill

    def _filled(self, values: F32, there: Bools, gaps: Bools, times: F64) -> F32:
        import numpy as np

        flat = values.reshape(len(values), -1).copy()
        outside = {} if self._hold else {"left": np.nan, "right": np.nan}
        for column in flat.T:
            known = there & np.isfinite(column)
            if known.any():
                column[gaps] = np.interp(times[gaps], times[known], column[known], **outside)
        return flat.reshape(values.shape)
