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
        self._queue: queue.Queue[T | _End] = queue.Queue(maxsize=depth)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="posecfg-decode", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            since = time.perf_counter()
            item = self._queue.get()
            self.waited += time.perf_counter() - since
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def close(self) -> None:
        """Stop the thread and wait for it."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        iterator = iter(self._items)
        end = _End()
        try:
            for item in iterator:
                if not self._put(item):
                    break
        except BaseException as error:
            end = _End(error)
        close = getattr(iterator, "close", None)
        if close is not None:
            close()
        self._put(end)

    def _put(self, item: T | _End) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False
