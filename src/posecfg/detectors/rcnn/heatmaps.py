"""Read keypoints from heatmaps of boxes, as Detectron2 does."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F32


def keypoints(opencv: ModuleType, heatmaps: F32, boxes: F32) -> tuple[F32, F32]:
    """Return points (P, K, 2) px and scores (P, K) for ``heatmaps`` (P, K, H, W) of ``boxes`` (P, 4) px.

    Each map is enlarged to a pixel a px of its box. A point is the middle of the largest pixel. Its score is
    1 / sum(exp(map - largest)) over the pixels of the map as it was: between the pixels of a narrow peak the enlarged
    map is higher than any of them, so that scores pass 1.
    """
    import numpy as np

    people, points = heatmaps.shape[:2]
    xy = np.empty((people, points, 2), np.float32)
    scores = np.empty((people, points), np.float32)
    extents = np.maximum(boxes[:, 2:] - boxes[:, :2], np.float32(1))
    whole = np.ceil(extents)
    for person in range(people):
        size = (int(whole[person, 0]), int(whole[person, 1]))
        largest = np.empty(points, np.float32)
        for point in range(points):
            enlarged = opencv.resize(heatmaps[person, point], size, interpolation=opencv.INTER_CUBIC)
            y, x = divmod(int(enlarged.argmax()), size[0])
            xy[person, point], largest[point] = (x, y), enlarged[y, x]
        xy[person] = (xy[person] + np.float32(0.5)) * (extents[person] / whole[person]) + boxes[person, :2]
        # A map that is made smaller may lose its peak: the score is 0 then, as in Detectron2.
        with np.errstate(over="ignore"):
            scores[person] = 1 / np.exp(heatmaps[person] - largest[:, None, None]).sum(axis=(1, 2))
    return xy, scores
