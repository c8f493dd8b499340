"""A fixed number of frames a second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.protocols import Pick, Stream

MODES = ("exact", "accumulator")

# Times are rounded to binary on their way here; a frame that lies on the grid must not miss it by that.
_FUZZ = 1e-6
# No time is taken to be off by more than this share of a frame, however coarse the clock.
_MOST = 0.25


@dataclass(frozen=True)
class Fps:
    """Thins a clip out to ``rate`` frames a second, then to every ``every``-th of these; nothing is taken twice.

    ``exact`` takes the first frame at or after each k / rate seconds from the clip's start, by time stamp, and so
    gives the same number whatever the source's rate is. ``accumulator`` adds rate / source rate a frame and takes the
    frame when 1 is reached; it goes by the nominal rate, and passes over the first frame of faster clips.

    Matroska and WebM write times in whole milliseconds: there a frame is where the film's rate puts it, if it agrees.
    """

    rate: float = 24.0
    mode: Literal["exact", "accumulator"] = "exact"
    every: int = 1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ConfigError(f"Expected sampler.rate in frames per second to be above 0, but got {self.rate}.")
        if self.mode not in MODES:
            raise ConfigError(f"Expected sampler.mode to be one of {', '.join(MODES)}, but got '{self.mode}'.")
        if self.every < 1:
            raise ConfigError(f"Expected sampler.every to be 1 or more, but got {self.every}.")

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return what is known before it is built."""
        return Facts()

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        exact = self.mode == "exact"
        grid = _Grid(self.rate, stream.fps, _error(stream)) if exact else _Accumulator(self.rate, stream.fps)
        hits = 0

        def pick(index: int, time: float, frame: Frames) -> int:
            nonlocal hits
            if not grid.hit(time):
                return 0
            hits += 1
            return int((hits - 1) % self.every == 0)

        return pick


def _error(stream: Stream) -> float:
    """Return by how many seconds a frame's time may be off: none where its clock tells frames exactly."""
    steps = 1 / (stream.fps * stream.tick)
    return 0.0 if math.isclose(steps, round(steps), rel_tol=1e-6) else min(stream.tick, _MOST / stream.fps)


class _Grid:
    """Points k / ``rate``, for frames of ``fps`` whose times may be ``error`` seconds off.

    A frame's place is the one that ``fps`` tells, as long as all written times agree with it. From the first one that
    does not, places are as written, and a frame counts as in time that may only have been written too early.
    """

    def __init__(self, rate: float, fps: float, error: float) -> None:
        self._rate, self._fps, self._error = rate, fps, error
        self._first: float | None = None
        self._steady = error > 0
        self._next, self._is_early = 0, False

    def hit(self, time: float) -> bool:
        place = self._told(time) * self._rate
        reached = math.floor(place + self._slack() * self._rate + _FUZZ)
        if reached < self._next:
            return False
        self._next, self._is_early = reached + 1, place + _FUZZ < reached
        return True

    def _told(self, time: float) -> float:
        if self._first is None:
            self._first = time
        told = self._first + round((time - self._first) * self._fps) / self._fps
        self._steady = self._steady and abs(told - time) <= self._error * (1 + _FUZZ)
        return told if self._steady else time

    def _slack(self) -> float:
        if self._steady:
            return 0.0
        # Rounded times come early by turns: a film that keeps step with the points would fall out of it at every turn.
        return min(self._error * (2 if self._is_early else 1), _MOST / self._fps)


class _Accumulator:
    """Plain floats in this order of operations, so that the same frames are taken as elsewhere."""

    def __init__(self, rate: float, source: float) -> None:
        self._step, self._sum = rate / source, 0.0

    def hit(self, time: float) -> bool:
        self._sum += self._step
        if self._sum < 1.0:
            return False
        self._sum -= 1.0
        return True
