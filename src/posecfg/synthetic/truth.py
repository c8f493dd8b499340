"""Known poses of the stick figures, for metrics."""

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
        """Return the poses of every figure at the times of ``clock``."""
        import numpy as np

        known = [figure(self.seed, person, clock.times, clock.size, self.people).xy for person in range(self.people)]
        shape = (self.people, len(clock), len(SKELETON), 2)
        return Truth(SKELETON.keypoints, np.array(known, np.float32).reshape(shape))
