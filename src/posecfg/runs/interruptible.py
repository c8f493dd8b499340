"""What Ctrl-C does to a run."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from posecfg.executors.protocol import Executor
from posecfg.interruption import heeding, stop
from posecfg.runs.report import Report


@contextmanager
def interruptible(executor: Executor, tell: Callable[[], None], report: Report) -> Iterator[None]:
    """Let the first Ctrl-C finish the clips in flight, and ``tell`` so; the second, a TERM or a HUP drop them."""

    def first(signum: int, frame: FrameType | None) -> None:
        if report.stopped:
            stop(signum, frame)
            return
        report.stopped = True
        executor.stop()
        tell()

    with heeding({signal.SIGINT: first}):
        yield
