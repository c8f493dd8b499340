"""The known people of frames, to be drawn beside those that were found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from posecfg import skeletons
from posecfg.pixels import Frames
from posecfg.types import Clip, Clock, Person
from posecfg.writers.enough import Enough

if TYPE_CHECKING:
    from posecfg.types import Truth


class KnownPeople:
    """People whom the annotations of a clip know; none where it has no annotations."""

    def __init__(self, clip: Clip, enough: Enough) -> None:
        self._truth, self._enough = clip.truth, enough

    def __call__(self, frames: Frames) -> list[list[Person]]:
        """Return the people of each frame's first row of whom enough is known."""
        if self._truth is None:
            return [[] for _ in range(len(frames))]
        first = frames.fills.cumsum() - frames.fills
        moments = None if frames.moments is None else frames.moments[first]
        truth = self._truth(Clock(frames.indices, frames.times, fps=0.0, size=frames.size, moments=moments))
        return [self._people(truth, row) for row in range(len(frames))]

    def _people(self, truth: Truth, row: int) -> list[Person]:
        import numpy as np

        skeleton = skeletons.named(truth.keypoints, "annotations")
        found = []
        for number, xy in enumerate(truth.xy[:, row]):
            known = np.isfinite(xy).all(axis=1)
            scores = np.ones(len(xy), np.float32) if truth.scores is None else truth.scores[number, row]
            person = Person(number, skeleton, xy, np.where(known, scores, 0).astype(np.float32))
            own = math.nan if truth.box_scores is None else float(truth.box_scores[number, row])
            if known.any() and self._enough(person, own if math.isfinite(own) else None):
                found.append(person)
        return found
