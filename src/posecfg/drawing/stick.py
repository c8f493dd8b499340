"""Draw one pose on a page: bones and joints in the colours of their sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.drawing.colors import Rgb
from posecfg.drawing.page import Area, Page
from posecfg.drawing.sides import sides
from posecfg.drawing.theme import LEFT, MIDDLE, PAPER, RIGHT

if TYPE_CHECKING:
    from posecfg.arrays import F64
    from posecfg.skeletons.skeleton import Skeleton

_COLORS: dict[str, Rgb] = {"middle": MIDDLE, "left": LEFT, "right": RIGHT}


def stick(page: Page, skeleton: Skeleton, points: F64, width: float, within: Area, ghost: float | None = None) -> None:
    """Draw ``points`` (K, 2), NaN where missing, with bones of ``width`` px; a ``ghost`` has no joints, but alpha."""
    alpha = 1.0 if ghost is None else ghost
    parts = sides(skeleton)
    for name, color in _COLORS.items():
        edges, joints = parts[name]
        page.lines(points[edges].reshape(-1, 4), color, width, alpha, within)
        if ghost is None:
            page.discs(points[joints], width * 0.95, color, within=within)
            page.discs(points[joints], width * 0.4, PAPER, within=within)
