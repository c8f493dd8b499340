"""Publish what workers of other machines left aside: in threads of the driver, which alone may commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from posecfg.errors import OutputError, PosecfgError
from posecfg.executors.protocol import Finished
from posecfg.pipeline.clip_publishing import Staged, publish
from posecfg.pipeline.work import Destination, Work, failed
from posecfg.store.disk import lasting

log = logging.getLogger("posecfg.publisher")
THREADS = 4
"""How many clips are published at a time: most of the time is that of a disk."""


class Publisher:
    """Publishes clips below ``destination``; ``wake`` is called whenever one has ended."""

    def __init__(self, destination: Destination, wake: Callable[[], None]) -> None:
        self._destination, self._wake = destination, wake
        self._pool: ThreadPoolExecutor | None = None
        self._begun: list[Future[Finished]] = []

    def begin(self, work: Work, staged: Staged, began: float) -> None:
        """Publish a clip that a worker took at the time ``began``."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, "posecfg-publish")
        future = self._pool.submit(self._publish, work, staged, began)
        self._begun.append(future)
        future.add_done_callback(lambda _: self._wake())

    def is_busy(self) -> bool:
        """Tell whether there are clips of which ``ended`` did not tell yet."""
        return bool(self._begun)

    def ended(self) -> Iterator[Finished]:
        """Yield the outcomes of clips that came to their end; raise what ends the run."""
        for future in [future for future in self._begun if future.done()]:
            self._begun.remove(future)
            yield future.result()

    def close(self) -> None:
        """Wait for what was begun."""
        if self._pool is not None:
            self._pool.shutdown()

    def _publish(self, work: Work, staged: Staged, began: float) -> Finished:
        altered: list[str] = []
        try:
            return Finished(work.clip.id, publish(self._destination, staged, altered))
        except Exception as error:
            lasts = lasting(error, self._destination.root) or error
            if isinstance(lasts, OutputError):
                lasts.altered = tuple(altered)
                raise lasts from error
            if not isinstance(error, PosecfgError):
                log.error("clip %s", ascii(work.clip.id), exc_info=error)
            return Finished(work.clip.id, failed(work, error, began, altered))
