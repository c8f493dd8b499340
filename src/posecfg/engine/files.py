"""Files that appear all at once: written aside, hashed, then renamed to their names when the clip is done."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from posecfg.errors import ClipError, OutputError

# One fsync a file is right for a handful; a thousand small JSON files would take minutes.
SYNCED = 16
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass
class Written:
    """One finished file, still aside: its final name and what is known of it."""

    name: str
    temporary: Path
    bytes: int
    sha256: str
    about: dict[str, Any] = field(default_factory=dict)


class Staging:
    """Collects the files of one clip below ``aside``; ``publish`` moves them below ``root``.

    ``owned`` are names under ``root`` that an earlier run of ours wrote for this clip; only these are replaced.
    """

    def __init__(self, root: Path, aside: Path, owned: Collection[str] = ()) -> None:
        self.root, self.aside, self.owned = root, aside, frozenset(owned)
        self.written: list[Written] = []

    @contextmanager
    def open(self, name: str, about: Mapping[str, Any] | None = None) -> Iterator[BinaryIO]:
        """Open ``name`` for writing; it is kept only when the block ends without an error."""
        self._check(name)
        temporary = self.aside / f"{len(self.written)}.part"
        try:
            self.aside.mkdir(parents=True, exist_ok=True)
            with temporary.open("w+b") as stream:
                yield stream
                stream.flush()
                if len(self.written) < SYNCED:
                    os.fsync(stream.fileno())
            size, sha = digest(temporary)
        except OSError as error:
            raise cannot_write(self.root, error) from error
        self.written.append(Written(name, temporary, size, sha, dict(about or {})))

    def _check(self, name: str) -> None:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or path.parts[:1] == (".posecfg",) or "\0" in name or not path.name:
            raise ClipError(f"Expected an output name inside the output folder, but got '{name}'.")
        if any(w.name == name for w in self.written):
            raise ClipError(f"Two writers want the file '{name}': give one of them another path.")
        target = self.root / path
        if name not in self.owned and os.path.lexists(target):
            raise ClipError(
                f"'{target}' is already there and was not written by posecfg, so it is left alone: "
                "move it away, or choose another output_dir=."
            )
        for parent in target.parents:
            if parent == self.root:
                break
            if parent.is_symlink():
                raise ClipError(f"'{parent}' is a link that leads out of the output folder: remove it.")

    def publish(self) -> list[dict[str, Any]]:
        """Rename every file to its name and return what a sidecar keeps of them."""
        facts = []
        for file in self.written:
            target = self.root / file.name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(file.temporary, target)
                stamp = target.stat().st_mtime_ns
            except OSError as error:
                raise cannot_write(self.root, error) from error
            facts.append(
                {"name": file.name, "bytes": file.bytes, "sha256": file.sha256, "mtime_ns": stamp, "about": file.about}
            )
        self.discard()
        return facts

    def discard(self) -> None:
        """Remove what was written aside."""
        shutil.rmtree(self.aside, ignore_errors=True)
        self.written.clear()


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
        raise cannot_write(path.parent, error) from error


def cannot_write(where: Path, error: OSError) -> ClipError | OutputError:
    """Say why nothing can be written; a name that is too long concerns its clip only."""
    if error.errno == errno.ENAMETOOLONG:
        return ClipError(f"The output name is too long for this file system ({error.filename}): rename the input.")
    if error.errno == errno.EXDEV:
        return OutputError(f"'{where}' spans two file systems: choose an output_dir= that lies on one.")
    if error.errno in FULL:
        return OutputError(f"The disk that holds '{where}' is full: free some space, then type the same command again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(f"'{where}' cannot be written ({error.strerror}): choose another output_dir=.")
    return OutputError(f"'{where}' cannot be written ({error.strerror or error}): choose another output_dir=.")
