"""People of images, true ones and found ones, as flat arrays, and how alike their keypoints are (OKS)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.metrics.pairs import known as is_known

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64, Bools

# Pairs of people whose keypoints are compared at once: more would not fit into the processor's memory.
CHUNK = 4096
# Distance (px) to a missing keypoint, whose likeness is 0.
FAR = 1e12


@dataclass(frozen=True, eq=False)
class Known:
    """True people (G): ``image`` (G,) in order, ``xy`` (G, K, 2) px, which of it is ``labelled`` (G, K).

    ``boxes`` (G, 4) are x, y, width, height in px, ``areas`` (G,) in px²; ``crowd`` (G,) marks groups.
    """

    image: I64
    xy: F64
    labelled: Bools
    boxes: F64
    areas: F64
    crowd: Bools

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True, eq=False)
class Found:
    """People who were found (D): ``image`` (D,), ``xy`` (D, K, 2) px, NaN where missing, and ``scores`` (D,)."""

    image: I64
    xy: F64
    scores: F64

    def __len__(self) -> int:
        return len(self.image)

    def best(self, most: int) -> Found:
        """Return the ``most`` of each image with the highest scores, by image and score; equal ones stay in order."""
        import numpy as np

        order = np.lexsort((-self.scores, self.image))
        image = self.image[order]
        kept = order[ranks(image) < most]
        return Found(self.image[kept], self.xy[kept], self.scores[kept])

    def areas(self) -> F64:
        """Return the areas (D,) of the boxes around keypoints, 0 where there is none."""
        import numpy as np

        if not len(self):
            return np.zeros(0)
        known = is_known(self.xy)
        areas = np.ones(len(self))
        for axis in (0, 1):
            places = self.xy[..., axis]
            low, high = np.where(known, places, np.inf).min(axis=1), np.where(known, places, -np.inf).max(axis=1)
            areas *= np.where(high >= low, high - low, 0)
        return areas


def ranks(image: I64) -> I64:
    """Return the place (N,) of each among those of its image, for images (N,) in order."""
    import numpy as np

    places = np.arange(len(image))
    first = np.ones(len(image), bool)
    first[1:] = image[1:] != image[:-1]
    start: I64 = np.maximum.accumulate(np.where(first, places, 0))
    return places - start


def similarity(found: Found, true: Known, pairs: tuple[I64, I64], variances: F64) -> F64:
    """Return the OKS (M,) of pairs of people: the places (M,) among ``found`` and among ``true``.

    ``variances`` (K,) are those of keypoints, (2 sigma)². Where the true person has no labelled keypoint, distances are
    those to a box three times as wide and high as the person's.
    """
    import numpy as np

    result = np.empty(len(pairs[0]))
    blank: Bools = ~np.logical_or.reduce(true.labelled, axis=1)
    # A missing keypoint is nowhere near.
    placed = np.where(np.isfinite(found.xy), found.xy, FAR)
    spread = (true.areas + np.spacing(1))[:, None]
    number = np.maximum(true.labelled.sum(axis=1), 1)
    for start in range(0, len(result), CHUNK):
        ours, theirs = (one[start : start + CHUNK] for one in pairs)
        apart = placed[ours] - true.xy[theirs]
        apart *= apart
        squares = (apart[..., 0] + apart[..., 1]) / variances
        squares /= spread[theirs]
        squares /= -2
        alike = np.exp(squares, out=squares)
        total = np.where(true.labelled[theirs], alike, 0).sum(axis=1) / number[theirs]
        lost = np.flatnonzero(blank[theirs])
        if len(lost):
            total[lost] = _to_boxes(placed[ours[lost]], true.boxes[theirs[lost]], variances, spread[theirs[lost]])
        result[start : start + CHUNK] = total
    return result


def _to_boxes(xy: F64, boxes: F64, variances: F64, spread: F64) -> F64:
    """Return the OKS (M,) of keypoints (M, K, 2) with boxes (M, 4), made three times as wide and high."""
    import numpy as np

    corner, sides = boxes[:, None, :2], boxes[:, None, 2:]
    beyond = np.maximum(0, corner - sides - xy) + np.maximum(0, xy - corner - 2 * sides)
    squares = (beyond[..., 0] ** 2 + beyond[..., 1] ** 2) / variances / spread / 2
    mean: F64 = np.exp(-squares).sum(axis=1) / xy.shape[1]
    return mean
