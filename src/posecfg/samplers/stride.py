"""Every n-th frame."""

from __future__ import annotations

from dataclasses import dataclass

from posecfg.errors import ConfigError
from posecfg.protocols import Pick, Stream
from posecfg.types import Frames


@dataclass(frozen=True)
class Stride:
    """Takes the first frame of the clip and every ``every``-th after it, whatever the frame rate."""

    every: int = 2

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ConfigError(f"Expected sampler.every to be 1 or more, but got {self.every}.")

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""

        def pick(index: int, time: float, frame: Frames) -> int:
            return int(index % self.every == 0)

        return pick
