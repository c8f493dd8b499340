"""Errors of a disk that every later clip would meet too: one sentence ends the run."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from posecfg.errors import OutputError
from posecfg.store.replacing import cannot_write

LASTING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def lasting(error: BaseException, root: Path) -> OutputError | None:
    """Return the sentence for a full disk, a used-up quota or one that cannot be written; None for other errors.

    ``root`` is the output folder, which is meant where the error names no file.
    """
    if not isinstance(error, OSError) or error.errno not in LASTING:
        return None
    told = cannot_write(Path(os.fsdecode(error.filename)).parent if error.filename else root, error)
    return told if isinstance(told, OutputError) else None


def unwritable(root: Path) -> OutputError | None:
    """Return why nothing can be written to ``root``, as far as that is known without writing."""
    place = root
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return OutputError(f"'{root}' cannot be written ('{place}' is no folder): choose another output_dir=.")
    disk = os.statvfs(place)
    if disk.f_flag & os.ST_RDONLY:
        return OutputError(
            f"'{root}' cannot be written (the disk of '{place}' is read-only): choose another output_dir=."
        )
    if not os.access(place, os.W_OK | os.X_OK):
        return OutputError(f"'{root}' cannot be written (no permission in '{place}'): choose another output_dir=.")
    # Some file systems count no blocks at all.
    return (
        None if disk.f_bavail or not disk.f_blocks else lasting(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), root)
    )
