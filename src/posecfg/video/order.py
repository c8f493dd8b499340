"""Which frame of a film a decoded frame is, told by the time stamps of the packets."""

from __future__ import annotations

import heapq


class Order:
    """Time stamps of packets, fed in file order, whose frames have not come out yet."""

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._passed = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def feed(self, pts: int) -> None:
        """Take in the time stamp of a packet that is about to be decoded."""
        heapq.heappush(self._waiting, pts)

    def next(self) -> int | None:
        """Take out the earliest time stamp."""
        return heapq.heappop(self._waiting) if self._waiting else None

    def forget(self, pts: int | None) -> None:
        """Take out a packet that gave no frame."""
        if pts in self._waiting:
            self._waiting.remove(pts)
            heapq.heapify(self._waiting)

    def passed(self, pts: int) -> tuple[int, int | None]:
        """Take out all up to ``pts``; return how many ever lay before it, and the last of them taken out just now."""
        last = None
        while self._waiting and self._waiting[0] < pts:
            last = heapq.heappop(self._waiting)
            self._passed += 1
        before = self._passed
        if self._waiting and self._waiting[0] == pts:
            heapq.heappop(self._waiting)
            self._passed += 1
        return before, last
