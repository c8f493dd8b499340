"""Find the index of a decoded frame from the time stamps of the packets."""

from __future__ import annotations

import heapq


class Order:
    """Time stamps of packets, added in file order, whose frames are not decoded yet."""

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._passed = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def feed(self, pts: int) -> None:
        """Add the time stamp of a packet before it is decoded."""
        heapq.heappush(self._waiting, pts)

    def next(self) -> int | None:
        """Remove and return the earliest time stamp, None if there is none."""
        return heapq.heappop(self._waiting) if self._waiting else None

    def forget(self, pts: int | None) -> None:
        """Remove the time stamp of a packet that gave no frame."""
        if pts in self._waiting:
            self._waiting.remove(pts)
            heapq.heapify(self._waiting)

    def passed(self, pts: int) -> tuple[int, int | None]:
        """Remove all up to ``pts``; return how many there ever were before it, and the last that was removed now."""
        last = None
        while self._waiting and self._waiting[0] < pts:
            last = heapq.heappop(self._waiting)
            self._passed += 1
        before = self._passed
        if self._waiting and self._waiting[0] == pts:
            heapq.heappop(self._waiting)
            self._passed += 1
        return before, last
