"""Choose one person, then follow them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from posecfg.persons.boxes import overlaps
from posecfg.persons.candidates import Candidates
from posecfg.persons.rules import Rules
from posecfg.persons.trace import Trace
from posecfg.types import Boxes, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, I64

Key = Callable[[Boxes, tuple[int, int]], "F32 | F64"]
"""Rates each box (higher is better), given the boxes of a frame and its size."""


class FollowOne:
    """Follow the person whom ``key`` rates highest, looking only at the past.

    In each frame the candidate that overlaps most with where the person should be is taken; when none overlaps enough,
    the person is missing in that frame. After ``patience`` missing rows a person is chosen again, and ``notes`` tell at
    which of the frames.
    """

    def __init__(self, rules: Rules, key: Key, size: tuple[int, int]) -> None:
        self._rules, self._key, self._size = rules, key, size
        self._candidates = Candidates(rules.bbox_thr)
        self._trace: Trace | None = None
        self._kept = self._unmatched = 0
        self._reselected: list[int] = []

    def __call__(self, poses: Poses) -> list[tuple[int, int]]:
        """Return the row of the person as track 0, or nothing."""
        rows = self._candidates(poses)
        row = self._row(poses.boxes, rows) if len(rows) else None
        if row is None:
            self._unmatched += len(rows) > 0
            if self._trace is not None:
                self._trace.miss()
            return []
        self._kept += 1
        return [(0, row)]

    def _row(self, boxes: Boxes, rows: I64) -> int | None:
        if self._trace is None or not self._rules.follow:
            return self._choose(boxes, rows)
        shared = overlaps(self._trace.expected()[None], boxes.xyxy[rows])[0]
        nearest = int(shared.argmax())
        if shared[nearest] >= self._rules.overlap:
            row = int(rows[nearest])
            self._trace.see(boxes.xyxy[row])
            return row
        if self._trace.unseen < self._rules.patience:
            return None
        self._reselected.append(self._candidates.frames - 1)
        return self._choose(boxes, rows)

    def _choose(self, boxes: Boxes, rows: I64) -> int:
        import numpy as np

        rating = np.nan_to_num(self._key(boxes, self._size)[rows], nan=-np.inf)
        row = int(rows[rating.argmax()])
        self._trace = Trace(boxes.xyxy[row])
        return row

    def notes(self) -> dict[str, Any]:
        """Return the counts, and the numbers of the frames at which another person begins, if there are any."""
        return {
            **self._candidates.notes(),
            "frames_kept": self._kept,
            "frames_unmatched": self._unmatched,
            "reselected": len(self._reselected),
            **({"reselected_at": list(self._reselected)} if self._reselected else {}),
        }
