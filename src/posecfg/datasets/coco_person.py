"""Read one person of an annotation file of COCO or COCO-WholeBody; what is no person raises ``Unreadable``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posecfg.arrays import F32

WIDE = {"keypoints": 17, "foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21, "righthand_kpts": 21}
"""Lists of keypoints of COCO-WholeBody, in the order of its 133 names; COCO has the first alone."""
_FARTHEST = 1e8
"""No picture has as many px in a row."""
_MOST_ID = 2**62


class Unreadable(ValueError):
    """What is wrong with the numbers of a person, as a reason to leave it out."""


@dataclass(frozen=True)
class CocoPerson:
    """An annotated person: ``points`` (K, 3) x, y in px and visibility, ``box`` x, y of two corners, NaN for none."""

    points: F32
    box: tuple[float, float, float, float]
    area: float
    crowd: bool
    id: int


def is_id(value: Any) -> bool:
    """Tell whether a value is a whole number that can be an id."""
    return type(value) is int and abs(value) < _MOST_ID


def person(told: Mapping[str, Any], parts: Mapping[str, int]) -> CocoPerson:
    """Return the person of an annotation with so many keypoints in each of ``parts``; one not told is not labelled."""
    x, y, w, h = _box(told)
    return CocoPerson(
        _points(told, parts),
        (x, y, x + w, y + h),
        _area(told),
        _crowd(told),
        told["id"] if is_id(told.get("id")) else -1,
    )


def _points(told: Mapping[str, Any], parts: Mapping[str, int]) -> F32:
    """Return x, y and visibility (K, 3) of all parts; of what is not labelled, numbers that cannot be a place are 0."""
    import numpy as np

    flat: list[float] = []
    for part, number in parts.items():
        # A crowd, and a person of another data set, may have none.
        if told.get(part) in (None, []):
            flat += [0] * 3 * number
            continue
        listed = _numbers(told[part], part)
        if len(listed) != 3 * number:
            raise Unreadable(
                f"annotation with {len(listed)} numbers in {part}, where {number} keypoints have {3 * number}"
            )
        flat += listed
    try:
        points = np.array(flat, np.float64).reshape(-1, 3)
    except OverflowError:
        raise _impossible("keypoints") from None
    if not (points.min() > -_FARTHEST and points.max() < _FARTHEST):
        possible = np.abs(points) < _FARTHEST
        if not (possible.all(axis=1) | (possible[:, 2] & (points[:, 2] <= 0))).all():
            raise _impossible("keypoints")
        points[~possible] = 0
    return points.astype(np.float32)


def _box(told: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Return x, y, width and height, NaN where no box is told."""
    if told.get("bbox") in (None, []):
        return (float("nan"),) * 4
    box = _numbers(told["bbox"], "bbox")
    if len(box) != 4:
        raise Unreadable(f"annotation with {len(box)} numbers in bbox, not x, y, width and height")
    x, y, w, h = box
    if not (abs(x) < _FARTHEST and abs(y) < _FARTHEST and 0 <= w < _FARTHEST and 0 <= h < _FARTHEST):
        raise _impossible("bbox")
    return float(x), float(y), float(w), float(h)


def _area(told: Mapping[str, Any]) -> float:
    if told.get("area") is None:
        return float("nan")
    (area,) = _numbers([told["area"]], "area")
    if not 0 <= area < _FARTHEST**2:
        raise _impossible("area")
    return float(area)


def _crowd(told: Mapping[str, Any]) -> bool:
    crowd = told.get("iscrowd")
    if crowd is not None and (isinstance(crowd, str | list | dict) or crowd not in (0, 1)):
        raise Unreadable("annotation whose iscrowd is neither 0 nor 1")
    return bool(crowd)


def _numbers(listed: Any, what: str) -> list[float]:
    # To numpy, a text of digits is a number, and so are true and null.
    if not isinstance(listed, list) or not set(map(type, listed)) <= {int, float}:
        raise Unreadable(f"annotation whose {what} {'is' if what == 'area' else 'are'} no numbers")
    return listed


def _impossible(what: str) -> Unreadable:
    return Unreadable(f"annotation whose {what} cannot be so: a number is too large, below zero, or none")
