"""A process of its own in which a launcher runs jobs: it follows the start that the jobs belong to."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType

from posecfg.commands import sweep_outcomes
from posecfg.commands.sweep_outcomes import Start
from posecfg.config.resolvers import register
from posecfg.environment import leave_current_folder
from posecfg.errors import OutputError
from posecfg.interruption import ask, be_led, heeding

EVERY = 0.25
"""Seconds between two looks at the start."""
SILENT_SECONDS = 120.0
"""After so many seconds without a sign of a start on another machine, a job finishes the clips in work, and ends."""

OUT_OF_TIME = (
    "The time of this job is almost over: type the same command again to go on, with a larger "
    "hydra.launcher.timeout_min=, or with hydra.launcher.max_num_timeout=3 to go on in other tasks."
)


@contextmanager
def following(start: Start, folder: Path) -> Iterator[None]:
    """Do a job of the sweep in ``folder``: it stops when the start says so, and ends with it however that ends."""
    leave_current_folder()
    register()
    be_led()
    _watch(start, folder, os.getppid())
    with heeding(), _heard_of_time():
        # The start blocks it, so that Ctrl-C never ends a process between two jobs.
        before = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _heard_of_time() -> Iterator[None]:
    """Say what to type where SLURM warns of the time limit, and the launcher does not start the job again."""
    handler = signal.getsignal(signal.SIGUSR2)
    if not callable(handler):
        yield
        return

    def warned(number: int, frame: FrameType | None) -> None:
        try:
            handler(number, frame)
        except Exception as error:
            raise OutputError(OUT_OF_TIME) from error

    signal.signal(signal.SIGUSR2, warned)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR2, handler)


@cache
def _watch(start: Start, folder: Path, parent: int) -> None:
    """Look after the start from a thread, for as long as this process lives."""

    def watch() -> None:
        asked, sign = False, Sign(start, folder)
        while True:
            time.sleep(EVERY)
            why = sweep_outcomes.ended(start, folder)
            if why == sweep_outcomes.AT_ONCE or (start.is_near and is_gone(start.pid, parent)):
                os._exit(1)
            if not asked and (why == sweep_outcomes.STOPPED_BY_USER or sign.is_lost()):
                asked = True
                ask()

    threading.Thread(target=watch, name="posecfg-follow-start", daemon=True).start()


class Sign:
    """What a start on another machine shows as long as it is there; clocks of machines are not compared."""

    def __init__(self, start: Start, folder: Path) -> None:
        self._start, self._folder = start, folder
        self._seen, self._since = None, time.monotonic()

    def is_lost(self) -> bool:
        """Tell whether there was none for long."""
        if self._start.is_near:
            return False
        seen = sweep_outcomes.last_beat(self._start, self._folder)
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since > SILENT_SECONDS


def is_gone(pid: int, parent: int) -> bool:
    """Tell whether the process of a start on this machine has ended; ``parent`` started this one, perhaps the same."""
    if parent == pid:
        return os.getppid() != pid
    try:
        os.kill(pid, 0)
    except OSError:
        return True
    return _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Tell whether a process has ended and only its exit code is left."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
