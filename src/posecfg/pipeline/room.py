"""Bound what waits between two threads, in items and in bytes of pixels."""

from __future__ import annotations

import threading

BUDGET = 256 << 20
"""Bytes of pixels that wait in one queue, if more than one batch waits."""


def weight(item: object) -> int:
    """Return the bytes of pixels that an item holds, 0 for one that does not tell."""
    return int(getattr(item, "nbytes", 0))


class Room:
    """Places for ``depth`` items of at most ``budget`` bytes together; one item always has a place, however large."""

    def __init__(self, depth: int, budget: int = BUDGET) -> None:
        self._depth, self._budget = depth, budget
        self._items = self._bytes = 0
        self._is_open = False
        self._changed = threading.Condition()

    def take(self, size: int) -> None:
        """Wait for a place for ``size`` bytes, and take it."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_open or self._has_place(size))
            self._items, self._bytes = self._items + 1, self._bytes + size

    def resize(self, before: int, size: int) -> None:
        """Say that an item for which ``before`` bytes were taken has ``size``."""
        if size != before:
            with self._changed:
                self._bytes += size - before
                self._changed.notify_all()

    def give(self, size: int) -> None:
        """Give back the place of an item of ``size`` bytes."""
        with self._changed:
            self._items, self._bytes = self._items - 1, self._bytes - size
            self._changed.notify_all()

    def open(self) -> None:
        """Let everything in from now on."""
        with self._changed:
            self._is_open = True
            self._changed.notify_all()

    def _has_place(self, size: int) -> bool:
        return not self._items or (self._items < self._depth and self._bytes + size <= self._budget)
