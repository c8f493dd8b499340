"""Lines at a quarter, the half and three quarters of long clips, where there is no live display."""

from __future__ import annotations

import time

from posecfg.executors.protocol import Event, Progress
from posecfg.terminal.pace import Pace
from posecfg.text import seconds

# A clip is long with a minute's frames at 25 a second, or where it takes a minute.
FRAMES, SECONDS = 1_500, 60.0


class Quarters:
    """The quarters of long clips that were told."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def passed(self, event: Event, pace: Pace) -> str | None:
        """Return a line where a long clip has passed another quarter, once ``pace`` knows of ``event``."""
        flight = pace.flight.get(event.clip_id) if isinstance(event, Progress) else None
        if flight is None or not flight.of or not isinstance(event, Progress):
            return None
        quarter, name = min(3, flight.frames * 4 // flight.of), event.clip_id
        spent = time.monotonic() - flight.began
        if quarter <= self._told.get(name, 0) or max(flight.of / FRAMES, spent * 4 / quarter / SECONDS) < 1:
            return None
        self._told[name] = quarter
        left = pace.left()
        more = "" if left is None else f", about {seconds(left)} left for all"
        return f"{name}: {quarter * 25} %, {flight.frames:,} of about {flight.of:,} frames{more}"
