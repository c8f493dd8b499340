"""Keep clips with one person; drop those in which several people are above the threshold in one frame."""

from __future__ import annotations

from typing import Any

from posecfg.errors import Dropped
from posecfg.facts import Facts
from posecfg.persons.candidates import Candidates
from posecfg.persons.rules import Rules
from posecfg.types import Boxes, Poses


class FollowOnly:
    """Keep the person above the threshold, and drop the clip if there is more than one."""

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
                [int(row) for row in rows],
            )
        self._kept += len(rows)
        return [(0, int(row)) for row in rows]

    def notes(self) -> dict[str, Any]:
        """Return the counts, and the highest score of a second person: from that threshold on, the clip is kept."""
        return {**self._candidates.notes(), "frames_kept": self._kept, "second_score": self._second}


def _second(boxes: Boxes) -> float:
    """Return the second-highest score, 0 where there is none."""
    scores = sorted(float(score) for score in boxes.scores if score > 0)
    # Single precision holds six digits: without rounding, a score of 0.6 would be above 0.6.
    return round(scores[-2], 6) if len(scores) > 1 else 0.0


class Only:
    """Drop a clip at the first frame in which more than one person is above ``bbox_thr``."""

    def __init__(self, bbox_thr: float = 0.3) -> None:
        self._rules = Rules(bbox_thr)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(single=True)

    def begin(self, size: tuple[int, int]) -> FollowOnly:
        """Start a clip."""
        return FollowOnly(self._rules)
