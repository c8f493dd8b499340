"""Draw one pose on a page: bones and joints in the colours of their sides."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.colors import Rgb
from posecfg.drawing.page import Area, Page
from posecfg.drawing.theme import LEFT, MIDDLE, PAPER, RIGHT, side

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64
    from posecfg.skeletons.skeleton import Skeleton

_SIDES: tuple[Rgb, ...] = (MIDDLE, LEFT, RIGHT)


def stick(page: Page, skeleton: Skeleton, points: F64, width: float, within: Area, ghost: float | None = None) -> None:
    """Draw ``points`` (K, 2), NaN where missing, with bones of ``width`` px; a ``ghost`` has no joints, but alpha."""
    alpha = 1.0 if ghost is None else ghost
    for color, edges, joints in _parts(skeleton):
        page.lines(points[edges].reshape(-1, 4), color, width, alpha, within)
        if ghost is None:
            page.discs(points[joints], width * 0.95, color, within=within)
            page.discs(points[joints], width * 0.4, PAPER, within=within)


@lru_cache(maxsize=16)
def _parts(skeleton: Skeleton) -> tuple[tuple[Rgb, I64, I64], ...]:
    """Return bones (B, 2) and joints (J,) for each colour; a bone between both sides is of the middle."""
    own = [side(name) for name in skeleton.keypoints]
    edges = np.array(skeleton.edges, np.int64).reshape(-1, 2)
    of = [_both(own[a], own[b]) for a, b in edges.tolist()]
    found = []
    for color in _SIDES:
        joints = np.array([k for k, one in enumerate(own) if one == color], np.int64)
        found.append((color, edges[[one == color for one in of]] if len(edges) else edges, joints))
    return tuple(found)


def _both(first: Rgb, second: Rgb) -> Rgb:
    """Return the colour of a bone: that of its side, which one end in the middle does not change."""
    if first == second or second == MIDDLE:
        return first
    return second if first == MIDDLE else MIDDLE
