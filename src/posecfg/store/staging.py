"""Files that appear all at once: written aside, hashed, then moved to their names when the clip is done."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from posecfg import reasons
from posecfg.errors import ClipError, OutputError, Taken
from posecfg.store.clip_record import FileRecord, is_inside

# One fsync a file is right for a handful; a thousand small JSON files would take minutes.
SYNCED = 16
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BROKEN = (*FULL, errno.EIO, errno.EROFS)


@dataclass
class Written:
    """One finished file, still aside: its final name and what is known of it; ``inode`` and time outlast a move."""

    name: str
    temporary: Path
    bytes: int
    sha256: str
    mtime_ns: int
    inode: int
    about: dict[str, Any] = field(default_factory=dict)


class Staging:
    """Collects the files of one clip below ``aside``; ``publish`` moves them below ``root``.

    ``owned`` are names under ``root`` that an earlier run of ours wrote for this clip; only these are replaced.
    ``left_open`` are files whose block did not end.
    """

    def __init__(self, root: Path, aside: Path, owned: Collection[str] = ()) -> None:
        self.root, self.aside, self.owned = root, aside, frozenset(owned)
        self.written: list[Written] = []
        self.left_open: set[str] = set()
        self._names: set[str] = set()
        self._folders: set[Path] = {root}
        self._count = 0

    @contextmanager
    def open(self, name: str, about: Mapping[str, Any] | None = None) -> Iterator[BinaryIO]:
        """Open ``name`` for writing; it is kept only when the block ends without an error."""
        self._check(name)
        self._count += 1
        temporary = self.aside / f"{self._count}.part"
        elsewhere = False
        try:
            self.aside.mkdir(parents=True, exist_ok=True)
            with temporary.open("w+b") as stream:
                elsewhere = True
                self.left_open.add(name)
                try:
                    yield stream
                except Exception:
                    self.left_open.discard(name)
                    raise
                self.left_open.discard(name)
                elsewhere = False
                stream.flush()
                if len(self.written) < SYNCED:
                    os.fsync(stream.fileno())
            size, sha = digest(temporary)
            seen = temporary.stat()
        except OSError as error:
            # The block may read files of its own; only errors of a disk concern the output folder.
            if elsewhere and error.errno not in BROKEN:
                raise
            raise cannot_write(self.root, error) from error
        self._names.add(name)
        facts = dict(about or {})
        self.written.append(Written(name, temporary, size, sha, seen.st_mtime_ns, seen.st_ino, facts))

    def _check(self, name: str) -> None:
        if not is_inside(name):
            raise ClipError(f"Expected an output name inside the output folder, but got '{name}'.")
        if name in self._names:
            raise ClipError(f"Two writers want the file '{name}': give one of them another path.")
        target = self.root / name
        for parent in target.parents:
            if parent in self._folders:
                break
            if parent.is_symlink():
                raise ClipError(f"'{parent}' is a link, which may lead out of the output folder: remove it.")
            if parent.exists() and not parent.is_dir():
                raise _in_the_way(self.root, parent)
        self._folders.update(target.parents)
        if name not in self.owned and os.path.lexists(target):
            raise _in_the_way(self.root, target)

    def publish(self) -> tuple[FileRecord, ...]:
        """Move every file to its name and return their records."""
        records = []
        for file in self.written:
            target = self.root / file.name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                _move(file.temporary, target, file.name in self.owned)
                stamp = target.stat().st_mtime_ns
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                raise _in_the_way(self.root, target) from error
            except OSError as error:
                raise cannot_write(self.root, error) from error
            records.append(FileRecord(file.name, file.bytes, file.sha256, stamp, file.about))
        return tuple(records)

    def discard(self) -> None:
        """Remove what was written aside."""
        shutil.rmtree(self.aside, ignore_errors=True)
        self.written.clear()


def _move(temporary: Path, target: Path, replaces: bool) -> None:
    """Put ``temporary`` at ``target``; unless it ``replaces`` our own, a file that appeared meanwhile is kept."""
    if not replaces:
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError as error:  # not every file system knows links
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        else:
            return
    os.replace(temporary, target)


def _in_the_way(root: Path, target: Path) -> Taken:
    return Taken(reasons.taken(target), target.relative_to(root).as_posix())


def digest(path: Path) -> tuple[int, str]:
    """Return the size and SHA-256 of a file."""
    sha, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            sha.update(block)
            size += len(block)
    return size, sha.hexdigest()


def replace_bytes(path: Path, data: bytes, temporary: Path) -> None:
    """Put ``data`` at ``path`` in one step, flushed to disk."""
    try:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise cannot_write(path.parent, error) from error


def remove(root: Path, name: str) -> None:
    """Remove an output of ours; a name that would lead out of ``root`` is left alone."""
    target = root / name
    if is_inside(name) and not any(p.is_symlink() for p in target.parents if p != root and p.is_relative_to(root)):
        try:
            target.unlink(missing_ok=True)
        except (IsADirectoryError, NotADirectoryError) as error:
            raise _in_the_way(root, target) from error
        except OSError as error:
            raise cannot_write(root, error) from error


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
