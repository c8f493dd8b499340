"""Tell apart why SQLite cannot open or write the ledger: it is locked, the disk is full, or anything else."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from posecfg.errors import ClipError, OutputError, is_of_machine
from posecfg.store.absence import cannot_read
from posecfg.store.replacing import cannot_write

# Seconds to wait for a program that holds the database.
PATIENCE = 5.0
# A new ledger and its write-ahead log take some pages; with less room than this, a failure to open it is a full disk.
NEEDED = 1 << 17
# The ledger, its write-ahead log and the index of that.
FILES = 3
# A file that is shorter than it says is damaged, though SQLite calls it an input or output error.
_TORN = sqlite3.SQLITE_IOERR_SHORT_READ


def is_locked(error: BaseException) -> bool:
    """Tell whether another process holds the database, by SQLite's code without its details."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def locked(path: Path) -> str:
    """Say that another program holds the ledger."""
    return (
        f"Another program holds the ledger '{path}' locked: the run goes on without it, and the next one brings it up "
        "to date from the records of the clips."
    )


def unopened(path: Path, error: Exception) -> ClipError | OutputError:
    """Return why the ledger cannot be opened."""
    if is_full(path):
        return cannot_write(path.parent.parent, OSError(errno.ENOSPC, "no space"))
    return OutputError(f"'{path}' cannot be opened ({error}): choose another output_dir=.")


def unwritten(path: Path, error: BaseException) -> ClipError | OutputError:
    """Return why rows cannot be written; only where the disk is full does room on it help."""
    if _code(error) == sqlite3.SQLITE_FULL or is_full(path):
        return cannot_write(path.parent.parent, OSError(errno.ENOSPC, "no space"))
    return OutputError(
        f"The ledger '{path}' cannot be written ({error}): type the same command again, and move it away if it stays "
        "so, as a new one is made from the records of the clips."
    )


def unread(path: Path, error: Exception) -> OutputError | None:
    """Return the error for a ledger that the machine fails to read; None for one that is damaged or locked."""
    if _code(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM) and getattr(error, "sqlite_errorcode", 0) != _TORN:
        return cannot_read(path, OSError(str(error)))
    if _code(error) != sqlite3.SQLITE_CANTOPEN:
        return None
    # SQLite does not say why; where it may write nothing beside the file, its rows are done without.
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as fault:
        return cannot_read(path, fault) if is_of_machine(fault) else None
    return None


def _code(error: BaseException) -> int:
    """Return SQLite's code without its details; 0 for other errors."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def is_full(path: Path) -> bool:
    """Tell whether the disk has no room for the ledger: SQLite calls that an input or output error."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    # Some file systems count no files.
    return disk.f_bavail * disk.f_frsize < NEEDED or (disk.f_files > 0 and disk.f_favail < FILES)
