"""Top-down detection: one model finds people, another finds the keypoints of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

from posecfg.components.parts import parts
from posecfg.detectors.topdown.parts import BoxDetector, Points, PoseHead
from posecfg.detectors.topdown.reused import Reused
from posecfg.detectors.topdown.shared import Every, Shared
from posecfg.errors import ConfigError, PosecfgError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.types import Boxes, Clip, Poses


class TopDown:
    """Find people with the detector ``boxes`` and their keypoints with the head ``pose``.

    The box detector runs on every ``det_every``-th frame: with 3, on frames 0, 3, 6 and so on of the clip; the frames
    between keep the last boxes. It runs on every one of unrelated pictures. ``batch`` is the number of frames that are
    processed at once; null is what suits the models.
    """

    def __init__(self, boxes: BoxDetector, pose: PoseHead, det_every: int = 1, batch: int | None = None) -> None:
        _check(det_every, batch)
        self._boxes, self._pose, self._every = boxes, pose, det_every
        self.batch = batch or max(boxes.batch, pose.batch)
        self.device = boxes.device if boxes.device == pose.device else f"{boxes.device}, {pose.device}"
        self.weights: Mapping[str, str] = {**boxes.weights, **pose.weights}

    @staticmethod
    def facts(boxes: Any, pose: Any, det_every: int, batch: int | None) -> Facts:
        """Return the facts known before the component is built: skeleton and depth are those of the pose head."""
        _check(det_every, batch)
        head = _facts(pose, "pose")
        return Facts(
            skeleton=head.skeleton,
            gives=head.gives,
            stateful=det_every != 1,
            stateless_by="detector.det_every=1",
            shares=_facts(boxes, "boxes").shares,
            reuses="pose",
            operational=("batch",),
        )

    def reusing(self, known: Sequence[Boxes], found: Callable[[Boxes], None]) -> TopDown:
        """Return the same detector for one clip, which takes ``known`` boxes and tells ``found`` of all."""
        other = copy(self)
        other._boxes = Reused(self._boxes, known, found)
        return other

    @property
    def notes(self) -> Mapping[str, Any]:
        """What came up while the models worked, as JSON values."""
        return {**self._boxes.notes, **self._pose.notes}

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the people of each frame, in order."""
        every = 1 if clip.independent else self._every
        due, last = 0, None
        for batch in batches:
            frames = Shared(batch)
            boxes, due, last = self._found(frames, every, due, last)
            for people, points in zip(boxes, self._pose(frames, boxes), strict=True):
                yield self._poses(people, points)

    def _found(self, frames: Shared, every: int, due: int, last: Boxes | None) -> tuple[list[Boxes], int, Boxes | None]:
        """Return each frame's boxes, the number of frames until the next detection, and the boxes until then.

        ``due`` and ``last`` are these values from the batch before.
        """
        fresh = iter(self._boxes(Every(frames, due, every) if every > 1 else frames) if due < len(frames) else ())
        boxes = []
        for _ in range(len(frames)):
            if due == 0:
                last, due = next(fresh), every
            due -= 1
            if last is None:
                raise RuntimeError("Expected the first frame of a clip to be looked at.")
            boxes.append(last)
        return boxes, due, last

    def _poses(self, boxes: Boxes, points: Points) -> Poses:
        head = self._pose
        return Poses(head.skeleton, head.meaning, points.xy, points.scores, boxes, points.xyz, points.depth)


def _check(det_every: int, batch: int | None) -> None:
    if det_every < 1:
        raise ConfigError(f"Expected det_every to be at least 1, but got {det_every}.")
    if batch is not None and batch < 1:
        raise ConfigError(f"Expected batch to be at least 1, or null, but got {batch}.")


def _facts(half: Any, name: str) -> Facts:
    """Return the facts of a half that is not built yet; its own check reports what is wrong with it."""
    try:
        return next((part.facts for part in parts(half, f"detector.{name}")), Facts())
    except PosecfgError:
        return Facts()
