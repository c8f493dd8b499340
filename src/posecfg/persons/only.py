"""Keep clips with one person; set aside those in which several are seen at once."""

from __future__ import annotations

from typing import Any

from posecfg.errors import Dropped
from posecfg.persons.candidates import Candidates
from posecfg.persons.rules import Rules
from posecfg.types import Poses


class FollowOnly:
    """Take whoever is above the threshold, and give the clip up when that is more than one person."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._candidates = Candidates(rules.bbox_thr)
        self._kept = 0

    def __call__(self, poses: Poses) -> list[tuple[int, int]]:
        """Return the row of the person as track 0, or nothing; raise ``Dropped`` for several."""
        rows = self._candidates(poses)
        if len(rows) > 1:
            frame = self._candidates.frames - 1
            raise Dropped(
                f"{len(rows)} people above bbox_thr={self._rules.bbox_thr:g} in frame {frame} of those looked at"
            )
        self._kept += len(rows)
        return [(0, int(row)) for row in rows]

    def notes(self) -> dict[str, Any]:
        """Return the counts."""
        return {**self._candidates.notes(), "frames_kept": self._kept}


class Only:
    """Drop a clip at the first frame in which more than one person is above ``bbox_thr``."""

    single = True

    def __init__(self, bbox_thr: float = 0.3) -> None:
        self._rules = Rules(bbox_thr)

    def begin(self, size: tuple[int, int]) -> FollowOnly:
        """Start a clip."""
        return FollowOnly(self._rules)
