"""Spread clips over worker processes of this machine; a worker that dies costs its own clip only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from posecfg.components.build import targets
from posecfg.errors import ConfigError
from posecfg.executors import capacity, gpus, in_process
from posecfg.executors.crew import Crew
from posecfg.executors.local_yard import LocalYard
from posecfg.executors.protocol import Event, Mend
from posecfg.executors.worker_start import Starts
from posecfg.pipeline.work import Setup, Work


class Local:
    """Runs clips on ``workers`` processes; 0 runs them in this process.

    ``auto`` is one a core, where there is memory for so many, or one a GPU where models run on GPUs. Of several GPUs
    each worker sees one only.
    """

    def __init__(self, workers: int | str = 1, timeout: float | None = None, device: str = "auto") -> None:
        self._device, self._auto = device, workers == "auto"
        if workers == "auto":
            workers = capacity.fitting()
        if not isinstance(workers, int) or workers < 0:
            raise ConfigError(f"Expected workers to be auto, or 0 or more, but got {workers}.")
        if timeout is not None and timeout <= 0:
            raise ConfigError(f"Expected timeout to be seconds above 0, or null, but got {timeout}.")
        if timeout is not None and workers == 0:
            raise ConfigError("executor.timeout needs a worker process to end: type workers=1 or more.")
        self.workers, self.timeout = workers, timeout
        self._stopping = False
        self._starts = Starts(())
        self.gpus = 0

    @contextmanager
    def prepare(self, config: Mapping[str, Any], clips: int | None = None) -> Iterator[None]:
        """Let ``auto`` mean what is best for the models of ``config``, and start worker processes ahead of time."""
        dealt = gpus.dealt(self._device, config) if self.workers else ()
        self.gpus = len(dealt)
        if self._auto:
            self.workers = suitable(self._device, config, self.gpus)
        early = min(self.workers, os.cpu_count() or 1, self.workers if clips is None else clips)
        self._starts = Starts(sorted(targets(config)), gpus=dealt)
        try:
            self._starts.ahead(early)
            yield
        finally:
            self._starts.end()

    def stop(self) -> None:
        """Let clips in flight finish, and start no more."""
        self._stopping = True

    def run(self, setup: Setup, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield events until every clip has its outcome."""
        if self.workers == 0:
            yield from in_process.run(setup, works, lambda: self._stopping)
            return
        self.crew = Crew(LocalYard(self._starts), self.workers, self.timeout, lambda: self._stopping)
        yield from self.crew.run(setup, works, mend)


def suitable(device: str, config: Mapping[str, Any], dealt: int) -> int:
    """Return how many workers ``auto`` means for the models of a configuration, and for so many GPUs."""
    if not gpus.on_gpu(device, config):
        return capacity.fitting()
    return max(1, min(dealt, capacity.memory() // capacity.EACH))
