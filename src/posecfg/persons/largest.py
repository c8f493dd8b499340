"""Keep the person whose box is largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.persons.boxes import areas
from posecfg.persons.follow import FollowOne
from posecfg.persons.rules import Rules
from posecfg.types import Boxes

if TYPE_CHECKING:
    from posecfg.arrays import F64


def area(boxes: Boxes, size: tuple[int, int]) -> F64:
    """Rate each box (P,)."""
    return areas(boxes.xyxy)


class Largest:
    """Choose by area once and then follow; ``follow=False`` chooses in every frame."""

    single = True

    def __init__(self, bbox_thr: float = 0.3, follow: bool = True, overlap: float = 0.1, patience: int = 30) -> None:
        self._rules = Rules(bbox_thr, follow, overlap, patience)

    def begin(self, size: tuple[int, int]) -> FollowOne:
        """Start a clip."""
        return FollowOne(self._rules, area, size)
