"""Replay the annotations of a data set as if a detector had found them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from posecfg import skeletons
from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Boxes, Clip, Clock, Meaning, Poses, Truth

if TYPE_CHECKING:
    from posecfg.arrays import F32, Bools

WITHOUT = ("skip", "fail")
AXES = "x to the right of the image, y down, z away from the camera"


class Annotations:
    """Yield the people whom the annotations of a clip know in each row; pixels are not used.

    Keypoints without a score have 1, those that are not known 0; boxes that are not known are those around the
    keypoints, and a person without any keypoint is none. The skeleton is that of the annotations. Points in space are
    turned as the clip's camera sees them, where it is known. A clip ``without`` annotations is skipped, or fails.
    """

    def __init__(self, without: Literal["skip", "fail"] = "skip", device: str = "auto") -> None:
        self._fails = without == "fail"
        self.device = "cpu"
        self.weights: Mapping[str, str] = {}
        self.notes: Mapping[str, Any] = {}
        self.batch = 16

    @staticmethod
    def facts(without: str, **others: Any) -> Facts:
        """Return the facts known before the component is built: the skeleton is that of any annotations."""
        if without not in WITHOUT:
            raise ConfigError(f"Expected without to be {' or '.join(WITHOUT)}, but got {without!r}.")
        return Facts(devices=("cpu",), annotated=True, by_row=True, operational=("device",))

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the known people of each row; raise ``Dropped`` if there are no annotations."""
        if clip.truth is None:
            if self._fails:
                raise ClipError(f"Expected annotations of '{clip.id}', but there are none: type detector.without=skip.")
            raise Dropped("no annotations")
        for batch in batches:
            indices, times = batch.indices.repeat(batch.fills), batch.times.repeat(batch.fills)
            truth = clip.truth(Clock(indices, times, fps=0.0, size=batch.size, moments=batch.moments))
            skeleton = skeletons.named(truth.keypoints, "annotations")
            for row in range(len(indices)):
                yield _people(truth, row, skeleton)


def _people(truth: Truth, row: int, skeleton: Skeleton) -> Poses:
    """Return the people of one row."""
    import numpy as np

    known: Bools = np.logical_and.reduce(np.isfinite(truth.xy[:, row]), axis=-1)
    there = known.any(axis=-1)
    known = known[there]
    xy = np.where(known[..., None], truth.xy[there, row], np.nan).astype(np.float32)
    scores = np.ones(known.shape, np.float32) if truth.scores is None else truth.scores[there, row]
    scores = np.where(known & np.isfinite(scores), scores, 0).astype(np.float32)
    xyz, meaning = _space(truth, None if truth.xyz is None else truth.xyz[there, row])
    own = None if truth.boxes is None else truth.boxes[there, row]
    total = None if truth.box_scores is None else truth.box_scores[there, row]
    return Poses(
        skeleton=skeleton,
        meaning=Meaning(xyz=meaning),
        xy=xy,
        scores=scores,
        boxes=Boxes(_either(own, _around(xy)), _either(total, _mean(scores, known))),
        xyz=xyz,
    )


def _space(truth: Truth, points: F32 | None) -> tuple[F32 | None, str | None]:
    """Return points (P, K, 3) as the camera sees them, and what they mean; in the world where no camera is known."""
    import numpy as np

    if points is None:
        return None, None
    if truth.space == "world" and truth.camera is None:
        return points.astype(np.float32), "metres, origin in the world"
    if truth.space == "world" and truth.camera is not None:
        turned = points @ truth.camera.rotation.T + truth.camera.translation
        return turned.astype(np.float32), f"metres, origin camera, {AXES}"
    return points.astype(np.float32), f"metres, origin {truth.space}, {AXES}"


def _either(known: F32 | None, otherwise: F32) -> F32:
    """Return what is ``known``, and ``otherwise`` where it is not."""
    import numpy as np

    return otherwise if known is None else np.where(np.isfinite(known), known, otherwise).astype(np.float32)


def _around(xy: F32) -> F32:
    """Return the boxes (P, 4) around the known keypoints (P, K, 2) of people who have some."""
    import numpy as np

    if not len(xy):
        return np.zeros((0, 4), np.float32)
    return np.concatenate([np.nanmin(xy, axis=1), np.nanmax(xy, axis=1)], axis=-1).astype(np.float32)


def _mean(scores: F32, known: Bools) -> F32:
    """Return the mean score (P,) of the keypoints that are known."""
    import numpy as np

    total: F32 = (scores.sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)).astype(np.float32)
    return total
