"""Tell what is not there from what cannot be read: only the first may be taken for nothing.

A disk or a network that fails for a moment must not have records redone, or files that they vouch for removed.
"""

from __future__ import annotations

import errno
import fnmatch
import os
from pathlib import Path

from posecfg.errors import OutputError

# A name that is too long for the file system is the name of no file.
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


def is_absence(error: OSError) -> bool:
    """Tell whether an error of a read says that there is no such file."""
    return error.errno in _ABSENT


def cannot_read(path: str | Path, error: OSError) -> OutputError:
    """Return the error for a file or folder that is there, as far as is known, and cannot be read."""
    return OutputError(
        f"'{os.fspath(path)}' cannot be read ({error.strerror or error}), so it is not known what it holds: type the "
        "same command again, and move it away if it stays so."
    )


def status(path: str | Path) -> os.stat_result | None:
    """Return the status of what is at ``path``, of a link itself; None where there is nothing."""
    try:
        return os.lstat(path)
    except OSError as error:
        if is_absence(error):
            return None
        raise cannot_read(path, error) from error


def matching(folder: Path, pattern: str) -> list[Path]:
    """Return what is in a folder under names that fit ``pattern``, sorted; none where there is no folder."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        if is_absence(error):
            return []
        raise cannot_read(folder, error) from error
    return [folder / name for name in sorted(names) if fnmatch.fnmatchcase(name, pattern)]
