"""Spread clips over spawned processes of this machine; a process that dies costs its own clip only."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from posecfg.engine.work import Bench, Outcome, Work, failed
from posecfg.errors import ConfigError, OutputError, PosecfgError

STILLBORN = 3
Event = tuple[str, str, Any]
Mend = Callable[[str], None]


@dataclass
class Hand:
    """One worker process: the clip it extracts, the clips it is still writing, and since when."""

    process: BaseProcess
    wire: Connection
    active: Work | None = None
    writing: dict[str, Work] = field(default_factory=dict)
    since: float = 0.0
    ready: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing at all is in this worker's hands."""
        return self.active is None and not self.writing


class Local:
    """Runs clips on ``workers`` processes; 0 runs them in this process."""

    operational = ("workers", "timeout")

    def __init__(self, workers: int = 1, timeout: float | None = None) -> None:
        if workers < 0:
            raise ConfigError(f"Expected workers to be 0 or more, but got {workers}.")
        if timeout is not None and timeout <= 0:
            raise ConfigError(f"Expected timeout to be seconds above 0, or null, but got {timeout}.")
        self.workers, self.timeout = workers, timeout
        self.stopping = False
        self._hands: list[Hand] = []
        self._todo: deque[Work] = deque()
        self._born = 0

    def run(self, bench: Bench, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield ``started``, ``tick`` and ``done`` events until every clip has its outcome.

        ``mend`` undoes what a dead worker left of a clip. Setting ``stopping`` lets clips in flight finish and gives
        out no more; closing the generator drops them.
        """
        if self.workers == 0:
            yield from self._here(bench, works)
            return
        self._bench, self._mend, self._todo = bench, mend, deque(works)
        self._unready = 0
        self._again: set[str] = set()
        try:
            self._hands = [self._hire() for _ in range(min(self.workers, len(self._todo)))]
            while any(not hand.idle for hand in self._hands) or (self._todo and not self.stopping):
                yield from self._give()
                yield from self._listen()
        finally:
            self._dismiss()

    def _here(self, bench: Bench, works: Sequence[Work]) -> Iterator[Event]:
        from posecfg.engine.chain import Chain
        from posecfg.engine.task import extract, finish

        chain = Chain(bench.config)
        for work in works:
            if self.stopping:
                return
            yield "started", work.clip.id, work
            began = time.time()
            try:
                yield "done", work.clip.id, finish(chain, bench.desk, extract(chain, bench.desk, work, lambda n: None))
            except OutputError:
                raise
            except Exception as error:
                yield "done", work.clip.id, failed(work, error, began)

    def _hire(self) -> Hand:
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe()
        self._born += 1
        process = context.Process(target=_enter, args=(theirs, self._bench, self._born), daemon=True)
        process.start()
        theirs.close()
        return Hand(process, mine)

    def _give(self) -> Iterator[Event]:
        for hand in self._hands:
            if hand.ready and hand.active is None and self._todo and not self.stopping:
                hand.active, hand.since = self._todo.popleft(), time.monotonic()
                try:
                    hand.wire.send(hand.active)
                except OSError:
                    continue
                yield "started", hand.active.clip.id, hand.active

    def _listen(self) -> Iterator[Event]:
        wires = [hand.wire for hand in self._hands]
        wait([*wires, *(hand.process.sentinel for hand in self._hands)], self._patience())
        for hand in list(self._hands):
            yield from self._hear(hand)
            late = self._is_late(hand)
            if late:
                hand.process.kill()
                hand.process.join()
            if not hand.process.is_alive():
                yield from self._hear(hand)
                yield from self._bury(hand, late)

    def _hear(self, hand: Hand) -> Iterator[Event]:
        try:
            while hand.wire.poll():
                kind, clip_id, value = hand.wire.recv()
                if kind == "ready":
                    hand.ready, self._unready = True, 0
                elif kind == "unbuilt":
                    known, text = value
                    raise ConfigError(text if known else f"A worker could not be built ({text}).")
                elif kind == "fatal":
                    raise OutputError(value)
                elif kind == "free" and hand.active is not None:
                    if hand.active.clip.id == clip_id:
                        hand.writing[clip_id], hand.active = hand.active, None
                elif kind == "done":
                    yield from self._close(hand, clip_id, value)
                elif kind == "tick":
                    yield "tick", clip_id, value
        except (EOFError, OSError):
            return

    def _close(self, hand: Hand, clip_id: str, outcome: Outcome) -> Iterator[Event]:
        if hand.writing.pop(clip_id, None) is None and hand.active and hand.active.clip.id == clip_id:
            hand.active = None
        yield "done", clip_id, outcome

    def _patience(self) -> float | None:
        if self.timeout is None:
            return None
        ends = [hand.since + self.timeout for hand in self._hands if hand.active]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _is_late(self, hand: Hand) -> bool:
        busy = self.timeout is not None and hand.active is not None
        return bool(busy and time.monotonic() - hand.since > (self.timeout or 0))

    def _bury(self, hand: Hand, late: bool) -> Iterator[Event]:
        """Account for the clips of a dead worker and hire another in its place."""
        hand.process.join()
        hand.wire.close()
        self._hands.remove(hand)
        if hand.active is not None:
            self._mend(hand.active.clip.id)
            why = (
                f"it took longer than {self.timeout:g} s (executor.timeout)" if late else _cause(hand.process.exitcode)
            )
            yield "done", hand.active.clip.id, failed(hand.active, PosecfgError(why), time.time())
        elif not hand.ready:
            self._unready += 1
            if self._unready >= STILLBORN:
                raise ConfigError(f"Workers die while they are built ({_cause(hand.process.exitcode)}).")
        for work in hand.writing.values():
            self._mend(work.clip.id)
            if work.clip.id in self._again:
                yield "done", work.clip.id, failed(work, PosecfgError(_cause(hand.process.exitcode)), time.time())
            else:
                self._again.add(work.clip.id)
                self._todo.appendleft(work)
        if self._todo and not self.stopping:
            self._hands.append(self._hire())

    def _dismiss(self) -> None:
        """Let idle workers go and kill the others."""
        for hand in self._hands:
            if hand.idle and hand.ready:
                try:
                    hand.wire.send(None)
                except OSError:
                    continue
            else:
                hand.process.kill()
        for hand in self._hands:
            hand.process.join(2.0)
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
            hand.wire.close()
        self._hands.clear()


def _enter(wire: Connection, bench: Bench, number: int) -> None:
    """Load the heavy modules in the worker only: the parent never needs them."""
    from posecfg.engine import worker

    worker.main(wire, bench, number)


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = "; the system may have run out of memory: try fewer workers=" if name == "SIGKILL" else ""
        return f"its worker process died ({name}{hint})"
    return f"its worker process died (exit {code})"
