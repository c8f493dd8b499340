"""Select the people above the threshold, frame by frame, and count frames with no person or several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import I64
    from posecfg.types import Poses


class Candidates:
    """Pick the people whose box score is above ``bbox_thr`` and count them."""

    def __init__(self, bbox_thr: float) -> None:
        self._bbox_thr = bbox_thr
        self.frames = self._above = self._empty = self._several = 0

    def __call__(self, poses: Poses) -> I64:
        """Return the rows of ``poses`` above the threshold; a score that is NaN never is."""
        import numpy as np

        rows = np.flatnonzero(poses.boxes.scores > self._bbox_thr)
        self.frames += 1
        self._above += len(rows)
        self._empty += len(rows) == 0
        self._several += len(rows) > 1
        return rows

    def notes(self) -> dict[str, int]:
        """Return the counts."""
        return {
            "frames": self.frames,
            "people_above_threshold": self._above,
            "frames_without_person": self._empty,
            "frames_with_several": self._several,
        }
