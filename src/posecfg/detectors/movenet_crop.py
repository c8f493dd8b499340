"""Choose MoveNet's next region: around the person of the frame before, or the whole picture.

A region is a box (x0, y0, x1, y1) in whole, even px of the upright picture, half-open, and may reach outside.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from posecfg.skeletons.coco17 import SKELETON

if TYPE_CHECKING:
    from posecfg.arrays import F32

    Region = tuple[int, int, int, int]

SEEN = 0.2
# Half a side of the region, in multiples of the extent of torso and body from the hips: the published factors.
_TORSO, _BODY = 1.9, 1.2
# Smallest side of a region (px), for keypoints that coincide.
_LEAST = 32
_SHOULDERS = [SKELETON.index[name] for name in ("left_shoulder", "right_shoulder")]
_HIPS = [SKELETON.index[name] for name in ("left_hip", "right_hip")]


def whole(size: tuple[int, int]) -> Region:
    """Return the square around a picture of ``size`` (width, height)."""
    side = max(size) + max(size) % 2
    x0, y0 = (-((side - length) // 4) * 2 for length in size)
    return x0, y0, x0 + side, y0 + side


def is_torso_seen(scores: F32) -> bool:
    """Tell whether a shoulder and a hip are in sight: ``scores`` (17,)."""
    seen = scores > SEEN
    return bool(seen[_SHOULDERS].any() and seen[_HIPS].any())


def around(xy: F32, scores: F32, size: tuple[int, int]) -> Region:
    """Return the square around a person: ``xy`` (17, 2) px and ``scores`` (17,) of the frame before.

    It is the square around the whole picture if no shoulder or no hip is seen, or if the region would be outside the
    picture or larger than it.
    """
    import numpy as np

    if not is_torso_seen(scores):
        return whole(size)
    seen = scores > SEEN
    centre = xy[_HIPS].mean(axis=0, dtype=np.float64)
    reach = np.abs(xy - centre)
    half = max(_TORSO * reach[_SHOULDERS + _HIPS].max(), _BODY * reach[seen].max())
    # The region ends at the farthest edge of the picture.
    farthest = max(abs(edge - at) for at, length in zip(centre, size, strict=True) for edge in (0, length))
    half = max(min(half, farthest), _LEAST / 2)
    if half > max(size) / 2:
        return whole(size)
    side = 2 * math.ceil(half)
    corner = [2 * round((float(at) - side / 2) / 2) for at in centre]
    if not all(-side < low < length for low, length in zip(corner, size, strict=True)):
        return whole(size)
    return corner[0], corner[1], corner[0] + side, corner[1] + side
