"""What was wrong with a film, in a few words."""

from __future__ import annotations

from posecfg.text import seconds
from posecfg.types import Clock


def describe(clock: Clock) -> str:
    """Say in a few words what was wrong with a film."""
    declared = f" of {clock.declared} declared" if clock.declared else ""
    reached, length = _reached(clock), ""
    if clock.status == "truncated" and clock.duration is not None and reached < clock.duration:
        length = f", {seconds(reached)} of the {seconds(clock.duration)} that it declares"
    damaged = f", {clock.damaged} damaged" if clock.damaged else ""
    return f"{clock.decoded} frames{declared}{length}{damaged}"


def _reached(clock: Clock) -> float:
    """Return how many seconds of the film were decoded, as far as the clock tells."""
    if not clock.fps:
        return 0.0
    last = float(clock.times[-1]) if len(clock) else 0.0
    return last + 1 / clock.fps if clock.vfr else max(last, (clock.decoded - 1) / clock.fps) + 1 / clock.fps
