"""Run an iterator in a thread, a few items ahead of its consumer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator, Sized
from typing import Generic, TypeVar

from posecfg.pipeline.room import BUDGET, Room, weight
from posecfg.timing import WAIT, Laps, measured, stage

T = TypeVar("T", covariant=True)


class _End:
    """Marks the end of the items, with the error that ended them if there was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetch(Generic[T]):
    """Iterate over ``items`` while a thread computes up to ``depth`` ahead, fewer where they exceed ``budget`` bytes.

    An error in the thread is raised in the consumer, after the items before it. ``close`` stops the thread and closes
    the iterator; ``laps`` tells how the thread spent its time.
    """

    def __init__(self, items: Iterable[T], depth: int = 2, base: str = "decode", budget: int = BUDGET) -> None:
        self.laps = Laps(base)
        self._items = items
        self._queue: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
        self._room, self._last = Room(depth, budget), 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="posecfg-decode", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            with stage(WAIT):
                item = self._queue.get()
            if isinstance(item, _End):
                self._queue.put(item)
                if item.error is not None:
                    raise item.error
                return
            self._room.give(weight(item))
            yield item

    def close(self) -> None:
        """Stop the thread and wait for it."""
        self._stop.set()
        self._room.open()
        self._thread.join()

    def _work(self) -> None:
        with measured(self.laps):
            self._play()

    def _play(self) -> None:
        end = _End()
        iterator: Iterator[T] | None = None
        try:
            iterator = iter(self._items)
            while self._may_go_on():
                item = next(iterator)
                expected, self._last = self._last, weight(item)
                self._room.resize(expected, self._last)
                self.laps.frames(len(item) if isinstance(item, Sized) else 1)
                self._queue.put(item)
        except StopIteration:
            pass
        except BaseException as error:
            end = _End(error)
        try:
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
        except BaseException as error:
            end = _End(end.error or error)
        self._queue.put(end)

    def _may_go_on(self) -> bool:
        # The next item is expected to be as large as the last.
        with stage(WAIT):
            self._room.take(self._last)
        return not self._stop.is_set()
