"""Known poses of the stick figures, for metrics: in pixels and in space, with boxes around them."""

from __future__ import annotations

from dataclasses import dataclass

from posecfg.skeletons.coco17 import SKELETON
from posecfg.synthetic.figure import figure
from posecfg.types import Clock, Truth


@dataclass(frozen=True)
class FigureTruth:
    """The known poses of a scene with this seed and this many people."""

    seed: int
    people: int

    def __call__(self, clock: Clock) -> Truth:
        """Return the poses of every figure at the times of ``clock``; points in space are from the middle of the hips.

        A figure has no area of its own but that of the box around its keypoints, so this is not known.
        """
        import numpy as np

        known = [figure(self.seed, person, clock.times, clock.size, self.people) for person in range(self.people)]
        shape = (self.people, len(clock), len(SKELETON))
        xy = np.array([one.xy for one in known], np.float32).reshape(*shape, 2)
        xyz = np.array([one.xyz for one in known], np.float32).reshape(*shape, 3)
        boxes = np.concatenate([xy.min(axis=2), xy.max(axis=2)], axis=-1)
        return Truth(SKELETON.keypoints, xy, boxes=boxes, xyz=xyz, space="root")
