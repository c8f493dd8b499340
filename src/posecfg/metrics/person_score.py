"""The score by which people of all images are put into order, as COCO's evaluation of keypoints needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posecfg.arrays import F64

SCORES = ("box_keypoint", "keypoint", "box")
# A keypoint is part of its person's score from this score on.
LEAST = 0.2


def person_score(scores: Any, boxes: Any, way: str = SCORES[0]) -> F64:
    """Return the score (T,) of a person with ``scores`` (T, K) of keypoints and those of ``boxes`` (T,).

    It is the mean of keypoints above 0.2 (keypoint), that of the box (box), or both multiplied (box_keypoint); without
    a box, the former.
    """
    import numpy as np

    high = np.nan_to_num(scores) > LEAST
    mean = np.where(high, scores, 0).sum(axis=1, dtype=np.float64) / np.maximum(high.sum(axis=1), 1)
    boxed = np.isfinite(boxes)
    whole = {
        "keypoint": mean,
        "box": np.where(boxed, boxes, mean),
        "box_keypoint": mean * np.where(boxed, boxes, 1.0),
    }[way]
    # As records keep them: the order is the same when they are read back.
    kept: F64 = whole.astype(np.float32).astype(np.float64)
    return kept
