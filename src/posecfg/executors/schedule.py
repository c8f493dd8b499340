"""The queue of clips that no worker has taken; near its end the longest go first, so that all workers end together."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from posecfg.pipeline.work import Work
from posecfg.types import Clip

# The longest clip goes first once each worker's share of what is left is no more than this many times as long.
# Before that the order is kept: neighbours are often segments of one film.
STRETCH = 8


class Queue:
    """Give ``works`` to so many ``workers`` in their order, near the end the longest first."""

    def __init__(self, works: Sequence[Work], workers: int) -> None:
        self._works, self._workers = works, workers
        self._back: list[Work] = []
        self._lengths = _lengths([work.clip for work in works]) if workers > 1 else [0.0] * len(works)
        self._left = sum(self._lengths)
        self._order = deque(range(len(works)))
        self._longest = deque(sorted(self._order, key=lambda number: -self._lengths[number]))
        self._gone, self._taken = bytearray(len(works)), 0

    def __len__(self) -> int:
        return len(self._works) - self._taken + len(self._back)

    def first(self) -> Work:
        """Return the clip that is next, and leave it in the queue."""
        return self._back[-1] if self._back else self._works[self._next()]

    def take(self) -> Work:
        """Take the clip that is next out of the queue."""
        if self._back:
            return self._back.pop()
        number = self._next()
        self._gone[number], self._taken = True, self._taken + 1
        self._left -= self._lengths[number]
        return self._works[number]

    def put_back(self, work: Work) -> None:
        """Put a clip back, as the next one."""
        self._back.append(work)

    def _next(self) -> int:
        for line in (self._order, self._longest):
            while self._gone[line[0]]:
                line.popleft()
        longest = self._longest[0]
        late = self._lengths[longest] * self._workers * STRETCH >= self._left
        return longest if late else self._order[0]


def _lengths(clips: Sequence[Clip]) -> list[float]:
    """Return how long clips are compared with each other: by their times, or else by the sizes of their files.

    All are alike where neither is known of every clip.
    """
    spans = [clip.end - (clip.start or 0.0) for clip in clips if clip.end is not None]
    if len(spans) == len(clips):
        return spans
    if spans or any(clip.start is not None or clip.scene for clip in clips):
        return [0.0] * len(clips)
    return [_size(clip) for clip in clips]


def _size(clip: Clip) -> float:
    try:
        return float(clip.path.stat().st_size)
    except OSError:
        return 0.0
