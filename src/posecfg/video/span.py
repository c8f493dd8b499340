"""Time ranges of clips, in exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from posecfg.errors import Dropped, Unreadable
from posecfg.types import Clip

# Largest denominator of a time. It is finer than the clock of any container, and rounding to it turns a binary 0.1
# back into 1/10.
_FINEST = 1_000_000


@dataclass(frozen=True)
class Span:
    """A half-open range ``[start, end)`` in seconds since the first frame; None is open."""

    start: Fraction = Fraction(0)
    end: Fraction | None = None

    @classmethod
    def of(cls, clip: Clip, start: float | None = None, end: float | None = None) -> Span:
        """Intersect the clip's own range with ``start`` and ``end``; both count from the first frame of the file."""
        starts = [_exact(clip, x) for x in (clip.start, start) if x is not None and x > 0]
        ends = [_exact(clip, x) for x in (clip.end, end) if x is not None and x != math.inf]
        span = cls(max(starts, default=Fraction(0)), min(ends, default=None))
        if span.end is not None and span.end <= span.start:
            raise Unreadable(f"Expected clip {clip.id} to end after its start, but its range is {span}.")
        return span

    @classmethod
    def counted(
        cls,
        clip: Clip,
        fps: float,
        times: Sequence[float],
        tick: Fraction,
        start: float | None = None,
        end: float | None = None,
    ) -> Span:
        """Return the range of a clip whose start and end are frames, cut to ``start`` and ``end``.

        ``times`` (s since the first frame of the file, multiples of ``tick``) are those of all its frames.
        """
        first = 0 if clip.start is None else max(0, int(clip.start * fps))
        if first >= len(times):
            return cls.of(clip, start, end)
        frames = times[first:] if clip.end is None else times[first : int(clip.end * fps) + 1]
        wide = cls.of(replace(clip, start=None, end=None), start, end)
        low, high = (round(Fraction(time) / tick) * tick for time in (frames[0], frames[-1]))
        behind = high + tick if wide.end is None else min(high + tick, wide.end)
        return cls(max(low, wide.start), behind)

    def ticks(self, tick: Fraction) -> tuple[int, int | None]:
        """Return the first tick inside and the first tick after the range."""
        return math.ceil(self.start / tick), None if self.end is None else math.ceil(self.end / tick)

    def __str__(self) -> str:
        end = "the end" if self.end is None else f"{float(self.end):g} s"
        return f"{float(self.start):g} s to {end}"


def span_length(clip: Clip, duration: float | None, start: float | None, end: float | None) -> float | None:
    """Return the seconds of the clip's range inside a film of ``duration`` seconds, None where that is unknown."""
    span = Span.of(clip, start, end)
    last = duration if span.end is None else float(span.end) if duration is None else min(duration, float(span.end))
    return None if last is None else max(0.0, last - float(span.start))


def refuse_late(clip: Clip, start: float | None, length: float | None) -> None:
    """Leave out a clip of a film, ``length`` seconds long, that ends before the ``start`` that was typed."""
    if start is not None and length is not None and length <= start and (clip.start or 0) < length:
        raise Dropped(f"shorter than video.start ({start:g} s): it lasts {length:g} s")


def _exact(clip: Clip, seconds: float) -> Fraction:
    if not math.isfinite(seconds):
        raise Unreadable(f"Expected the range of clip {clip.id} in seconds, but got {seconds}.")
    return Fraction(seconds).limit_denominator(_FINEST)
