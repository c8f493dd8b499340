"""Search a frame for all people that MoveNet can see, and choose the one that a policy would start from.

The model finds one person in a picture, and may find another one in a part of it, or where those found are covered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from posecfg.detectors.movenet_crop import around, is_torso_seen, whole
from posecfg.persons.boxes import overlaps
from posecfg.persons.largest import area
from posecfg.persons.nearest import closeness

if TYPE_CHECKING:
    from posecfg.arrays import F32
    from posecfg.detectors.movenet_crop import Region
    from posecfg.types import Poses

    Look = Callable[[Region, Sequence[F32]], Poses]

BEST = "best"
RATINGS = {"largest": area, "nearest": closeness}
# Squares along the longer side overlap by at least this share.
_SHARED = 0.5
# Boxes that overlap by more than this are of one person.
_SAME = 0.3
# A person scores at least this share of the best score; what the model finds where nobody is scores less.
_LEAST = 0.5
_ROUNDS = 3


def squares(size: tuple[int, int]) -> list[Region]:
    """Return overlapping squares along the longer side of a picture of ``size``, none of a square one."""
    short, length = min(size), max(size)
    side = short + short % 2
    number = 1 + math.ceil((length - side) / (side * (1 - _SHARED))) if length > side else 0
    starts = [2 * round((length - side) * place / (number - 1) / 2) for place in range(number)] if number > 1 else []
    if size[0] >= size[1]:
        return [(start, 0, start + side, side) for start in starts]
    return [(0, start, side, start + side) for start in starts]


def people(look: Look, size: tuple[int, int]) -> list[Poses]:
    """Return the people of a frame, each once, the one with the best score first; none where no torso is in sight.

    ``look`` returns the pose in a region, while some boxes (4,) are covered. Every find is looked at again by itself,
    and those found are covered for the next round, until nobody new is found. As everywhere, a pose that is no number
    is nobody.
    """
    regions = [whole(size), *squares(size)]
    found: list[Poses] = []
    for _ in range(_ROUNDS):
        covered, before = [one.boxes.xyxy[0] for one in found], len(found)
        for region in regions:
            one = look(region, covered)
            if not _is_seen(one):
                continue
            near = around(one.xy[0], one.scores[0], size)
            if near != regions[0]:
                one = look(near, ())
                if any(_is_same(one, other) for other in found[:before]):
                    one = look(near, covered)  # so close to the other that the model takes that one again
            if _is_seen(one):
                found.append(one)
        found = _once(found)
        if len(found) == before:
            break
    return [one for one in found if one.boxes.scores[0] >= _LEAST * found[0].boxes.scores[0]]


def _is_seen(poses: Poses) -> bool:
    return len(poses) == 1 and is_torso_seen(poses.scores[0])


def _once(found: Sequence[Poses]) -> list[Poses]:
    """Return each person once, as the find with the best score."""
    kept: list[Poses] = []
    for one in sorted(found, key=lambda one: -float(one.boxes.scores[0])):
        if not any(_is_same(one, other) for other in kept):
            kept.append(one)
    return kept


def _is_same(one: Poses, other: Poses) -> bool:
    return len(one) == len(other) and bool(overlaps(one.boxes.xyxy, other.boxes.xyxy)[0, 0] > _SAME)


def chosen(found: Sequence[Poses], start: str, size: tuple[int, int]) -> Poses | None:
    """Return the person that ``persons=largest`` or ``persons=nearest`` would choose, None where there is none."""
    rating = RATINGS[start]
    return max(found, key=lambda one: float(rating(one.boxes, size)[0])) if found else None
