"""Worker processes of this machine for a crew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from multiprocessing.connection import wait
from typing import cast

from posecfg.executors import worker_start
from posecfg.executors.bell import Bell
from posecfg.executors.protocol import Event
from posecfg.executors.worker_handle import WorkerHandle
from posecfg.executors.worker_start import Starts
from posecfg.executors.yard import Worker
from posecfg.pipeline.work import Setup


class LocalYard:
    """Takes workers from those that were started ahead of time, or starts them."""

    publishes = True

    def __init__(self, starts: Starts) -> None:
        self._starts = starts
        self._new: list[WorkerHandle] = []
        self._bell = Bell()

    def open(self, setup: Setup, count: int) -> None:
        """Start ``count`` workers."""
        self._setup = setup
        for _ in range(count):
            self._new.append(self._starts.take(setup))

    def joined(self) -> Iterable[WorkerHandle]:
        """Return the workers that were started since the last call."""
        new, self._new = self._new, []
        return new

    def expects(self) -> int:
        """Return how many workers were started that did not join yet."""
        return len(self._new)

    def nothing_left(self) -> str:
        """Say that no worker is left."""
        return "No worker process could be started."

    def replace(self, worker: Worker) -> None:
        """Start another worker in the place of one that is dead."""
        dead = _own(worker)
        dead.wait_for_end()
        self._new.append(self._starts.replace(dead, self._setup))

    def news(self) -> Iterable[Event]:
        """Return nothing: every worker joins at once."""
        return ()

    def wait(self, workers: Sequence[Worker], seconds: float) -> None:
        """Return when a worker has something to say or is dead, or after ``seconds``."""
        own = [_own(worker) for worker in workers]
        wait([*(one.wire for one in own), *(one.process.sentinel for one in own), self._bell.fileno()], seconds)
        self._bell.clear()

    def wake(self) -> None:
        """End a ``wait``."""
        self._bell.ring()

    def dismiss(self, workers: Sequence[tuple[Worker, bool]]) -> None:
        """End some workers."""
        worker_start.dismiss([(_own(worker), idle) for worker, idle in workers])

    def close(self) -> None:
        """End workers that were started and did not join."""
        worker_start.dismiss([(one, False) for one in self.joined()])
        self._bell.close()


def _own(worker: Worker) -> WorkerHandle:
    return cast(WorkerHandle, worker)
