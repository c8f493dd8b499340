"""The part of a film that has come, in a file beside its place, with a note of where it is from."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from posecfg import budgets, process
from posecfg.downloads.faults import Busy, Refused
from posecfg.store import locks, moves

SUFFIX, NOTE = ".part", ".part.json"
# Bytes of a note: an address, and a mark that is short.
_LONGEST = 100_000


class Part:
    """A locked file ``<target>.part``; ``note`` says which version of the film it is of, by address, mark and size."""

    def __init__(self, target: Path, stream: IO[bytes]) -> None:
        self._target, self.stream = target, stream
        self.folder = target.parent

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return os.fstat(self.stream.fileno()).st_size

    def note(self) -> dict[str, Any]:
        """Return what is known of the film that this is a part of, empty where nothing is; another file is refused."""
        path = _beside(self._target, NOTE)
        try:
            found = json.loads(budgets.read(path, _LONGEST))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or "address" not in found:
            raise Refused(f"'{path.name}' beside its place is not from here: move it away")
        return found

    def begin(self, note: dict[str, Any]) -> None:
        """Start at the first byte."""
        self.stream.truncate(0)
        self.stream.seek(0)
        _write(_beside(self._target, NOTE), json.dumps(note))

    def resume(self) -> None:
        """Go on behind the last byte."""
        self.stream.seek(0, os.SEEK_END)

    def discard(self) -> None:
        """Remove what has come, and the note of it."""
        _beside(self._target, SUFFIX).unlink(missing_ok=True)
        with suppress(Refused):
            if self.note():
                _beside(self._target, NOTE).unlink(missing_ok=True)

    def finish(self) -> None:
        """Give the file its name, unless another file has got it meanwhile, which stays as it is."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        part = _beside(self._target, SUFFIX)
        try:
            moves.link(part, self._target)
        except FileExistsError:
            raise Refused("another file has got its name meanwhile: it is left as it is") from None
        except (OSError, NotImplementedError):  # not every file system knows links
            if os.path.lexists(self._target):
                raise Refused("another file has got its name meanwhile: it is left as it is") from None
            moves.replace(part, self._target)
        self.discard()


@contextmanager
def opened(target: Path) -> Iterator[Part]:
    """Open the part of a film that belongs to ``target``, and make its folder; another process is kept out."""
    target.parent.mkdir(parents=True, exist_ok=True)
    path = _beside(target, SUFFIX)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        number = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise
        raise Refused(f"'{path}' is in the way: it is no regular file") from None
    with os.fdopen(number, "r+b") as stream:
        try:
            locks.lock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("another process is downloading it") from None
        seen = os.fstat(stream.fileno())
        if not stat.S_ISREG(seen.st_mode):
            raise Refused(f"'{path}' is in the way: it is no regular file")
        # It may have got its name, and been replaced, between opening and locking.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.lstat(path), seen):
                part = Part(target, stream)
                try:
                    yield part
                finally:
                    # Its name is still its own here, or a film has it.
                    if not part.size:
                        part.discard()
                return
        raise Busy("another process has just downloaded it")


def reached(target: Path) -> int:
    """Return the bytes of a film that have come so far."""
    try:
        return _beside(target, SUFFIX).stat().st_size
    except OSError:
        return 0


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(target.name + suffix)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{process.unique()}")
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("x", encoding="utf-8") as stream:
            stream.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
