"""Open the file of a ledger by what its file system can do: on those of several machines, no memory is shared.

A write-ahead log needs such memory, and locks may be refused there. Nothing is waited for there either: what a loss of
power spoils is rebuilt from the records of the clips.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posecfg.errors import NO_LOCKS
from posecfg.store import file_systems, ledger_trouble
from posecfg.store.absence import status

# Looks at a ledger that another process is writing, and seconds between them.
LOOKS, PAUSE = 20, 0.05
# In the header of the file: whether it has a write-ahead log, and the count of its changes.
_LOG, _CHANGES, _HEADER = 18, slice(24, 28), 100


def connect(path: Path) -> sqlite3.Connection:
    """Open a ledger to write; the first way that works here is taken, and the error of the first is told."""
    ways = [(True, ""), (False, ""), (False, "nolock=1")]
    if file_systems.is_shared(path.parent):
        ways = [(False, "nolock=1")] if _knows_no_locks(path) else ways[1:]
    failure: sqlite3.OperationalError | None = None
    for log, how in ways:
        try:
            return _connected(path, log, how)
        except sqlite3.OperationalError as error:
            failure = failure or error
            if ledger_trouble.is_locked(error) or ledger_trouble.is_full(path):
                break
    raise failure or sqlite3.OperationalError("it cannot be opened")


def _connected(path: Path, log: bool, how: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{uri(path)}?{how}", isolation_level=None, timeout=ledger_trouble.PATIENCE, uri=True)
    try:
        if log and db.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
            db.execute("PRAGMA synchronous=NORMAL")
            return db
        if _has_log(path):
            # One process alone needs no shared memory to end the log.
            db.execute("PRAGMA locking_mode=EXCLUSIVE")
        db.execute("PRAGMA journal_mode=TRUNCATE")
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA locking_mode=NORMAL")
        db.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def reading(path: Path, locks: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a ledger to read, which another process may be writing, here or elsewhere; nothing is written beside it.

    With ``locks``, nothing is written to it meanwhile where these work.
    """
    log, is_shared = path.with_name(f"{path.name}-wal"), file_systems.is_shared(path.parent)
    if is_shared and log.exists():
        with tempfile.TemporaryDirectory(prefix="posecfg-") as folder:
            for file in (path, log):
                shutil.copyfile(file, Path(folder) / file.name)
            with _opened(Path(folder) / path.name, "") as db:
                yield db
        return
    # Without a write-ahead log the file is at rest; SQLite would make an empty one even for a reader.
    with _opened(path, "mode=ro" if log.exists() or locks else "immutable=1") as db:
        yield db


def at_rest(path: Path) -> bytes:
    """Wait, a moment at most, until no transaction is half written; return the count of changes of the file."""
    journal = path.with_name(f"{path.name}-journal")
    for _ in range(LOOKS):
        seen = status(journal)
        if seen is None or not seen.st_size:
            break
        time.sleep(PAUSE)
    return _header(path)[_CHANGES]


def uri(path: Path) -> str:
    """Return the path as SQLite wants it where options follow."""
    return "file:" + str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


@contextmanager
def _opened(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"{uri(path)}?{how}", uri=True)
    try:
        yield db
    finally:
        db.close()


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_HEADER)
    except OSError:
        return b""


def _has_log(path: Path) -> bool:
    return _header(path)[_LOG : _LOG + 1] == b"\2"


def _knows_no_locks(path: Path) -> bool:
    """Try the kind of lock that SQLite uses: it takes a refusal for a lock of another program, and waits."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in NO_LOCKS
    finally:
        os.close(descriptor)
    return False
