"""Keep the person whose box is largest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posecfg.facts import Facts
from posecfg.persons.boxes import areas
from posecfg.persons.follow import FollowOne
from posecfg.persons.rules import Rules
from posecfg.types import Boxes

if TYPE_CHECKING:
    from posecfg.arrays import F64


def area(boxes: Boxes, size: tuple[int, int]) -> F64:
    """Rate each box by its area, (P,) px²."""
    return areas(boxes.xyxy)


class Largest:
    """Choose by area once and then follow; ``follow=False`` chooses in every frame."""

    def __init__(self, bbox_thr: float = 0.3, follow: bool = True, overlap: float = 0.1, patience: int = 30) -> None:
        self._rules = Rules(bbox_thr, follow, overlap, patience)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(single=True)

    def begin(self, size: tuple[int, int]) -> FollowOne:
        """Start a clip."""
        return FollowOne(self._rules, area, size)
