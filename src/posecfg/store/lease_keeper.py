"""Keep the leases of this process alive: one thread counts their beats up, and notices when one is lost."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from posecfg.store.absence import is_absence
from posecfg.store.lease import LIMIT, Lease, decode, place, taken_over

BEAT = 10.0
"""Seconds between two beats."""
_NO_FLUSH = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)


@dataclass
class _Held:
    path: Path
    lease: Lease
    lost: bool = False
    found: Lease | None = None


_lock = threading.Lock()
_held: dict[str, _Held] = {}
_wake = threading.Event()
_thread: threading.Thread | None = None


def keep(path: Path, lease: Lease) -> None:
    """Let the lease at ``path`` beat from now on; it counts as held at once, even before it is there."""
    with _lock:
        _held[lease.token] = _Held(path, lease)


def begin() -> None:
    """Start the thread, where there is none in this process."""
    global _thread, _wake
    with _lock:
        if _thread is None or not _thread.is_alive():
            _wake = threading.Event()
            _thread = threading.Thread(target=_beat_all, args=(_wake,), name="posecfg-lease", daemon=True)
            _thread.start()


def drop(lease: Lease) -> None:
    """Let a lease beat no more; with the last one the thread ends."""
    with _lock:
        _held.pop(lease.token, None)
        if not _held:
            _wake.set()


def is_own(lease: Lease) -> bool:
    """Tell whether this process holds a lease; one that it inherited from the process that forked it is not its own."""
    held = _held.get(lease.token)
    return held is not None and held.lease.pid == os.getpid()


def token(home: Path, part: str) -> str:
    """Return the token of the lease that this process holds on a part, "" for none."""
    path = place(home, part)
    with _lock:
        return next((one.lease.token for one in _held.values() if one.path == path and is_own(one.lease)), "")


def refuse_lost(home: Path) -> None:
    """Raise an error if the thread has found that this process lost a lease on a folder; nothing is read here."""
    for held in list(_held.values()):
        if held.lost and held.path.parent == home and is_own(held.lease):
            raise taken_over(home.parent, held.found)


def _beat_all(end: threading.Event) -> None:
    while not end.wait(BEAT):
        with _lock:
            due = [one for one in _held.values() if not one.lost and is_own(one.lease)]
        for one in due:
            # A disk that fails for a moment is tried again; what reads before it writes decides.
            with suppress(OSError):
                _beat(one)


def _beat(held: _Held) -> None:
    """Write the next beat into the file that has the lease, whatever its name is by now."""
    try:
        descriptor = os.open(held.path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if is_absence(error):
            held.lost = True
        raise
    try:
        found = decode(os.read(descriptor, LIMIT))
        if found.token != held.lease.token:
            held.lost, held.found = True, found
            return
        held.lease = replace(held.lease, beat=held.lease.beat + 1)
        os.pwrite(descriptor, held.lease.encode(), 0)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_FLUSH:
                raise
    finally:
        os.close(descriptor)
