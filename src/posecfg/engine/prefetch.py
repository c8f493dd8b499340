"""Run an iterator in a thread, a few items ahead of its consumer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


class _End:
    """Marks the end of the items, with the error that ended them if there was one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetch(Generic[T]):
    """Iterate over ``items`` while a thread computes up to ``depth`` ahead.

    An error in the thread is raised in the consumer, after the items before it. ``close`` stops the thread and closes
    the iterator; ``waited`` is the time that the consumer spent waiting.
    """

    def __init__(self, items: Iterable[T], depth: int = 2) -> None:
        self.waited = 0.0
        self._items = items
        self._queue: queue.SimpleQueue[T | _End] = queue.SimpleQueue()
        self._slots = threading.Semaphore(depth)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="posecfg-decode", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            since = time.perf_counter()
            item = self._queue.get()
            self.waited += time.perf_counter() - since
            if isinstance(item, _End):
                self._queue.put(item)
                if item.error is not None:
                    raise item.error
                return
            self._slots.release()
            yield item

    def close(self) -> None:
        """Stop the thread and wait for it."""
        self._stop.set()
        self._slots.release()
        self._thread.join()

    def _work(self) -> None:
        end = _End()
        iterator: Iterator[T] | None = None
        try:
            iterator = iter(self._items)
            while self._may_go_on():
                self._queue.put(next(iterator))
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
        self._slots.acquire()
        return not self._stop.is_set()
