"""Tell apart why SQLite cannot open or write the ledger: it is locked, the disk is full, or anything else."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from posecfg.errors import ClipError, OutputError
from posecfg.store.replacing import cannot_write

# Seconds to wait for a program that holds the database.
PATIENCE = 5.0
# A new ledger and its write-ahead log take some pages; with less room than this, a failure to open it is a full disk.
NEEDED = 1 << 17
# The ledger, its write-ahead log and the index of that.
FILES = 3


def is_locked(error: BaseException) -> bool:
    """Tell whether another process holds the database, by SQLite's code without its details."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def locked(path: Path) -> str:
    """Say that another program holds the ledger."""
    return (
        f"Another program holds the ledger '{path}' locked: the run goes on without it, and the next one brings it up "
        "to date from the records of the clips."
    )


def unopened(path: Path, error: Exception) -> ClipError | OutputError:
    """Return why the ledger cannot be opened."""
    if _is_full(path):
        return cannot_write(path.parent.parent, OSError(errno.ENOSPC, "no space"))
    return OutputError(f"'{path}' cannot be opened ({error}): choose another output_dir=.")


def _is_full(path: Path) -> bool:
    """Tell whether the disk has no room for the ledger: SQLite calls that an input or output error."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    # Some file systems count no files.
    return disk.f_bavail * disk.f_frsize < NEEDED or (disk.f_files > 0 and disk.f_favail < FILES)
