"""Spread clips over worker processes of this machine; a worker that dies costs its own clip only."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

from posecfg.components.build import targets
from posecfg.components.parts import packages
from posecfg.errors import ComponentFailed, ConfigError, NotBuilt, OutputError, PosecfgError
from posecfg.executors import capacity, worker_start
from posecfg.executors.messages import Broken, Free, Ready, Resting, Unbuilt
from posecfg.executors.protocol import Event, Finished, Mend, Started, Warned
from posecfg.executors.schedule import Queue
from posecfg.executors.worker_handle import WorkerHandle
from posecfg.executors.worker_start import Starts
from posecfg.pipeline.work import Outcome, Setup, Work, failed
from posecfg.store.disk import lasting
from posecfg.text import sentence

log = logging.getLogger("posecfg.local")
MOST_UNBUILT = 3
POLL_SECONDS = 0.5
AWAY_SECONDS = 1.0


class Local:
    """Runs clips on ``workers`` processes; 0 runs them in this process.

    ``auto`` is one a core, where there is memory for so many; on a GPU, which they would share, it is one.
    """

    def __init__(self, workers: int | str = 1, timeout: float | None = None, device: str = "auto") -> None:
        self._device = device if workers == "auto" else ""
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

    @contextmanager
    def prepare(self, config: Mapping[str, Any], clips: int | None = None) -> Iterator[None]:
        """Let ``auto`` mean what is best for the models of ``config``, and start worker processes ahead of time."""
        if self._device and capacity.on_gpu(self._device, packages(config)):
            self.workers = 1
        early = min(self.workers, os.cpu_count() or 1, self.workers if clips is None else clips)
        self._starts = Starts(sorted(targets(config)))
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
            yield from self._here(setup, works)
            return
        self._setup, self._mend, self._todo = setup, mend, Queue(works, self.workers)
        self._handles: list[WorkerHandle] = []
        self._unready, self._looked = 0, time.monotonic()
        # Clips of workers that died while they held two: each is tried again alone, to find the one that is the cause.
        self._suspects: set[str] = set()
        try:
            for _ in range(min(self.workers, len(works))):
                self._start_worker()
            while any(handle.held for handle in self._handles) or (self._todo and not self._stopping):
                yield from self._give()
                yield from self._listen()
        except PosecfgError:
            # What ends the run is told, not what then goes wrong with its clips.
            self._dismiss()
            raise
        finally:
            if (error := self._dismiss()) is not None:
                raise error

    def _here(self, setup: Setup, works: Sequence[Work]) -> Iterator[Event]:
        from posecfg.pipeline.chain import built
        from posecfg.pipeline.clip_task import extract, finish

        try:
            chain = built(setup)
        except PosecfgError:
            raise
        except Exception as error:
            raise ConfigError(f"The chain could not be built ({sentence(error)}).") from error
        destination = setup.destination
        for work in works:
            if self._stopping:
                return
            yield Started(work.clip.id)
            began, altered = time.time(), list[str]()
            try:
                outcome = finish(chain, destination, extract(chain, destination, work, lambda *_: None), altered)
            except OutputError as error:
                error.altered = tuple(altered)
                raise
            except NotBuilt:
                raise
            except Exception as error:
                if full := lasting(error, destination.root):
                    full.altered = tuple(altered)
                    raise full from error
                if not isinstance(error, PosecfgError) or isinstance(error, ComponentFailed):
                    log.info("clip %s", work.clip.id, exc_info=True)
                outcome = failed(work, error, began, altered)
            yield Finished(work.clip.id, outcome)

    def _start_worker(self) -> None:
        self._handles.append(self._starts.take(self._setup))

    def _give(self) -> Iterator[Event]:
        for handle in self._handles:
            if self._stopping or not self._todo:
                return
            if not handle.ready or handle.active is not None or not self._fits(handle, self._todo.first()):
                continue
            work = self._todo.take()
            if handle.give(work):
                yield Started(work.clip.id)
            else:
                self._todo.put_back(work)

    def _fits(self, handle: WorkerHandle, work: Work) -> bool:
        """Tell whether a worker may take a clip; a suspect never shares a worker with another clip."""
        return not handle.held or (work.clip.id not in self._suspects and not self._suspects & handle.held.keys())

    def _listen(self) -> Iterator[Event]:
        sentinels = [handle.process.sentinel for handle in self._handles]
        wait([*(handle.wire for handle in self._handles), *sentinels], POLL_SECONDS)
        self._excuse()
        for handle in list(self._handles):
            yield from self._hear(handle)
            late = handle.late(self.timeout)
            if late is not None:
                handle.process.kill()
                handle.process.join()
            if handle.is_stopped():
                pid = handle.process.pid
                yield Warned(f"A worker was stopped and waits (process {pid}): type kill -CONT {pid} to let it go on.")
            if not handle.process.is_alive():
                yield from self._hear(handle)
                yield from self._account(handle, late)

    def _excuse(self) -> None:
        """Count no time in which this process did not look, as after Ctrl-Z, when its workers are stopped with it."""
        before, self._looked = self._looked, time.monotonic()
        away = self._looked - before - POLL_SECONDS
        if away > AWAY_SECONDS:
            for handle in self._handles:
                handle.excuse(away)

    def _hear(self, handle: WorkerHandle) -> Iterator[Event]:
        for message in handle.messages():
            if isinstance(message, Ready):
                handle.ready, self._unready = True, 0
            elif isinstance(message, Unbuilt):
                raise ConfigError(message.text if message.is_ours else f"A worker could not be built ({message.text}).")
            elif isinstance(message, Broken):
                broken = OutputError(message.text)
                broken.altered = message.altered
                raise broken
            elif isinstance(message, Free):
                handle.free(message.clip_id)
            elif isinstance(message, Resting):
                continue
            elif not isinstance(message, Finished) or handle.release(message.clip_id) is not None:
                yield message

    def _account(self, handle: WorkerHandle, late: str | None) -> Iterator[Event]:
        """Give every clip of a dead worker an outcome or back to the queue, and start another worker."""
        handle.process.join()
        handle.wire.close()
        code = handle.process.exitcode
        if not handle.ready and not handle.held:
            self._unready += 1
            if self._unready >= MOST_UNBUILT:
                raise ConfigError(f"Workers die while they are built ({_cause(code)}).")
        alone = len(handle.held) == 1
        for clip_id, item in handle.held.items():
            row = self._mend(clip_id, item.began)
            if row is not None:
                yield Finished(clip_id, Outcome(row))
                continue
            if clip_id == late or (alone and late is None):
                why = f"it took longer than {self.timeout:g} s (executor.timeout)" if late else _cause(code)
                yield Finished(clip_id, failed(item.work, PosecfgError(why), item.began))
                continue
            if late is None:
                self._suspects.add(clip_id)
            self._todo.put_back(item.work)
        # Only now: where this ends before, its clips are those of a worker to be dismissed.
        self._handles.remove(handle)
        if self._todo and not self._stopping:
            self._start_worker()

    def _dismiss(self) -> Exception | None:
        """End idle workers, kill the others, and undo their half-done clips; return the first error of that."""
        worker_start.dismiss(self._handles)
        held = [(clip_id, item.began) for handle in self._handles for clip_id, item in handle.held.items()]
        self._handles.clear()
        first: Exception | None = None
        for clip_id, began in held:
            try:
                self._mend(clip_id, began)
            except Exception as error:
                log.info("clip %s", clip_id, exc_info=error)
                first = first or error
        return first


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = "; the system may have run out of memory: try fewer workers=" if name == "SIGKILL" else ""
        return f"its worker process died ({name}{hint})"
    return f"its worker process died (exit {code})"
