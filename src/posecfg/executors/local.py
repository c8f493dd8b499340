"""Spread clips over spawned processes of this machine; a process that dies costs its own clip only."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import wait
from typing import Any

from posecfg.components.build import targets
from posecfg.components.parts import imports
from posecfg.errors import ConfigError, OutputError, PosecfgError
from posecfg.executors import capacity
from posecfg.executors.schedule import Queue
from posecfg.executors.worker_handle import Hand
from posecfg.executors.worker_start import ahead, hire
from posecfg.pipeline.work import Bench, Outcome, Work, failed
from posecfg.store.ledger import Row
from posecfg.text import sentence

log = logging.getLogger("posecfg.local")
STILLBORN = 3
PULSE = 0.5
Event = tuple[str, str, Any]
Mend = Callable[[str, float], Row | None]


class Local:
    """Runs clips on ``workers`` processes; 0 runs them in this process.

    ``auto`` is one a core, where there is memory for so many; on a GPU, which they would share, it is one.
    """

    operational = ("workers", "timeout", "device")

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
        self.stopping = False

    def suit(self, config: dict[str, Any]) -> None:
        """Let ``auto`` mean what is best for the models of ``config``."""
        if self._device and capacity.on_gpu(self._device, imports(config)):
            self.workers = 1

    def ahead(self, config: dict[str, Any]) -> AbstractContextManager[None]:
        """Start workers for ``config`` while the run is still prepared; they are sent away if nobody needs them."""
        self.suit(config)
        return ahead(min(self.workers, os.cpu_count() or 1), sorted(targets(config)))

    def run(self, bench: Bench, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield ``started``, ``tick`` and ``done`` events until every clip has its outcome, and what workers ``said``.

        ``mend`` undoes what a dead worker left of a clip, or finds that it had been finished. Setting ``stopping``
        lets clips in flight finish and gives out no more; closing the generator drops them.
        """
        if self.workers == 0:
            yield from self._here(bench, works)
            return
        self._bench, self._mend, self._todo = bench, mend, Queue(works, self.workers)
        self._hands: list[Hand] = []
        self._born = self._unready = 0
        # Clips that a worker died on while it held another one: they go on alone, so that the guilty one shows.
        self._suspects: set[str] = set()
        try:
            for _ in range(min(self.workers, len(works))):
                self._hire()
            while any(hand.held for hand in self._hands) or (self._todo and not self.stopping):
                yield from self._give()
                yield from self._listen()
        finally:
            self._dismiss()

    def _here(self, bench: Bench, works: Sequence[Work]) -> Iterator[Event]:
        from posecfg.pipeline.chain import Chain
        from posecfg.pipeline.clip_task import extract, finish

        try:
            chain = Chain(bench.config)
        except PosecfgError:
            raise
        except Exception as error:
            raise ConfigError(f"The chain could not be built ({sentence(error)}).") from error
        for work in works:
            if self.stopping:
                return
            yield "started", work.clip.id, work
            began = time.time()
            try:
                outcome = finish(chain, bench.desk, extract(chain, bench.desk, work, lambda frames: None))
            except OutputError:
                raise
            except Exception as error:
                if not isinstance(error, PosecfgError):
                    log.info("clip %s", work.clip.id, exc_info=True)
                outcome = failed(work, error, began)
            yield "done", work.clip.id, outcome

    def _hire(self) -> None:
        self._born += 1
        self._hands.append(hire(self._bench, self._born))

    def _give(self) -> Iterator[Event]:
        for hand in self._hands:
            if self.stopping or not self._todo:
                return
            if not hand.ready or hand.active is not None or not self._fits(hand, self._todo.first()):
                continue
            work = self._todo.take()
            if hand.give(work):
                yield "started", work.clip.id, work
            else:
                self._todo.put_back(work)

    def _fits(self, hand: Hand, work: Work) -> bool:
        """Tell whether a worker may take a clip; suspects share a worker with nobody."""
        return not hand.held or (work.clip.id not in self._suspects and not self._suspects & hand.held.keys())

    def _listen(self) -> Iterator[Event]:
        wait([*(hand.wire for hand in self._hands), *(hand.process.sentinel for hand in self._hands)], PULSE)
        for hand in list(self._hands):
            yield from self._hear(hand)
            late = hand.late(self.timeout)
            if late is not None:
                hand.process.kill()
                hand.process.join()
            if not hand.process.is_alive():
                yield from self._hear(hand)
                yield from self._bury(hand, late)

    def _hear(self, hand: Hand) -> Iterator[Event]:
        while True:
            try:
                if not hand.wire.poll():
                    return
                kind, clip_id, value = hand.wire.recv()
            except (EOFError, OSError):
                return
            if kind == "ready":
                hand.ready, self._unready = True, 0
            elif kind == "unbuilt":
                known, text = value
                raise ConfigError(text if known else f"A worker could not be built ({text}).")
            elif kind == "fatal":
                raise OutputError(value)
            elif kind == "free" and hand.active == clip_id:
                hand.active = None
            elif kind == "done" and hand.release(clip_id) is not None:
                yield "done", clip_id, value
            elif kind in ("tick", "said"):
                yield kind, clip_id, value

    def _bury(self, hand: Hand, late: str | None) -> Iterator[Event]:
        """Account for the clips of a dead worker and hire another in its place."""
        hand.process.join()
        hand.wire.close()
        self._hands.remove(hand)
        code = hand.process.exitcode
        if not hand.ready and not hand.held:
            self._unready += 1
            if self._unready >= STILLBORN:
                raise ConfigError(f"Workers die while they are built ({_cause(code)}).")
        alone = len(hand.held) == 1
        for clip_id, item in hand.held.items():
            row = self._mend(clip_id, item.began)
            if row is not None:
                yield "done", clip_id, Outcome(row)
                continue
            if clip_id == late or (alone and late is None):
                why = f"it took longer than {self.timeout:g} s (executor.timeout)" if late else _cause(code)
                yield "done", clip_id, failed(item.work, PosecfgError(why), item.began)
                continue
            if late is None:
                self._suspects.add(clip_id)
            self._todo.put_back(item.work)
        if self._todo and not self.stopping:
            self._hire()

    def _dismiss(self) -> None:
        """Let idle workers go, kill the others and undo what they had begun."""
        for hand in self._hands:
            hand.dismiss()
        for hand in self._hands:
            hand.see_off()
            for clip_id, item in hand.held.items():
                self._mend(clip_id, item.began)
        self._hands.clear()


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = "; the system may have run out of memory: try fewer workers=" if name == "SIGKILL" else ""
        return f"its worker process died ({name}{hint})"
    return f"its worker process died (exit {code})"
