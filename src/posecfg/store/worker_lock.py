"""End workers with their parent, and keep a run from starting beside workers of a run that was killed."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path

from posecfg.store import real_files
from posecfg.store.locks import lock

DEATH_SIGNAL = 1
PATIENCE = 10.0
_alive: list[int] = []


def follow_parent() -> None:
    """End this process when its parent ends, however that happens; call this before heavy imports."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="posecfg-follow-parent", daemon=True).start()
    _die_with(parent.pid or 0)


def end_with(pid: int) -> None:
    """End this process when its parent ends, which has the number ``pid`` and is no process of multiprocessing."""

    def watch() -> None:
        while os.getppid() == pid:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, name="posecfg-follow-parent", daemon=True).start()
    _die_with(pid)


def _die_with(pid: int) -> None:
    """Let the system kill this process at once when its parent ends, where it can."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != pid:
            os._exit(1)


def show_alive(home: Path, part: str) -> None:
    """Hold a lock until ``hide_alive``, or the end of this process, so that the next run can see that it is alive."""
    descriptor = _open(home, part)
    lock(descriptor, fcntl.LOCK_SH)
    _alive.append(descriptor)


def hide_alive() -> None:
    """Let go of the locks: nothing is written any more until the next ``show_alive``."""
    while _alive:
        os.close(_alive.pop())


def all_gone(home: Path, part: str) -> bool:
    """Wait until no worker of an earlier run is alive; False when one stays."""
    descriptor = _open(home, part)
    end = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    return False
                time.sleep(0.05)
            else:
                return True
    finally:
        os.close(descriptor)


def _open(home: Path, part: str) -> int:
    return real_files.open_file(home / f"workers{part}.lock", os.O_RDWR | os.O_CREAT)
