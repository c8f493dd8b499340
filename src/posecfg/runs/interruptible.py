"""What Ctrl-C does to a run, and 'posecfg stop'."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from posecfg.executors.protocol import Executor
from posecfg.interruption import heeding, stop
from posecfg.runs.report import Report
from posecfg.runs.state import State


@contextmanager
def interruptible(executor: Executor, tell: Callable[[], None], report: Report, state: State) -> Iterator[None]:
    """Let the first Ctrl-C finish the clips in flight, and ``tell`` so; the second, a TERM or a HUP drop them.

    What others ask of the run, its ``state`` hears.
    """

    def finish() -> None:
        report.stopped = True
        executor.stop()
        tell()

    def first(signum: int, frame: FrameType | None) -> None:
        if report.stopped:
            stop(signum, frame)
            return
        finish()

    with heeding({signal.SIGINT: first}), state.finishing_by(finish):
        yield
