"""Bones and joints of a skeleton by the side of the body that they belong to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from posecfg.arrays import I64, Bools
    from posecfg.skeletons.skeleton import Skeleton

LEFT, RIGHT, MIDDLE = SIDES = ("left", "right", "middle")


class Side(NamedTuple):
    """Bones (B, 2) and joints (J,) of one side, as numbers of keypoints."""

    edges: I64
    joints: I64


def side(name: str) -> str:
    """Return the side of a keypoint: left, right or middle."""
    return LEFT if LEFT in name else RIGHT if RIGHT in name else MIDDLE


@lru_cache(maxsize=16)
def bones(skeleton: Skeleton) -> tuple[I64, tuple[str, ...]]:
    """Return the bones (B, 2), and the side of each."""
    own = [side(name) for name in skeleton.keypoints]
    edges = np.array(skeleton.edges, np.int64).reshape(-1, 2)
    return edges, tuple(_of_bone(own[a], own[b]) for a, b in edges.tolist())


@lru_cache(maxsize=16)
def sides(skeleton: Skeleton) -> dict[str, Side]:
    """Return the bones and joints of each side; a bone between both sides is of the middle."""
    edges, names = bones(skeleton)
    of, joints = np.array(names, object), np.array([side(name) for name in skeleton.keypoints], object)
    drawn = jointed(skeleton)
    return {one: Side(edges[of == one], np.flatnonzero((joints == one) & drawn).astype(np.int64)) for one in SIDES}


def jointed(skeleton: Skeleton) -> Bools:
    """Tell which keypoints (K,) are drawn: not those of a face mesh, whose outlines tell more than hundreds of dots."""
    return np.array([name not in skeleton.flat for name in skeleton.keypoints], bool)


def _of_bone(first: str, second: str) -> str:
    """Return the side of a bone: that of its ends, of which one in the middle changes nothing."""
    if first == second or second == MIDDLE:
        return first
    return second if first == MIDDLE else MIDDLE
