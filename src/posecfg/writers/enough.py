"""Whether enough is known of a person to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

from posecfg.errors import ConfigError
from posecfg.types import Person


@dataclass(frozen=True)
class Enough:
    """The least of a person: ``points`` keypoints that score at least ``kpt_thr``, ``px`` across them, and a score.

    The score is that of the person where it is known, else the mean of the keypoints.
    """

    points: int = 0
    px: float = 0.0
    score: float = 0.0
    kpt_thr: float = 0.0

    def __post_init__(self) -> None:
        for name, most in (("points", 1000), ("px", 100_000), ("score", 100)):
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise ConfigError(f"Expected least_{name} to be from 0 to {most:,}, but got {value}.")

    def __call__(self, person: Person, score: float | None = None) -> bool:
        """Tell whether a person is to be drawn."""
        if not (self.points or self.px or self.score):
            return True
        import numpy as np

        known = np.isfinite(person.xy).all(axis=1) & (person.scores >= self.kpt_thr)
        points = person.xy[known]
        if len(points) < max(self.points, 1):
            return False
        own = float(person.scores[known].mean()) if score is None else score
        wide = float((points.max(axis=0) - points.min(axis=0)).max())
        return wide >= self.px and own >= self.score
