"""The annotated people of some pictures as known poses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.datasets.coco_file import CocoFile
from posecfg.errors import ClipError
from posecfg.shapes import same
from posecfg.types import Clock, Truth

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64, Bools

SEEN, LABELLED = 2, 0
MOST = 16_000_000
"""Keypoints of a clip, each picture counted like the one with the most people: they take half a gigabyte."""


@dataclass(frozen=True, eq=False)
class CocoTruth:
    """The M people of some pictures, one picture after another.

    ``images`` (N,) are the ids of pictures; in number n are people ``offsets[n]`` to ``offsets[n + 1]``. Of these,
    ``points`` (M, K, 3) are x, y in px and visibility, ``boxes`` (M, 4) corners, ``areas``, ``crowd`` and ``ids`` (M,).
    """

    keypoints: tuple[str, ...]
    images: I64
    offsets: I64
    points: F32
    boxes: F32
    areas: F32
    crowd: Bools
    ids: I64

    __eq__ = same

    @classmethod
    def of(cls, file: CocoFile, images: Sequence[int]) -> CocoTruth:
        """Return what a file knows of the pictures with these ids."""
        import numpy as np

        each = [file.people.get(image, []) for image in images]
        people = [person for one in each for person in one]
        return cls(
            file.keypoints,
            np.array(images, np.int64),
            np.cumsum([0, *map(len, each)], dtype=np.int64),
            np.array([one.points for one in people], np.float32).reshape(-1, len(file.keypoints), 3),
            np.array([one.box for one in people], np.float32).reshape(-1, 4),
            np.array([one.area for one in people], np.float32),
            np.array([one.crowd for one in people], bool),
            np.array([one.id for one in people], np.int64),
        )

    def __call__(self, clock: Clock) -> Truth:
        """Return the people of each row's picture; one that is not labelled has no place."""
        import numpy as np

        starts, ends = self.offsets[clock.indices], self.offsets[clock.indices + 1]
        rows, most = len(clock), int((ends - starts).max(initial=0))
        shape = (most, rows)
        if most * rows * len(self.keypoints) > MOST:
            fewer = max(1, MOST // (most * len(self.keypoints)))
            raise ClipError(
                f"Expected a clip's pictures to have few people, but one of {rows:,} has {most:,}, and room for as "
                f"many in each would take too much memory: type dataset.pictures={fewer}."
            )
        person = np.arange(most)[:, None] + starts
        there = person < ends
        taken = person[there]
        points = np.full((*shape, len(self.keypoints), 3), np.nan, np.float32)
        points[there] = self.points[taken]
        labelled = points[..., 2] > 0
        visible: Any = np.where(labelled, np.where(points[..., 2] == 1, 1, SEEN), LABELLED).astype(np.int8)
        boxes, areas = np.full((*shape, 4), np.nan, np.float32), np.full(shape, np.nan, np.float32)
        crowd, ids = np.zeros(shape, bool), np.full(shape, -1, np.int64)
        boxes[there], areas[there], crowd[there], ids[there] = (
            array[taken] for array in (self.boxes, self.areas, self.crowd, self.ids)
        )
        return Truth(
            self.keypoints,
            xy=np.where(labelled[..., None], points[..., :2], np.nan).astype(np.float32),
            visible=visible,
            boxes=boxes,
            areas=areas,
            crowd=crowd,
            ids=ids,
            image_ids=self.images[clock.indices],
        )

    def slots(self) -> None:
        """Return None: every picture is annotated."""

    def files(self) -> tuple[Path, ...]:
        """Return no file: the one that lists all pictures may change without a change of these."""
        return ()

    def told(self) -> str:
        """Return a hash of all that is known."""
        sha = hashlib.sha256(repr(self.keypoints).encode())
        for array in (self.images, self.offsets, self.points, self.boxes, self.areas, self.crowd, self.ids):
            sha.update(array.tobytes())
        return sha.hexdigest()
