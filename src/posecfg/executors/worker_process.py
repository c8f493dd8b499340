"""Make a process a worker: what the worker of any executor does before it works on clips."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from posecfg.environment import leave_current_folder
from posecfg.executors.warnings import warnings_to
from posecfg.layout import HOME
from posecfg.models.settings import using
from posecfg.pipeline.work import Setup
from posecfg.store import real_files, worker_lock
from posecfg.store.replacing import cannot_write

# A terminal sends these to workers too, but it is their parent that decides what becomes of clips.
LEFT_TO_PARENT = (signal.SIGINT, signal.SIGHUP)


@contextmanager
def working(receive: Callable[[], tuple[Setup, int]], tell: Callable[[str], None]) -> Iterator[Setup]:
    """Make this process a worker until the block ends; call it before heavy imports.

    A worker ends with the process that multiprocessing started it from, leaves Ctrl-C and a hangup to that one, imports
    nothing from the current folder, and holds the lock by which a later run sees that it is alive. ``receive`` waits
    for what to build and for the number of the worker, after which its log is named; ``tell`` gets each warning.
    """
    _become()
    setup, number = receive()
    with using(setup.models), warnings_to(tell):
        try:
            worker_lock.show_alive(setup.destination.root / HOME, setup.destination.part)
            _redirect(setup.logs, number)
        except OSError as error:
            raise cannot_write(setup.destination.root, error) from error
        yield setup
    # Not after an error: then the process ends, and its locks with it.
    worker_lock.hide_alive()


@cache
def _become() -> None:
    """Do what a process does once, however many runs it works for."""
    leave_current_folder()
    worker_lock.follow_parent()
    with suppress(ValueError):  # only a main thread can set handlers
        for name in LEFT_TO_PARENT:
            signal.signal(name, signal.SIG_IGN)


def _redirect(logs: Path | None, number: int) -> None:
    """Send what native libraries print on file descriptor 2 to a file of this worker."""
    if logs is None:
        return
    real_files.make_folder(logs)
    descriptor = real_files.open_file(logs / f"worker-{number}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    faulthandler.enable()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s", force=True)
