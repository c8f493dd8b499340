"""Start worker processes: on demand, or ahead of time while the run is still planned."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import cycle
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path

from posecfg import startup
from posecfg.components.trust import locate
from posecfg.environment import safe_path, variables
from posecfg.executors.gpus import Gpu
from posecfg.executors.line import Line
from posecfg.executors.messages import Order, Resting
from posecfg.executors.worker_handle import WorkerHandle
from posecfg.executors.worker_process import working
from posecfg.interruption import undisturbed
from posecfg.pipeline.work import Setup


class Starts:
    """Start the workers of one run; ``targets`` are classes that each imports as it starts.

    The first one has the number after ``count``. ``gpus`` are dealt to them in turn, and each sees its own only.
    """

    def __init__(self, targets: Sequence[str], count: int = 0, gpus: Sequence[Gpu] = ()) -> None:
        self._targets = tuple(targets)
        self._waiting: list[WorkerHandle] = []
        self._count = count
        self._deal = cycle(gpus or (None,))

    def ahead(self, count: int) -> None:
        """Start ``count`` workers now; they wait until they are taken."""
        for _ in range(count):
            self._start(next(self._deal))

    def take(self, setup: Setup) -> WorkerHandle:
        """Return a worker, one that waits or a new one, and send it what it needs to build itself."""
        if not self._waiting:
            self._start(next(self._deal))
        return self._given(self._waiting[0], setup)

    def replace(self, handle: WorkerHandle, setup: Setup) -> WorkerHandle:
        """Return a worker as ``take`` does, on the GPU of one that is dead."""
        waiting = [one for one in self._waiting if one.gpu == handle.gpu]
        if not waiting:
            self._start(handle.gpu)
        return self._given(waiting[0] if waiting else self._waiting[-1], setup)

    def _given(self, handle: WorkerHandle, setup: Setup) -> WorkerHandle:
        self._count += 1
        # A worker that died meanwhile is found when its pipe is read.
        with suppress(OSError):
            handle.wire.send((setup, self._count))
        self._waiting.remove(handle)
        return handle

    def _start(self, gpu: Gpu | None) -> None:
        # A worker of which only a part was started could neither begin nor be ended.
        with undisturbed():
            self._waiting.append(_rested(gpu) or _start(self._targets, gpu))

    def end(self) -> None:
        """End the workers that were not taken."""
        _end(self._waiting)
        self._waiting.clear()


# Runs in several threads of a program would see what the others set for a moment.
_environment = threading.Lock()
_resting: list[WorkerHandle] = []
_may_rest: list[bool] = []


@contextmanager
def resting() -> Iterator[None]:
    """Let the workers of one run do the next one, until the block ends: a process takes long to start."""
    _may_rest.append(True)
    try:
        yield
    finally:
        _may_rest.pop()
        with undisturbed():
            _end(_resting)
            _resting.clear()


def dismiss(handles: Sequence[tuple[WorkerHandle, bool]]) -> None:
    """End the workers of a run: the idle ones at once, or to rest where they may, the others by force."""
    order = Order.REST if _may_rest else Order.END
    for handle, idle in handles:
        handle.dismiss(idle, order)
    for handle, _ in handles:
        if order is Order.REST and handle.rests():
            _resting.append(WorkerHandle(handle.process, handle.wire, gpu=handle.gpu))
        else:
            handle.wait_for_end()


def _rested(gpu: Gpu | None) -> WorkerHandle | None:
    """Return a worker that rests and sees what one on ``gpu`` would; it cannot be moved to another one."""
    for handle in [one for one in reversed(_resting) if one.gpu == gpu]:
        _resting.remove(handle)
        if handle.process.is_alive():
            return handle
        handle.wait_for_end()
    return None


def _end(handles: Sequence[WorkerHandle]) -> None:
    """Kill workers that do nothing."""
    for handle in handles:
        handle.process.kill()
    for handle in handles:
        handle.wait_for_end()


def _start(targets: Sequence[str], gpu: Gpu | None) -> WorkerHandle:
    """Start a worker. Ctrl-C is the parent's to handle: the child never sees it, not even while it starts.

    Nor does it ever see another GPU than ``gpu``, whatever it imports first.
    """
    if multiprocessing.get_start_method(allow_none=True) not in (None, *multiprocessing.get_all_start_methods()):
        # Inside a job of joblib: a child would be told to start its own children in a way that it does not know.
        multiprocessing.set_start_method("spawn", force=True)
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_enter, args=(theirs, tuple(targets)), name="posecfg-worker", daemon=True)
    with safe_path():
        # Python starts its resource tracker with the first child, which unblocks signals.
        resource_tracker.ensure_running()
        with _no_interrupt(), _environment, variables({} if gpu is None else {gpu.variable: gpu.name}):
            process.start()
    theirs.close()
    return WorkerHandle(process, mine, gpu=gpu)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Block SIGINT, which a child inherits; what arrives meanwhile is delivered afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _enter(wire: Connection, targets: Sequence[str]) -> None:
    """Become a worker, and serve one run after another as the parent asks."""
    startup.begin()
    line = Line(wire)
    while _served(wire, line, targets):
        line.send(Resting())


def _served(wire: Connection, line: Line, targets: Sequence[str]) -> bool:
    """Build the chain that the parent asks for, and do clips; tell whether the worker is to wait for another run."""
    root: Path | None = None
    with ExitStack() as stack:
        try:
            setup = stack.enter_context(working(partial(_receive, wire, targets), line.warn))
            root = setup.destination.root

            from posecfg.pipeline.chain import built

            chain = built(setup)
        except (Exception, SystemExit) as error:
            line.refuse(error, root)
            return False

        from posecfg.executors.worker_main import serve

        startup.over()
        return serve(wire, line, chain, setup)


def _receive(wire: Connection, targets: Sequence[str]) -> tuple[Setup, int]:
    """Import heavy modules, in the worker only as the parent never needs them, and wait for what to build."""
    from posecfg.executors import worker_main  # noqa: F401

    for target in targets:
        # An error is reported when the component is built.
        with suppress(Exception):
            locate(target, "config")
    try:
        order: tuple[Setup, int] | Order = wire.recv()
    except EOFError:
        # The parent ended while it planned.
        os._exit(1)
    if isinstance(order, Order):
        # There is no other run.
        os._exit(0)
    return order
