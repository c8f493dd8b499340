"""Non-maximum suppression: keep one box of those that cover the same person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64


def distinct(xyxy: F32, scores: F32, overlap: float) -> I64:
    """Return the rows to keep, highest score first: none overlaps a better one that is kept by more than ``overlap``.

    ``xyxy`` (N, 4) px and ``scores`` (N,) float32; the overlap is intersection over union, and of equal scores the
    earlier row is the better one.
    """
    import numpy as np

    waiting = np.argsort(-scores, kind="stable")
    x0, y0, x1, y1 = xyxy.T
    areas = (x1 - x0) * (y1 - y0)
    kept = []
    while len(waiting):
        best, rest = waiting[0], waiting[1:]
        kept.append(best)
        width = np.minimum(x1[best], x1[rest]) - np.maximum(x0[best], x0[rest])
        height = np.minimum(y1[best], y1[rest]) - np.maximum(y0[best], y0[rest])
        common = np.maximum(width, 0) * np.maximum(height, 0)
        # Multiplied, not divided: the union of boxes without area is 0.
        waiting = rest[common <= overlap * (areas[best] + areas[rest] - common)]
    return np.array(kept, np.int64)
