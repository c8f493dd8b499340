"""Open, make and remove what lies below ``.posecfg``: regular files in real folders, never through a link.

What is checked is what lies there before a run; a program that swaps folders for links while a run is at work is not
seen.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from posecfg import budgets
from posecfg.errors import OutputError
from posecfg.layout import HOME
from posecfg.store.absence import cannot_read, is_absence, status

_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISREG, "a file"),
)
# A start of Hydra makes a folder of its own in "starts"; what lies in "tmp" is removed, not opened.
_NOT_LOOKED_INTO = ("starts", "tmp")


def not_real(path: str | Path, expected: str, mode: int) -> OutputError:
    """Return the error for something else than a regular file or a real folder below ``.posecfg``."""
    found = next((name for holds, name in _KINDS if holds(mode)), "a device")
    return OutputError(
        f"Expected {expected} at '{os.fspath(path)}', but it is {found}, which posecfg does not open there: remove it, "
        "then type the same command again."
    )


def require_folders(path: Path) -> None:
    """Refuse a path that leads through anything but real folders, from ``.posecfg`` down to its parent."""
    for folder in _above(os.fspath(path)):
        seen = status(folder)
        if seen is None:
            return
        if not stat.S_ISDIR(seen.st_mode):
            raise not_real(folder, "a folder", seen.st_mode)


def require_file(path: Path, alone: bool = False) -> None:
    """Refuse anything but a regular file, or none, at ``path``; with ``alone``, one that has a second name too."""
    require_folders(path)
    seen = status(path)
    if seen is not None:
        _require_regular(path, seen, alone)


def open_file(path: Path, flags: int) -> int:
    """Open a regular file and return its descriptor; one that is written to has no second name elsewhere.

    A file that is made gets its folder too.
    """
    writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
    require_file(path, writes)
    safe = flags & ~os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            descriptor = os.open(path, safe, 0o666)
        except FileNotFoundError:
            if not flags & os.O_CREAT:
                raise
            make_folder(path.parent)
            descriptor = os.open(path, safe, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise not_real(path, "a file", stat.S_IFLNK) from error
        raise
    try:
        _require_regular(path, os.fstat(descriptor), writes)
        if flags & os.O_TRUNC:
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_bytes(path: Path, limit: int = budgets.RECORD) -> bytes:
    """Return the content of a regular file; raise ``ValueError`` if it has more than ``limit`` bytes."""
    with os.fdopen(open_file(path, os.O_RDONLY), "rb") as stream:
        return budgets.read_open(stream, limit)


def write_bytes(path: Path, data: bytes) -> None:
    """Put ``data`` into a regular file, which is made or emptied; it may not be on the disk yet."""
    with os.fdopen(open_file(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as stream:
        stream.write(data)


def make_folder(path: Path) -> None:
    """Make a folder and those above it."""
    require_folders(path / "any")
    path.mkdir(parents=True, exist_ok=True)


def unlink(path: Path) -> None:
    """Remove a file or link, where there is one, from a real folder."""
    require_folders(path)
    path.unlink(missing_ok=True)


def strange(root: Path) -> Iterator[OutputError]:
    """Yield what is below the ``.posecfg`` of ``root`` and neither a regular file nor a real folder."""
    home = os.path.join(root, HOME)
    seen = status(home)
    if seen is None:
        return
    if not stat.S_ISDIR(seen.st_mode):
        yield not_real(home, "a folder", seen.st_mode)
        return
    folders = [home]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        inside = folder != home or entry.name.partition("-")[0] not in _NOT_LOOKED_INTO
                        folders += [entry.path] if inside else []
                    elif not entry.is_file(follow_symlinks=False):
                        mode = entry.stat(follow_symlinks=False).st_mode
                        yield not_real(entry.path, "a regular file or a folder", mode)
        except OSError as error:
            if not is_absence(error) and not isinstance(error, PermissionError):
                raise cannot_read(folder, error) from error


def refuse_strange(root: Path) -> None:
    """Refuse an output folder with links or special files below its ``.posecfg``."""
    for error in strange(root):
        raise error


def _require_regular(path: Path, seen: os.stat_result, alone: bool) -> None:
    if not stat.S_ISREG(seen.st_mode):
        raise not_real(path, "a regular file", seen.st_mode)
    if alone and seen.st_nlink > 1:
        raise OutputError(
            f"Expected '{path}' to be a file of its own, but it is a hard link, so that writing to it would change "
            "another file: remove it, then type the same command again."
        )


def _above(path: str) -> Iterator[str]:
    """Yield the folders of ``path`` from ``.posecfg`` down to the one that it is in."""
    at = f"{os.sep}{path}".rfind(f"{os.sep}{HOME}{os.sep}")
    if at < 0:
        return
    at = path.find(os.sep, at + len(HOME))
    while at >= 0:
        yield path[:at]
        at = path.find(os.sep, at + 1)
