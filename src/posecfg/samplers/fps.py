"""Take a fixed number of frames a second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ConfigError, Unreadable
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.protocols import Pick, Stream
from posecfg.samplers.slots import Counts, ends, slots_at
from posecfg.text import count

if TYPE_CHECKING:
    from posecfg.arrays import F64

MODES = ("exact", "accumulator", "resample")

# Times are rounded to binary; a frame that lies on the grid must not miss it because of that.
_FUZZ = 1e-6
# Rows above which the frames of a film may become no more than so many each, repeated, and all in all.
ROWS, ROWS_A_FRAME = 1_000_000, 1_000
# Largest error of a time that is allowed for, as a share of a frame, however coarse the clock.
_MOST = 0.25


@dataclass(frozen=True)
class Fps:
    """Reduce a clip to ``rate`` frames a second, then to every ``every``-th of these.

    ``exact`` takes the first frame at or after each k / rate seconds from the clip's start, by time stamp, and so
    gives the same number whatever the source's rate is. ``accumulator`` adds rate / source rate a frame and takes the
    frame when 1 is reached; it uses the nominal rate, and skips the first frame of faster clips. Both take no frame
    twice. ``resample`` gives slower clips ``rate`` rows a second too, some of the same frame: row k is the last frame
    before (k + 1) / rate seconds, as FFmpeg's filter fps with round=down has it.

    Matroska and WebM store whole milliseconds: there a frame's time is that of the film's rate, if both agree.
    """

    rate: float = 24.0
    mode: Literal["exact", "accumulator", "resample"] = "exact"
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
        """Return the facts known before the component is built."""
        return Facts()

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        if self.mode == "resample":
            return self._resample(stream)
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

    def _resample(self, stream: Stream) -> Pick:
        """Return how many of the rows at ``rate`` show a frame: what comes after it must be known."""
        import numpy as np

        times = stream.times()
        shown = np.asarray(times, np.float64)
        _check_lengths(shown, stream.fps, self.rate / self.every)
        first, end = slots_at(shown, self.rate), ends(shown, stream.fps, self.rate)
        start = -(-first // self.every)
        rows = np.maximum(-(-end // self.every) - start, 0)
        moments = np.arange(max(start[-1] + rows[-1], 0) if len(rows) else 0) * (self.every / self.rate)
        return Counts(times, rows, start, moments)


def _check_lengths(times: F64, fps: float, rate: float) -> None:
    """Refuse frames of which so few become so many rows that a time must be wrong: rows are kept in memory."""
    import numpy as np

    if not len(times):
        return
    lengths = np.append(np.diff(times), 1 / fps if fps > 0 else 0)
    rows = float(lengths.sum()) * rate
    if rows > max(ROWS, ROWS_A_FRAME * len(times)):
        longest = int(lengths.argmax())
        raise Unreadable(
            f"Expected frames that follow each other, but {count(len(times), 'frame')} would become {rows:,.0f} rows, "
            f"since that of {times[longest]:,.1f} s is shown for {lengths[longest]:,.1f} s: type "
            "sampler.mode=exact, or video.end=SECONDS."
        )


def _error(stream: Stream) -> float:
    """Return the possible error of a frame's time in seconds: 0 where a frame is a whole number of ticks."""
    steps = 1 / (stream.fps * stream.tick)
    return 0.0 if math.isclose(steps, round(steps), rel_tol=1e-6) else min(stream.tick, _MOST / stream.fps)


class _Grid:
    """Points k / ``rate``, for frames of ``fps`` whose times may be ``error`` seconds off.

    A frame's time is computed from ``fps`` as long as all stored times agree with that. From the first one that does
    not, stored times are used, and a frame that is early by no more than the possible error counts as in time.
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
        # Only some rounded times are early: with a smaller slack, a film whose rate fits the grid's would lose frames
        # wherever early and late times alternate.
        return min(self._error * (2 if self._is_early else 1), _MOST / self._fps)


class _Accumulator:
    """Accumulator of rate / source rate; its order of operations is fixed, so that the original frames are taken."""

    def __init__(self, rate: float, source: float) -> None:
        self._step, self._sum = rate / source, 0.0

    def hit(self, time: float) -> bool:
        self._sum += self._step
        if self._sum < 1.0:
            return False
        self._sum -= 1.0
        return True
