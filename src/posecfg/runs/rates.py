"""How many frames a second one worker decodes, and shows to the model, as if it did nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from posecfg.pipeline.work import Outcome

PARTS = {"decode": ("decode",), "model": ("preprocess", "inference", "postprocess")}


@dataclass
class Rates:
    """Frames and seconds of each part, of the clips that tell of it."""

    frames: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Take in a clip; one of which detections were remembered says nothing of the model."""
        for part, stages in PARTS.items():
            took = sum(outcome.stages[stage].total for stage in stages if stage in outcome.stages)
            if took > 0 and not (part == "model" and outcome.helped):
                self.frames[part] += outcome.row.frames
                self.seconds[part] = self.seconds.get(part, 0.0) + took

    def of(self, part: str) -> float | None:
        """Return the frames a second of a part, None where no clip tells of it."""
        return self.frames[part] / self.seconds[part] if self.frames[part] else None
