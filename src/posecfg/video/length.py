"""How long the part of a clip is that a run looks at."""

from __future__ import annotations

from posecfg.types import Clip
from posecfg.video.span import Span


def span_length(clip: Clip, duration: float | None, start: float | None, end: float | None) -> float | None:
    """Return the seconds of the clip's range inside a film of ``duration`` seconds, None where that is unknown."""
    span = Span.of(clip, start, end)
    last = duration if span.end is None else float(span.end) if duration is None else min(duration, float(span.end))
    return None if last is None else max(0.0, last - float(span.start))
