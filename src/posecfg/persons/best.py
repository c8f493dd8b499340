"""Keep the person whose box has the highest score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posecfg.facts import Facts
from posecfg.persons.follow import FollowOne
from posecfg.persons.rules import Rules
from posecfg.types import Boxes

if TYPE_CHECKING:
    from posecfg.arrays import F32


def score(boxes: Boxes, size: tuple[int, int]) -> F32:
    """Rate each box by its score, (P,)."""
    return boxes.scores


class Best:
    """Choose by score once and then follow; ``follow=False`` chooses in every frame."""

    def __init__(self, bbox_thr: float = 0.3, follow: bool = True, overlap: float = 0.1, patience: int = 30) -> None:
        self._rules = Rules(bbox_thr, follow, overlap, patience)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(single=True)

    def begin(self, size: tuple[int, int]) -> FollowOne:
        """Start a clip."""
        return FollowOne(self._rules, score, size)
