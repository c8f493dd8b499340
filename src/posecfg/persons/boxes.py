"""Measure boxes: area, overlap, and distance to a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64


def areas(xyxy: F32 | F64) -> F64:
    """Return the area of each box (P, 4), (P,) px²; a box without extent has 0, an unknown one NaN."""
    import numpy as np

    sides = np.maximum(xyxy[:, 2:].astype(np.float64) - xyxy[:, :2], 0)
    product: F64 = sides[:, 0] * sides[:, 1]
    return product


def overlaps(a: F32 | F64, b: F32 | F64) -> F64:
    """Return intersection over union of each box in ``a`` (A, 4) with each in ``b`` (B, 4), as (A, B); unknown is 0."""
    import numpy as np

    lower = np.maximum(a[:, None, :2], b[None, :, :2]).astype(np.float64)
    upper = np.minimum(a[:, None, 2:], b[None, :, 2:]).astype(np.float64)
    sides = np.maximum(upper - lower, 0)
    shared = sides[..., 0] * sides[..., 1]
    union = areas(a)[:, None] + areas(b)[None, :] - shared
    ratio: F64 = np.zeros_like(shared)
    known = union > 0
    ratio[known] = shared[known] / union[known]
    return ratio


def centre_distances(xyxy: F32, point: tuple[float, float]) -> F64:
    """Return the distance of each box's centre (P, 4) from ``point``, (P,) px."""
    import numpy as np

    centres = (xyxy[:, :2].astype(np.float64) + xyxy[:, 2:]) / 2
    away = centres - np.asarray(point, np.float64)
    distances: F64 = np.hypot(away[:, 0], away[:, 1])
    return distances
