"""Measure the time of each stage: every thread declares the stage that it is in, so that no time is left out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

STAGES = ("decode", "preprocess", "inference", "recall", "postprocess", "lift", "draw", "encode", "write")
WAIT = "wait"
_ORDER = {name: place for place, name in enumerate(STAGES)}
# Buckets of durations grow by 1 %: memory does not depend on the length of a film.
_STEP = math.log(1.01)
_SHORTEST = 1e-7
_thread = threading.local()


@dataclass
class Spread:
    """Distribution of durations: their sum, and a histogram that gives quantiles within half a percent."""

    total: float = 0.0
    count: int = 0
    buckets: dict[int, int] = field(default_factory=dict)

    def add(self, seconds: float, times: int = 1) -> None:
        """Add ``times`` equal durations that took ``seconds`` together."""
        each = seconds / times
        bucket = round(math.log(max(each, _SHORTEST) / _SHORTEST) / _STEP)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + times
        self.total += seconds
        self.count += times

    def merge(self, other: Spread) -> None:
        """Add the durations of ``other``."""
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self.total += other.total
        self.count += other.count

    def quantile(self, share: float) -> float:
        """Return the duration (s) that ``share`` of all did not exceed, 0.0 if there is none."""
        left = share * self.count
        for bucket in sorted(self.buckets):
            left -= self.buckets[bucket]
            if left <= 0:
                return _SHORTEST * math.exp(bucket * _STEP)
        return 0.0


class Laps:
    """The time of one thread, split into stages; ``frames`` ends a frame, or several that were processed together."""

    def __init__(self, base: str) -> None:
        self.stages: dict[str, Spread] = {}
        self.began = self._since = time.perf_counter()
        self.ended: float | None = None
        self.clip = 1
        self._stage = base
        self._open: dict[str, float] = {}

    def switch(self, stage: str) -> str:
        """Enter another stage and return the one that was left."""
        now = time.perf_counter()
        self._open[self._stage] = self._open.get(self._stage, 0.0) + now - self._since
        self._since = now
        before, self._stage = self._stage, stage
        return before

    def frames(self, count: int = 1) -> float:
        """End the frames since the last call; return the seconds spent on them, without waits."""
        self.switch(self._stage)
        spent = 0.0
        for stage, seconds in self._open.items():
            self.stages.setdefault(stage, Spread()).add(seconds, count)
            spent += seconds if stage != WAIT else 0.0
        self._open.clear()
        return spent

    def close(self, frames: int = 1) -> None:
        """End the measurement of a clip of ``frames`` frames; time since the last frame is only added to the sums."""
        if self.ended is not None:
            return
        self.switch(self._stage)
        for stage, seconds in self._open.items():
            self.stages.setdefault(stage, Spread()).total += seconds
        self._open.clear()
        self.clip = frames
        self.ended = self._since

    def account(self) -> dict[str, float]:
        """Return the seconds from start to end of the thread, those it was busy and those it waited."""
        waited = self.stages[WAIT].total if WAIT in self.stages else 0.0
        busy = sum(spread.total for name, spread in self.stages.items() if name != WAIT)
        return {"wall": round(self.wall, 4), "busy": round(busy, 4), "wait": round(waited, 4)}

    @property
    def wall(self) -> float:
        """Seconds from start to end."""
        return (self.ended or time.perf_counter()) - self.began


@contextmanager
def measured(laps: Laps) -> Iterator[Laps]:
    """Record the stages of this thread in ``laps`` inside the block, and close it at the end."""
    before = getattr(_thread, "laps", None)
    _thread.laps = laps
    try:
        yield laps
    finally:
        _thread.laps = before
        laps.close()


def frames_done(count: int = 1) -> float:
    """End ``count`` frames of this thread; return the seconds spent on them, NaN without a measurement."""
    laps: Laps | None = getattr(_thread, "laps", None)
    return math.nan if laps is None else laps.frames(count)


def closed(frames: int) -> None:
    """End the measurement of this thread, which worked on ``frames`` frames."""
    laps: Laps | None = getattr(_thread, "laps", None)
    if laps is not None:
        laps.close(max(1, frames))


def summary(timings: Mapping[str, Laps]) -> dict[str, Any]:
    """Return, as JSON values, the time of each stage a frame, and how long each thread was busy or waited."""
    return {"stages": table(stages(timings)), "threads": {name: laps.account() for name, laps in timings.items()}}


def table(spreads: Mapping[str, Spread]) -> dict[str, dict[str, float]]:
    """Return the time that each stage takes a frame, and its share of all work."""
    total = sum(spread.total for spread in spreads.values()) or 1.0
    return {
        name: {
            "median_ms": round(spread.quantile(0.5) * 1e3, 4),
            "p95_ms": round(spread.quantile(0.95) * 1e3, 4),
            "seconds": round(spread.total, 4),
            "share": round(spread.total / total, 4),
        }
        for name, spread in sorted(spreads.items(), key=lambda item: _ORDER.get(item[0], len(_ORDER)))
    }


def stages(timings: Mapping[str, Laps]) -> dict[str, Spread]:
    """Add up the stages of all threads, without waiting."""
    found: dict[str, Spread] = {}
    for laps in timings.values():
        for name, spread in laps.stages.items():
            if name != WAIT:
                found.setdefault(name, Spread()).merge(spread)
    # Time of a stage that was not measured by frame is split equally among the frames.
    frames = max((laps.clip for laps in timings.values()), default=1)
    for name, spread in found.items():
        if not spread.count:
            found[name] = Spread()
            found[name].add(spread.total, frames)
    return found


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Count the block as a stage, one of ``STAGES`` or ``WAIT``; do nothing if the thread is not measured."""
    laps: Laps | None = getattr(_thread, "laps", None)
    if laps is None:
        yield
        return
    before = laps.switch(name)
    try:
        yield
    finally:
        laps.switch(before)
