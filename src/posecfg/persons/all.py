"""Keep every person, each with a track id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posecfg.facts import Facts
from posecfg.persons.boxes import overlaps
from posecfg.persons.candidates import Candidates
from posecfg.persons.rules import Rules
from posecfg.persons.trace import Trace
from posecfg.types import Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32


class FollowAll:
    """Assign track ids by overlap with earlier boxes, best pair first; ids start at 0 and are never reused."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._candidates = Candidates(rules.bbox_thr)
        self._traces: dict[int, Trace] = {}
        self._next = self._kept = 0

    def __call__(self, poses: Poses) -> list[tuple[int, int]]:
        """Return (id, row) of every person above the threshold, sorted by id."""
        rows = self._candidates(poses)
        xyxy = poses.boxes.xyxy[rows]
        pairs = self._match(xyxy)
        for track, trace in self._traces.items():
            if track in pairs:
                trace.see(xyxy[pairs[track]])
            else:
                trace.miss()
        known = set(pairs.values())
        for candidate in range(len(rows)):
            if candidate not in known:
                self._traces[self._next] = Trace(xyxy[candidate])
                pairs[self._next] = candidate
                self._next += 1
        self._traces = {t: trace for t, trace in self._traces.items() if trace.unseen <= self._rules.patience}
        self._kept += len(rows) > 0
        return sorted((track, int(rows[candidate])) for track, candidate in pairs.items())

    def _match(self, xyxy: F32) -> dict[int, int]:
        """Return a map of track id to candidate for the pairs that overlap enough."""
        import numpy as np

        if not self._traces or not len(xyxy):
            return {}
        tracks = list(self._traces)
        shared = overlaps(np.stack([trace.expected() for trace in self._traces.values()]), xyxy)
        pairs: dict[int, int] = {}
        taken: set[int] = set()
        for place in np.argsort(-shared, axis=None, kind="stable"):
            which, candidate = (int(i) for i in np.unravel_index(place, shared.shape))
            if shared[which, candidate] < self._rules.overlap:
                break
            if tracks[which] not in pairs and candidate not in taken:
                pairs[tracks[which]] = candidate
                taken.add(candidate)
        return pairs

    def notes(self) -> dict[str, Any]:
        """Return the counts."""
        return {**self._candidates.notes(), "frames_kept": self._kept, "tracks": self._next}


class All:
    """Keep every person above ``bbox_thr``."""

    def __init__(self, bbox_thr: float = 0.3, overlap: float = 0.1, patience: int = 30) -> None:
        self._rules = Rules(bbox_thr, overlap=overlap, patience=patience)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts()

    def begin(self, size: tuple[int, int]) -> FollowAll:
        """Start a clip."""
        return FollowAll(self._rules)
