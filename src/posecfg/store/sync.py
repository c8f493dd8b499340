"""Wait until files and the entries of folders are on the disk."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes
    from concurrent.futures import Executor

# From so many files on, one call for the whole file system costs less than a wait for each; it also waits for what
# other programs wrote there, which a handful of files should not.
MANY = 17
THREADS = 16
# Before, Linux did not report there that a file could not be written.
_SINCE = (5, 8)
_NO_FOLDERS = (errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EACCES, errno.EISDIR)


def flush(paths: Sequence[Path]) -> None:
    """Return when all ``paths``, files or folders of one file system, are on the disk.

    They are waited for at the same time, as a file system writes its journal once for all that wait.
    """
    if len(paths) < MANY or not _flush_all(paths[0]):
        others = [_pool().submit(_flush, path) for path in paths[1:]]
        try:
            for path in paths[:1]:
                _flush(path)
        finally:
            for other in others:
                other.result()


def make_folder(folder: Path) -> list[Path]:
    """Make a folder and those above it; return those whose entries change when something is put into it."""
    changed = [folder]
    while not changed[-1].is_dir():
        changed.append(changed[-1].parent)
    if len(changed) > 1:
        folder.mkdir(parents=True, exist_ok=True)
    return changed


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems know no such thing as waiting for a folder.
        if error.errno not in _NO_FOLDERS or not os.path.isdir(path):
            raise
    finally:
        os.close(descriptor)


def _flush_all(path: Path) -> bool:
    """Flush the file system that holds ``path``; False where the system cannot."""
    call = _syncfs()
    if call is None:
        return False
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if call(descriptor) == 0:
            return True
        import ctypes

        code = ctypes.get_errno()
        if code in (errno.ENOSYS, errno.EINVAL):
            return False
        raise OSError(code, os.strerror(code), str(path))
    finally:
        os.close(descriptor)


@cache
def _syncfs() -> ctypes._NamedFuncPointer | None:
    if sys.platform != "linux":
        return None
    try:
        if tuple(int(number) for number in os.uname().release.split(".")[:2]) < _SINCE:
            return None
        import ctypes

        call = ctypes.CDLL(None, use_errno=True).syncfs
    except (ValueError, OSError, AttributeError):
        return None
    call.argtypes, call.restype = [ctypes.c_int], ctypes.c_int
    return call


@cache
def _pool() -> Executor:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(THREADS, "posecfg-sync")
