"""How worker processes are started: on demand, or ahead of time, while the parent still prepares the run."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection

from posecfg.components.trust import locate
from posecfg.executors.worker_handle import Hand
from posecfg.pipeline.work import Bench

_waiting: list[Hand] = []


def hire(bench: Bench, number: int) -> Hand:
    """Take a worker that waits, or start one, and give it what it needs to build itself."""
    hand = _waiting.pop(0) if _waiting else _start(())
    # One that died meanwhile is found, and accounted for, by whoever listens to it.
    with suppress(OSError):
        hand.wire.send((bench, number))
    return hand


@contextmanager
def ahead(count: int, targets: Sequence[str]) -> Iterator[None]:
    """Start ``count`` workers now, with ``targets`` imported; those that nobody hires meanwhile are sent away."""
    try:
        _waiting.extend(_start(targets) for _ in range(count))
        yield
    finally:
        for hand in _waiting:
            hand.process.kill()
        for hand in _waiting:
            hand.see_off()
        _waiting.clear()


def _start(targets: Sequence[str]) -> Hand:
    """Start a worker. Ctrl-C is the parent's to handle: the child never sees it, not even while it starts."""
    if multiprocessing.get_start_method(allow_none=True) not in (None, *multiprocessing.get_all_start_methods()):
        # Inside a job of joblib: a child would be told to start its own children in a way that it does not know.
        multiprocessing.set_start_method("spawn", force=True)
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_enter, args=(theirs, tuple(targets)), name="posecfg-worker", daemon=True)
    # Python starts its tracker with the first child, and unblocks signals by the way.
    resource_tracker.ensure_running()
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


def _enter(wire: Connection, targets: Sequence[str]) -> None:
    """Take the leash first, then load the heavy modules, in the worker only: the parent never needs them."""
    from posecfg.store import worker_lock

    worker_lock.follow_parent()

    from posecfg.executors import worker_main

    for target in targets:
        # What is wrong with one is told when it is built.
        with suppress(Exception):
            locate(target, "config")
    try:
        bench, number = wire.recv()
    except EOFError:
        return
    worker_main.main(wire, bench, number)
