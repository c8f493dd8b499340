"""One worker process, seen from the parent: its wire, and the clips that it holds."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from posecfg.engine.work import Bench, Work


@dataclass
class Held:
    """A clip in a worker's hands, and since when (monotonic and wall clock)."""

    work: Work
    since: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.time)


@dataclass
class Hand:
    """A worker; ``active`` is the id of the clip that it extracts, the others in ``held`` are being written."""

    process: BaseProcess
    wire: Connection
    held: dict[str, Held] = field(default_factory=dict)
    active: str | None = None
    ready: bool = False

    def give(self, work: Work) -> bool:
        """Hand over one clip; False when the worker is gone."""
        try:
            self.wire.send(work)
        except OSError:
            return False
        self.active = work.clip.id
        self.held[work.clip.id] = Held(work)
        return True

    def release(self, clip_id: str) -> Work | None:
        """Take a finished clip back; the clock of the one that waited behind it starts again."""
        done = self.held.pop(clip_id, None)
        if self.active == clip_id:
            self.active = None
        for waiting in self.held.values():
            waiting.since = time.monotonic()
        return done.work if done else None

    def late(self, timeout: float | None) -> str | None:
        """Return the clip that has taken longer than ``timeout`` seconds; whoever waits behind it is not to blame."""
        for clip_id, item in self.held.items():
            return clip_id if timeout is not None and time.monotonic() - item.since > timeout else None
        return None

    def dismiss(self) -> None:
        """Tell the worker to go, when it holds nothing; else kill it."""
        if self.held or not self.ready:
            self.process.kill()
            return
        with suppress(OSError):
            self.wire.send(None)

    def see_off(self, patience: float = 2.0) -> None:
        """Wait until the process has ended, and make sure that it has."""
        self.process.join(patience)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.wire.close()


def hire(bench: Bench, number: int) -> Hand:
    """Start a worker. Ctrl-C is the parent's to handle: the child never sees it, not even while it starts."""
    if multiprocessing.get_start_method(allow_none=True) not in (None, *multiprocessing.get_all_start_methods()):
        # Inside a job of joblib: a child would be told to start its own children in a way that it does not know.
        multiprocessing.set_start_method("spawn", force=True)
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_enter, args=(theirs, bench, number), name=f"posecfg-{number}", daemon=True)
    with _no_interrupt():
        process.start()
    theirs.close()
    return Hand(process, mine)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Block SIGINT, which a child inherits; what arrives meanwhile is delivered afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _enter(wire: Connection, bench: Bench, number: int) -> None:
    """Take the leash first, then load the heavy modules, in the worker only: the parent never needs them."""
    from posecfg.engine import leash

    leash.follow_parent()

    from posecfg.engine import worker

    worker.main(wire, bench, number)
