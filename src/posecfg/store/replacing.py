"""Replace and remove outputs: only what still is as it was recorded; what was edited is kept under another name."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Collection
from itertools import count
from pathlib import Path

from posecfg import reasons
from posecfg.errors import ClipError, OutputError, Taken, is_of_machine
from posecfg.store import moves, sync
from posecfg.store.absence import cannot_read, status
from posecfg.store.file_record import is_inside
from posecfg.store.inputs import Inputs

ALTERED = ".altered"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Content = tuple[int, str]
"""The size and SHA-256 of a file."""


def digest(path: Path) -> Content:
    """Return the size and SHA-256 of a regular file."""
    sha, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        while block := stream.read(1 << 20):
            sha.update(block)
            size += len(block)
    return size, sha.hexdigest()


def is_as_recorded(path: Path, recorded: Collection[Content]) -> bool:
    """Tell whether ``path`` is a regular file with one of the contents; it is read only where a size fits."""
    seen = status(path)
    if seen is None or not stat.S_ISREG(seen.st_mode) or all(size != seen.st_size for size, _ in recorded):
        return False
    return known_content(path) in recorded


def known_content(path: Path) -> Content | None:
    """Return ``digest``, or None for what is no regular file, or may not be read; errors of the machine are raised."""
    try:
        return digest(path)
    except OSError as error:
        if is_of_machine(error):
            raise cannot_read(path, error) from error
        return None


def make_way(root: Path, name: str, recorded: Collection[Content], inputs: Inputs) -> str | None:
    """Keep what is at an output name under another one, which is returned, unless it is as recorded.

    Where links are possible the old name stays until it is replaced or removed, so that a kill loses neither; the new
    name is on the disk once the folder is flushed. A folder or an input there is refused.
    """
    target = root / name
    seen = status(target)
    if seen is None:
        return None
    if stat.S_ISDIR(seen.st_mode) or inputs.has(root, name):
        raise in_the_way(root, target)
    if is_as_recorded(target, recorded):
        return None
    for number in count(1):
        place = target.with_name(f"{target.name}{ALTERED}{'' if number == 1 else f'-{number}'}")
        if _is_kept(target, seen, place):
            return place.relative_to(root).as_posix()
    return None


def _is_kept(target: Path, seen: os.stat_result, place: Path) -> bool:
    """Give the file at ``target`` the name ``place`` as well; False where another file has it."""
    try:
        os.link(target, place, follow_symlinks=False)
    except FileExistsError:
        # Before a kill, the same file may have got this name already.
        return os.path.samestat(os.lstat(place), seen)
    except (OSError, NotImplementedError):  # not every file system knows links
        if status(place) is not None:
            return False
        moves.replace(target, place)
    return True


def remove_recorded(root: Path, name: str, recorded: Content, inputs: Inputs) -> bool:
    """Remove an output of ours that is as it was recorded; False where it is not, or is out of our reach."""
    target = root / name
    if not _is_reachable(root, name) or inputs.has(root, name) or not is_as_recorded(target, [recorded]):
        return False
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(root, error) from error
    return True


def set_aside(root: Path, name: str, inputs: Inputs, altered: list[str] | None = None) -> str | None:
    """Move an output that was edited to another name; None where it is out of our reach.

    The name is added to ``altered`` as soon as the file has it, whatever fails then.
    """
    if not _is_reachable(root, name) or inputs.has(root, name) or status(root / name) is None:
        return None
    try:
        kept = make_way(root, name, (), inputs)
        if kept is not None:
            if altered is not None:
                altered.append(kept)
            sync.flush([(root / name).parent])
        (root / name).unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(root, error) from error
    return kept


def _is_reachable(root: Path, name: str) -> bool:
    """Tell whether ``name`` leads to a place below ``root`` through real folders only, and is no folder itself."""
    target = root / name
    if not is_inside(name):
        return False
    for folder in target.parents:
        if folder == root or not folder.is_relative_to(root):
            break
        above = status(folder)
        if above is None or not stat.S_ISDIR(above.st_mode):
            return False
    seen = status(target)
    return seen is not None and not stat.S_ISDIR(seen.st_mode)


def in_the_way(root: Path, target: Path) -> Taken:
    """Return the error for a place that is taken by what posecfg does not replace."""
    return Taken(reasons.taken(target), target.relative_to(root).as_posix())


def cannot_write(where: Path, error: OSError) -> ClipError | OutputError:
    """Say why nothing can be written; a name that is too long concerns its clip only."""
    if error.errno == errno.ENAMETOOLONG:
        return ClipError(f"The output name is too long for this file system ({error.filename}): rename the input.")
    if error.errno == errno.EXDEV:
        return OutputError(f"'{where}' spans two file systems: choose an output_dir= that lies on one.")
    if error.errno in FULL:
        return OutputError(f"The disk that holds '{where}' is full: free some space, then type the same command again.")
    if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST):
        # Of a move it is the second name that is in the way.
        place = error.filename2 or error.filename or where
        return OutputError(
            f"'{place}' is in the way ({error.strerror}): a record of posecfg belongs there. Move it away, or choose "
            "another output_dir=."
        )
    return OutputError(f"'{where}' cannot be written ({error.strerror or error}): choose another output_dir=.")
