"""Angles of joints and segments, in degrees, as Sports2D names and means them: from pixels or points in space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.skeletons.skeleton import Skeleton

if TYPE_CHECKING:
    from posecfg.arrays import F64

SIDES = ("auto", "right", "left", "front", "back")
# Keypoints that skeletons have for one place, and places that are the middle of two others.
_ALIASES = {"big_toe": ("big_toe", "foot_index"), "index": ("index", "forefinger1")}
_MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}


@dataclass(frozen=True)
class Angle:
    """One angle, of one ray to the horizontal or of two rays, each from one place to another.

    In a picture of a person who looks to the right, it is that of the first ray less that of the second, clockwise,
    plus ``offset``, times ``sign``. In space two rays have ``straight`` less the angle between them, or, without
    ``straight``, the turn about the axis from the left to the right side of the body; a ray alone is told in the plane
    across that axis, and one that is ``level`` by how far it rises.
    """

    rays: tuple[tuple[str, str], ...]
    offset: float = 0.0
    sign: float = 1.0
    straight: float | None = None
    level: bool = False


def _joints(s: str) -> dict[str, Angle]:
    return {
        f"{s}_ankle": Angle(((f"{s}_knee", f"{s}_ankle"), (f"{s}_big_toe", f"{s}_heel")), 90, 1, 90),
        f"{s}_knee": Angle(((f"{s}_knee", f"{s}_ankle"), (f"{s}_knee", f"{s}_hip")), -180, 1, 180),
        f"{s}_hip": Angle(((f"{s}_knee", f"{s}_hip"), ("mid_hip", "neck")), 0, -1),
        f"{s}_shoulder": Angle(((f"{s}_elbow", f"{s}_shoulder"), ("mid_hip", "neck")), 0, -1),
        f"{s}_elbow": Angle(((f"{s}_elbow", f"{s}_wrist"), (f"{s}_elbow", f"{s}_shoulder")), 180, -1, 180),
        f"{s}_wrist": Angle(((f"{s}_wrist", f"{s}_elbow"), (f"{s}_wrist", f"{s}_index")), -180, 1, 180),
    }


def _segments(s: str) -> dict[str, Angle]:
    ends = ("heel", "big_toe"), ("knee", "ankle"), ("hip", "knee"), ("shoulder", "elbow"), ("elbow", "wrist")
    names = ("foot", "shank", "thigh", "arm", "forearm", "hand")
    rays = dict(zip(names, (*ends, ("wrist", "index")), strict=True))
    return {f"{s}_{name}": Angle(((f"{s}_{a}", f"{s}_{b}"),), 0, -1) for name, (a, b) in rays.items()}


JOINTS: Mapping[str, Angle] = {**_joints("right"), **_joints("left")}
SEGMENTS: Mapping[str, Angle] = {
    **_segments("right"),
    **_segments("left"),
    "pelvis": Angle((("right_hip", "left_hip"),), 0, -1, level=True),
    "trunk": Angle((("mid_hip", "neck"),), 0, -1),
    "shoulders": Angle((("right_shoulder", "left_shoulder"),), 0, -1, level=True),
    "head": Angle((("neck", "head"),), 0, -1),
}
ANGLES: Mapping[str, Angle] = {**JOINTS, **SEGMENTS}


def available(skeleton: Skeleton) -> tuple[str, ...]:
    """Name the angles that a skeleton has the keypoints for."""
    return tuple(name for name, one in ANGLES.items() if all(_rows(p, skeleton) for ray in one.rays for p in ray))


def _rows(place: str, skeleton: Skeleton) -> tuple[int, ...]:
    """Return the keypoints whose mean is a place, none where the skeleton lacks it."""
    side, _, part = place.partition("_")
    sided = side in ("left", "right")
    names = [f"{side}_{one}" for one in _ALIASES.get(part, (part,))] if sided else [place]
    for name in names:
        if name in skeleton.index:
            return (skeleton.index[name],)
    middle = _MIDDLES.get(place, ())
    return tuple(skeleton.index[name] for name in middle) if middle and set(middle) <= set(skeleton.index) else ()


def _place(points: F64, name: str, skeleton: Skeleton) -> F64:
    found: F64 = points[:, list(_rows(name, skeleton))].mean(axis=1)
    return found


def in_picture(xy: F64, skeleton: Skeleton, side: str) -> dict[str, F64]:
    """Return angles (T,) of keypoints (T, K, 2) px, NaN where one is missing.

    ``side`` is the one that is seen: the picture of a left one is mirrored, and of a front or back one half of the
    body; auto looks in each row where the feet point to, and takes the side of the row before where they are not seen.
    """
    import numpy as np

    half = {"front": "right_", "back": "left_"}.get(side)
    facing = _facing(xy, skeleton, side) if half is None else np.ones(len(xy))

    def shown(place: str) -> F64:
        turn = -facing if half is not None and place.startswith(half) else facing
        return _place(xy, place, skeleton) * np.stack([turn, np.ones(len(xy))], axis=1)

    found = {}
    for name in available(skeleton):
        one = ANGLES[name]
        rays = [shown(b) - shown(a) for a, b in one.rays]
        turns = [np.arctan2(ray[:, 1], ray[:, 0]) for ray in rays]
        degrees = (np.degrees(turns[0] - (turns[1] if len(turns) > 1 else 0)) + one.offset) * one.sign
        found[name] = _wrapped(degrees, 90 if one.level else 180)
    return found


def _facing(xy: F64, skeleton: Skeleton, side: str) -> F64:
    """Return 1 for each row in which the person looks to the right, else -1."""
    import numpy as np

    if side != "auto":
        return np.full(len(xy), -1.0 if side == "left" else 1.0)
    ends = [(f"{s}_heel", f"{s}_big_toe") for s in ("right", "left")]
    if not all(_rows(place, skeleton) for pair in ends for place in pair):
        return np.ones(len(xy))
    ahead = sum((_place(xy, b, skeleton) - _place(xy, a, skeleton))[:, 0] for a, b in ends)
    facing, last = np.ones(len(xy)), 1.0
    for row, value in enumerate(np.asarray(ahead).tolist()):
        facing[row] = last = last if np.isnan(value) else (1.0 if value >= 0 else -1.0)
    return facing


def _wrapped(degrees: F64, half: float) -> F64:
    """Bring angles between -``half`` and ``half``."""
    import numpy as np

    for _ in range(2):
        degrees = np.where(degrees > half, degrees - 2 * half, degrees)
        degrees = np.where(degrees < -half, degrees + 2 * half, degrees)
    return degrees


def in_space(xyz: F64, skeleton: Skeleton) -> dict[str, F64]:
    """Return angles (T,) of points (T, K, 3), x to the right, y down, z away; NaN where one is missing."""
    import numpy as np

    up = np.array([0.0, -1.0, 0.0])
    across = _across(xyz, skeleton)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = across - (across @ up)[:, None] * up
        level /= np.linalg.norm(level, axis=1, keepdims=True)
    ahead = np.cross(up, level)
    found = {}
    for name in available(skeleton):
        one = ANGLES[name]
        rays = [_place(xyz, b, skeleton) - _place(xyz, a, skeleton) for a, b in one.rays]
        if len(rays) == 1:
            rise, (ray,) = rays[0] @ up, rays
            along = np.hypot(ray[:, 0], ray[:, 2]) if one.level else (ray * ahead).sum(axis=1)
            found[name] = np.degrees(np.arctan2(rise, along))
            continue
        normal, along = np.cross(rays[0], rays[1]), (rays[0] * rays[1]).sum(axis=1)
        if one.straight is not None:
            found[name] = one.straight - np.degrees(np.arctan2(np.linalg.norm(normal, axis=1), along))
        else:
            found[name] = np.degrees(_turn(rays[0], rays[1], across))
    return found


def _turn(first: F64, second: F64, axis: F64) -> F64:
    """Return the turn (T,) about an axis from the second ray to the first, as one sees them along the axis."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        unit = axis / np.linalg.norm(axis, axis=1, keepdims=True)
    flat = [ray - (ray * unit).sum(axis=1, keepdims=True) * unit for ray in (first, second)]
    found: F64 = np.arctan2((np.cross(flat[1], flat[0]) * unit).sum(axis=1), (flat[0] * flat[1]).sum(axis=1))
    return found


def _across(xyz: F64, skeleton: Skeleton) -> F64:
    """Return the axis (T, 3) from the left to the right hip, or shoulder where there are no hips."""
    import numpy as np

    for pair in (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")):
        if all(_rows(place, skeleton) for place in pair):
            left, right = (_place(xyz, place, skeleton) for place in pair)
            found: F64 = right - left
            return found
    return np.full((len(xyz), 3), np.nan)
