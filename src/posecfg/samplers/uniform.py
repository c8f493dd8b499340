"""Take a fixed number of frames a clip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.protocols import Pick, Stream


@dataclass(frozen=True)
class Uniform:
    """Take ``count`` frames a clip: the middle one of each of ``count`` equal parts; all frames of a shorter clip.

    The frames are counted beforehand by reading the file once without decoding it.
    """

    count: int = 16

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigError(f"Expected sampler.count to be 1 or more, but got {self.count}.")

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts()

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        return _Middles(len(stream.times()), self.count)


class _Middles:
    def __init__(self, frames: int, count: int) -> None:
        self._frames, self._count = frames, count
        parts = min(frames, count)
        self._wanted = {(2 * part + 1) * frames // (2 * parts) for part in range(parts)}

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        return int(index in self._wanted)

    def notes(self) -> dict[str, int]:
        """Return the number of frames asked for and the number there is, if that is less."""
        return {} if self._frames >= self._count else {"frames_wanted": self._count, "frames_there": self._frames}
