"""People as annotations of COCO and of COCO-WholeBody, without ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posecfg.metrics.person_score import person_score
from posecfg.refine.convert import convert
from posecfg.skeletons import coco17, wholebody133
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import PoseTrack

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64

BODY = 17
# Where the parts of a whole body begin and end among its keypoints.
WHOLE = {"foot_kpts": (17, 23), "face_kpts": (23, 91), "lefthand_kpts": (91, 112), "righthand_kpts": (112, 133)}
_BOXES = {"face_kpts": "face_box", "lefthand_kpts": "lefthand_box", "righthand_kpts": "righthand_box"}
# Decimals of pixels, of the scores of keypoints, and of those of people, which are to be put into order.
PLACES, SCORES, WHOLES = 2, 4, 8


@dataclass(frozen=True)
class Labels:
    """How poses become labels: a point scoring above ``seen_thr`` is visible, above ``hidden_thr`` labelled but hidden.

    A person needs ``least`` labelled points of the body. The box is that of all labelled points and ``margin`` px more,
    cut at the picture's edges.
    """

    skeleton: Skeleton
    least: int
    margin: float
    seen_thr: float
    hidden_thr: float

    @property
    def body(self) -> int:
        """How many keypoints the body has: 17 of COCO's, or all of a skeleton of another kind."""
        return BODY if self.skeleton.keypoints[:BODY] == coco17.SKELETON.keypoints else len(self.skeleton)

    def annotations(self, track: PoseTrack, size: tuple[int, int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the row and the annotation of each pose that has enough points, for pictures of ``size``."""
        import numpy as np

        if not len(track):
            return
        xy, scores = self._points(track)
        with np.errstate(invalid="ignore"):
            there = np.isfinite(xy).all(axis=2) & (xy >= 0).all(axis=2) & (xy <= size).all(axis=2)
            # As exact as scores are: 0.3 itself is not above it.
            seen, hidden = (scores > np.float32(limit) for limit in (self.seen_thr, self.hidden_thr))
            flags: I64 = np.where(there, hidden.astype(np.int64) + seen, 0)
        flags[~(track.valid | track.made)] = 0
        counts = (flags[:, : self.body] > 0).sum(axis=1)
        boxes = _boxes(xy, flags > 0, self.margin, size)
        xy = np.where((flags > 0)[..., None], np.round(xy, PLACES), 0.0)
        for row in np.flatnonzero((counts >= max(1, self.least)) & (boxes[:, 2:] > 0).all(axis=1)).tolist():
            points = _flat(xy[row].tolist(), flags[row].tolist())
            box = boxes[row].tolist()
            yield (
                row,
                {
                    "category_id": 1,
                    "bbox": box,
                    "area": round(box[2] * box[3], PLACES),
                    "iscrowd": 0,
                    "num_keypoints": int(counts[row]),
                    "keypoints": points[: 3 * self.body],
                    "segmentation": [],
                    **self._whole(xy[row], flags[row], points, size),
                },
            )

    def _whole(self, xy: F64, flags: I64, points: list[Any], size: tuple[int, int]) -> dict[str, Any]:
        """Return the fields of COCO-WholeBody beside those of the body."""
        found: dict[str, Any] = {}
        if not self._is_whole:
            return found
        for name, (first, end) in WHOLE.items():
            known = flags[first:end] > 0
            found[name] = points[3 * first : 3 * end]
            found[name.replace("kpts", "valid")] = bool(known.any())
            if name in _BOXES:
                found[_BOXES[name]] = _boxes(xy[None, first:end], known[None], 0, size)[0].tolist()
        return found

    def results(self, track: PoseTrack) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the row and the entry of a list of results for each pose, however low it scores."""
        import numpy as np

        if not len(track):
            return
        xy, own = self._points(track)
        there = np.isfinite(xy).all(axis=2) & np.isfinite(own)
        xy = np.where(there[..., None], np.round(xy, PLACES), 0.0)
        scores = np.where(there, np.round(own, SCORES), 0.0)
        whole = person_score(own, track.box_scores).round(WHOLES).tolist()
        for row in np.flatnonzero((track.valid | track.made) & there.any(axis=1)).tolist():
            points = _flat(xy[row].tolist(), scores[row].tolist())
            parts = WHOLE if self._is_whole else {}
            yield (
                row,
                {
                    "category_id": 1,
                    "keypoints": points[: 3 * self.body],
                    "score": whole[row],
                    **{name: points[3 * first : 3 * end] for name, (first, end) in parts.items()},
                },
            )

    @property
    def _is_whole(self) -> bool:
        return self.skeleton.keypoints == wholebody133.SKELETON.keypoints

    def _points(self, track: PoseTrack) -> tuple[F64, F64]:
        import numpy as np

        own = track if track.skeleton == self.skeleton else convert(track, self.skeleton)
        return own.xy.astype(np.float64), own.scores.astype(np.float64)


def _flat(xy: list[list[float]], third: list[Any]) -> list[Any]:
    return [value for (x, y), flag in zip(xy, third, strict=True) for value in (x, y, flag)]


def _boxes(xy: F64, known: Any, margin: float, size: tuple[int, int]) -> F64:
    """Return boxes (T, 4) x, y, width, height of the ``known`` points; without any, all numbers are 0."""
    import numpy as np

    low = np.where(known[..., None], xy, np.inf).min(axis=1) - margin
    high = np.where(known[..., None], xy, -np.inf).max(axis=1) + margin
    low, high = np.maximum(low, 0).round(PLACES), np.minimum(high, size).round(PLACES)
    boxes = np.concatenate([low, high - low], axis=1).round(PLACES)
    boxes[~known.any(axis=1)] = 0
    return boxes
