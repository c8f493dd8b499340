"""Every n-th frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.protocols import SKIPPED, Pick, Stream
from posecfg.samplers.skipping import check


@dataclass(frozen=True)
class Stride:
    """Take the first frame of the clip and every ``every``-th after it, whatever the frame rate.

    ``skipped`` is for the other frames: with ``drop`` they have no row; with ``rows`` they have one that no detector
    looks at, for a refine step to fill; ``auto`` is ``rows`` if there is such a step. Unrelated images are dropped.
    """

    every: int = 2
    skipped: Literal["auto", "drop", "rows"] = "auto"

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ConfigError(f"Expected sampler.every to be 1 or more, but got {self.every}.")
        check(self.skipped)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(fillable=True)

    @property
    def keeps_rows(self) -> bool:
        """Whether frames that are left out have a row."""
        return self.skipped == "rows" and self.every > 1

    def filled(self) -> Stride:
        """Return the sampler for a chain that fills rows."""
        return replace(self, skipped="rows") if self.skipped == "auto" else self

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        otherwise = SKIPPED if self.keeps_rows and not stream.independent else 0

        def pick(index: int, time: float, frame: Frames) -> int:
            return 1 if index % self.every == 0 else otherwise

        return pick
