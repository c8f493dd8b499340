"""Lines at a quarter, the half and three quarters of long clips, where there is no live display."""

from __future__ import annotations

import time

from posecfg.executors.protocol import Event, Progress
from posecfg.runs.pace import Pace
from posecfg.text import seconds

# A clip is long with a minute of film, a minute's frames at 25 a second, or where it takes a minute.
FRAMES, SECONDS = 1_500, 60.0


class Quarters:
    """The quarters of long clips that were told."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}

    def passed(self, event: Event, pace: Pace) -> str | None:
        """Return a line where a long clip has passed another quarter, once ``pace`` knows of ``event``."""
        if not isinstance(event, Progress):
            return None
        name, flight = event.clip_id, pace.flight[event.clip_id]
        if not flight.of:
            return None
        quarter, spent = min(3, flight.frames * 4 // flight.of), time.monotonic() - flight.began
        is_long = flight.of >= FRAMES or (event.lasts or 0.0) >= SECONDS or spent * 4 >= SECONDS * quarter
        if quarter <= self._told.get(name, 0) or not is_long:
            return None
        self._told[name] = quarter
        left = pace.left()
        more = "" if left is None else f", about {seconds(left)} left for all"
        return f"{name}: {quarter * 25} %, {flight.frames:,} of about {flight.of:,} frames{more}"
