"""A person as bones and joints: left and right in different colours, one pair of colours a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.canvas import Color, disc, line
from posecfg.skeletons.skeleton import Skeleton

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8

INK: Color = (12, 16, 24)
JOINT: Color = (255, 255, 255)
MIDDLE: Color = (236, 240, 245)
# (left, right) of the person, distinct for the common kinds of colour blindness.
PALETTE: tuple[tuple[Color, Color], ...] = (
    ((64, 196, 255), (255, 160, 64)),
    ((128, 222, 128), (240, 98, 146)),
    ((206, 147, 216), (255, 238, 88)),
    ((77, 208, 190), (255, 112, 82)),
)


def draw(
    image: U8, skeleton: Skeleton, xy: F32, scores: F32, kpt_thr: float, person: int = 0, made: bool = False
) -> int:
    """Draw one person onto ``image`` (H, W, 3) in place and return how many keypoints were seen.

    ``xy`` (K, 2) px and ``scores`` (K,); a keypoint counts when its score is at least ``kpt_thr``. A pose
    that was ``made`` up has bones only.
    """
    seen = np.isfinite(xy).all(axis=1) & (scores >= kpt_thr)
    if not seen.any():
        return 0
    size = max(np.ptp(xy[seen], axis=0).max(), 1.0)
    width = float(np.clip(max(image.shape[:2]) / 400, 1.6, 4.5))
    radius = min(width * 1.5, max(1.0, size / 40))
    colors = PALETTE[person % len(PALETTE)]
    bones = [edge for edge in skeleton.edges if seen[edge[0]] and seen[edge[1]]]
    for a, b in bones:
        line(image, _point(xy[a]), _point(xy[b]), INK, width + 1.2, 0.75)
    for a, b in bones:
        line(image, _point(xy[a]), _point(xy[b]), _side(skeleton, a, b, colors), width)
    for k in () if made else np.flatnonzero(seen):
        disc(image, _point(xy[k]), INK, radius + 1.2, 0.75)
        disc(image, _point(xy[k]), JOINT, radius)
    return int(seen.sum())


def _point(xy: F32) -> tuple[float, float]:
    return float(xy[0]), float(xy[1])


def _side(skeleton: Skeleton, a: int, b: int, colors: tuple[Color, Color]) -> Color:
    names = skeleton.keypoints[a], skeleton.keypoints[b]
    if all("left" in name for name in names):
        return colors[0]
    if all("right" in name for name in names):
        return colors[1]
    return MIDDLE
