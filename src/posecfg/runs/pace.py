"""How fast a run goes, how far each clip is, and how long the rest will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from posecfg.executors.protocol import Event, Finished, Placed, Progress, Started
from posecfg.pipeline.work import Work
from posecfg.text import seconds
from posecfg.types import Clip

# Seconds over which the rate is taken that is shown, and the one that the time left is reckoned with.
SHOWN, RECKONED = 8.0, 60.0
# A rate of less time than this says little, and promises nothing: the first frames are the slowest.
SOON, SURE = 0.5, 2.0


@dataclass
class Flight:
    """A clip in work: ``frames`` are done, of about ``of`` in all where that is known, since the time ``began``.

    ``where`` is the worker or its machine, as far as the executor tells.
    """

    began: float
    frames: int = 0
    of: int | None = None
    where: str = ""

    @property
    def share(self) -> float | None:
        """Which share of the frames is done, as far as it is known."""
        return None if not self.of else min(1.0, self.frames / self.of)

    @property
    def told(self) -> str:
        """How many frames are done, and of how many, as text."""
        of = "" if self.of is None else f" of {max(self.of, self.frames):,}"
        return f"{self.frames:,}{of} frames"

    @property
    def left(self) -> int | None:
        """About how many frames are to do, as far as it is known."""
        return None if self.of is None else max(0, self.of - self.frames)


class Pace:
    """The pace of a run over ``works``, as its events tell it."""

    def __init__(self, works: Sequence[Work] = ()) -> None:
        self._since = time.monotonic()
        self._first: float | None = None
        self.total, self.finished, self.frames = len(works), 0, 0
        self.flight: dict[str, Flight] = {}
        self.placed = Placed("")
        self._ticks: deque[tuple[float, int]] = deque()
        lengths = {work.clip.id: _length(work.clip) for work in works}
        known = all(lengths.values())
        # What a clip counts for: its seconds where those of all are known, otherwise each counts the same.
        self._waiting = {name: length if known and length else 1.0 for name, length in lengths.items()}
        self._weights = dict(self._waiting)
        self._ended_frames, self._ended_weight = 0, 0.0

    def event(self, event: Event) -> None:
        """Take in one event."""
        now = time.monotonic()
        if isinstance(event, Started):
            self._first = self._first or now
            self._waiting.pop(event.clip_id, None)
            self.flight[event.clip_id] = Flight(now, where=event.where)
        elif isinstance(event, Progress):
            flight = self.flight.setdefault(event.clip_id, Flight(now))
            flight.frames, flight.of = flight.frames + event.frames, event.of
            self._tick(now, event.frames)
        elif isinstance(event, Placed):
            self.placed = event
        elif isinstance(event, Finished):
            self._waiting.pop(event.clip_id, None)
            flight = self.flight.pop(event.clip_id, Flight(now))
            self.finished += 1
            frames = event.outcome.row.frames
            self._tick(now, frames - flight.frames)
            if frames and event.outcome.fresh:
                self._ended_frames += frames
                self._ended_weight += self._weights.get(event.clip_id, 1.0)

    def _tick(self, now: float, frames: int) -> None:
        self.frames += max(0, frames)
        self._ticks.append((now, max(0, frames)))
        while now - self._ticks[0][0] > RECKONED:
            self._ticks.popleft()

    def rate(self, window: float = SHOWN) -> float:
        """Return the frames a second of the last seconds."""
        now = time.monotonic()
        span = min(window, max(SOON, now - (self._first or self._since)))
        return sum(frames for at, frames in self._ticks if now - at <= window) / span

    @property
    def waits(self) -> str:
        """What the executor waits for, as text."""
        return "; ".join(self.placed.waiting)

    @property
    def share(self) -> float:
        """How many of the clips are done, those in work by their share."""
        return self.finished + sum(flight.share or 0.0 for flight in self.flight.values())

    @property
    def spent(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._since

    def left(self) -> float | None:
        """Return about how many seconds all that is to do will take, None while nothing tells it."""
        return self._seconds(waiting=True)

    def landing(self) -> float | None:
        """Return about how many seconds the clips in work will take, None while nothing tells it."""
        return self._seconds(waiting=False)

    def _seconds(self, waiting: bool) -> float | None:
        rate, mean = self.rate(RECKONED), self._mean()
        if self._first is None or time.monotonic() - self._first < SURE:
            return None
        frames = 0.0
        for name, flight in self.flight.items():
            left = flight.left if flight.left is not None else self._guess(name, flight, mean)
            if left is None:
                return None
            frames += left
        if waiting and self._waiting:
            if mean is None:
                return None
            frames += mean * sum(self._waiting.values())
        return frames / rate if rate > 0 else None

    def _guess(self, name: str, flight: Flight, mean: float | None) -> float | None:
        """Return about how many frames of a clip are left by the ``mean`` of others; None once it has outgrown that."""
        left = 0.0 if mean is None else mean * self._weights.get(name, 1.0) - flight.frames
        return left if left > 0 else None

    def _mean(self) -> float | None:
        """Return the frames for each unit of what a clip counts for: of clips that ended, and of those in work."""
        frames, weight = float(self._ended_frames), self._ended_weight
        for name, flight in self.flight.items():
            if flight.of is not None:
                frames, weight = frames + flight.of, weight + self._weights.get(name, 1.0)
        return frames / weight if weight else None

    def stopping(self) -> str:
        """Say what the first Ctrl-C does, and how long that takes."""
        left, number = self.landing(), len(self.flight)
        if not number:
            return "Stopping: no clip is in work; press Ctrl-C again to end at once."
        clips, them = ("clip in work is", "it") if number == 1 else (f"{number:,} clips in work are", "them")
        takes = f", about {seconds(left)}" if left is not None and left >= 1 else ""
        return f"Stopping: the {clips} finished first{takes}; press Ctrl-C again to drop {them}."


def _length(clip: Clip) -> float | None:
    """Return the seconds of a clip whose range is known without a look at its film."""
    return None if clip.end is None else max(0.0, clip.end - (clip.start or 0.0)) or None
