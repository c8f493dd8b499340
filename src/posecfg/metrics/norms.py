"""Sizes of true people in pixels, by which distances are divided: sides of boxes, the torso, the head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.metrics.pairs import known

if TYPE_CHECKING:
    from posecfg.arrays import F64
    from posecfg.types import Truth

NORMS: dict[str, str] = {
    "extent": "the longer side of the box around true keypoints",
    "box": "the longer side of the annotated box, or of that around true keypoints where there is none",
    "torso": "left shoulder to right hip, or right shoulder to left hip",
    "head": "head to the base of the neck, or ear to ear where there is no such keypoint",
}
"""Sizes by name, and what each is."""

# Pairs of keypoints whose distance is a size; the first that is known counts.
_SEGMENTS = {
    "torso": (("left_shoulder", "right_hip"), ("right_shoulder", "left_hip")),
    "head": (("head", "neck_base"), ("left_ear", "right_ear")),
}


def norm(truth: Truth, name: str) -> F64:
    """Return the size (P, T) px of each true person in each frame, NaN where it is not known."""
    import numpy as np

    xy = truth.xy.astype(np.float64)
    if name in _SEGMENTS:
        size = np.full(xy.shape[:2], np.nan)
        for first, second in _SEGMENTS[name]:
            if first in truth.keypoints and second in truth.keypoints:
                ends = [xy[:, :, truth.keypoints.index(end)] for end in (first, second)]
                size = np.where(np.isfinite(size), size, np.hypot(*np.moveaxis(ends[0] - ends[1], -1, 0)))
        return size
    there = known(truth.xy)[..., None]
    low, high = (np.where(there, xy, far) for far in (np.inf, -np.inf))
    sides = (high.max(axis=2, initial=-np.inf) - low.min(axis=2, initial=np.inf)).max(axis=-1)
    size = np.where(np.isfinite(sides), sides, np.nan)
    if name == "box" and truth.boxes is not None:
        own = (truth.boxes[..., 2:] - truth.boxes[..., :2]).astype(np.float64).max(axis=-1)
        size = np.where(np.isfinite(own), own, size)
    return size
