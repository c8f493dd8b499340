"""Keep clips with one person; set aside those in which several are seen at once."""

from __future__ import annotations

from typing import Any

from posecfg.errors import Dropped
from posecfg.facts import Facts
from posecfg.persons.candidates import Candidates
from posecfg.persons.rules import Rules
from posecfg.types import Boxes, Poses


class FollowOnly:
    """Take whoever is above the threshold, and give the clip up when that is more than one person."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._candidates = Candidates(rules.bbox_thr)
        self._kept = 0
        self._second = 0.0

    def __call__(self, poses: Poses) -> list[tuple[int, int]]:
        """Return the row of the person as track 0, or nothing; raise ``Dropped`` for several."""
        rows = self._candidates(poses)
        self._second = max(self._second, _second(poses.boxes))
        if len(rows) > 1:
            frame = self._candidates.frames - 1
            raise Dropped(
                f"more than one person: {len(rows)} above bbox_thr={self._rules.bbox_thr:g} in frame {frame} of those "
                "looked at",
                {"people": len(rows), "second_score": self._second},
            )
        self._kept += len(rows)
        return [(0, int(row)) for row in rows]

    def notes(self) -> dict[str, Any]:
        """Return the counts, and the highest score that somebody had beside a better one: higher thresholds keep it."""
        return {**self._candidates.notes(), "frames_kept": self._kept, "second_score": self._second}


def _second(boxes: Boxes) -> float:
    """Return the second-highest score, 0 where there is none."""
    scores = sorted(float(score) for score in boxes.scores if score > 0)
    # Single precision is good for six digits; 0.6 is not to be above 0.6.
    return round(scores[-2], 6) if len(scores) > 1 else 0.0


class Only:
    """Drop a clip at the first frame in which more than one person is above ``bbox_thr``."""

    def __init__(self, bbox_thr: float = 0.3) -> None:
        self._rules = Rules(bbox_thr)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return what is known before it is built."""
        return Facts(single=True)

    def begin(self, size: tuple[int, int]) -> FollowOnly:
        """Start a clip."""
        return FollowOnly(self._rules)
