"""What was lost with workers that are no more, and when a clip fails for it."""

from __future__ import annotations

from collections import Counter

from posecfg.executors.member import Member
from posecfg.executors.yard import End

MOST_LOST, MOST_LIMITS = 5, 2
"""How many machines may be lost that work on a clip; how many workers whose whole time one clip took."""


class Losses:
    """Counts what was lost with each clip; a clip may take ``timeout`` seconds."""

    def __init__(self, timeout: float | None) -> None:
        self._timeout = timeout
        self._lost: Counter[tuple[str, bool]] = Counter()

    def why(self, clip_id: str, member: Member, alone: bool, end: End) -> str | None:
        """Return why a clip of a worker that is dead fails, None where it is tried again; it was ``alone`` there."""
        if clip_id == member.late:
            return f"it took longer than {self._timeout:g} s (executor.timeout)"
        if member.late is not None or (end.blames and not alone):
            return None
        if end.blames:
            return end.cause
        if end.is_limit and (member.done or clip_id != next(iter(member.held))):
            # The limit is that of the worker, and another clip had a part of that time.
            return None
        self._lost[clip_id, end.is_limit] += 1
        lost = self._lost[clip_id, end.is_limit]
        if end.is_limit:
            return end.cause if lost >= MOST_LIMITS else None
        return f"{end.cause}, {lost} times" if lost >= MOST_LOST else None
