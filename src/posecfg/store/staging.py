"""Files that appear all at once: written aside, hashed, then moved to their names when the clip is done."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from posecfg.errors import ClipError
from posecfg.store import moves, real_files, sync
from posecfg.store.absence import status
from posecfg.store.file_record import FileRecord, is_inside
from posecfg.store.inputs import Inputs
from posecfg.store.replacing import FULL, Content, cannot_write, digest, in_the_way, make_way

BROKEN = (*FULL, errno.EIO, errno.EROFS)


@dataclass
class Written:
    """One finished file, still aside: its final name and what is known of it; the time outlasts a move."""

    name: str
    temporary: Path
    bytes: int
    sha256: str
    mtime_ns: int
    about: dict[str, Any] = field(default_factory=dict)


class Staging:
    """Collects the files of one clip below ``aside``; ``publish`` moves them below ``root``.

    ``owned`` are names under ``root`` that an earlier run of ours wrote for this clip, with what it wrote, or None
    where no record tells; only these are replaced. ``left_open`` are files whose block did not end. ``altered`` has the
    names under which files are kept that were edited since, ``changed`` the folders whose entries ``publish`` changed.
    """

    def __init__(
        self, root: Path, aside: Path, owned: Mapping[str, Content | None] | None = None, inputs: Inputs | None = None
    ) -> None:
        self.root, self.aside, self.owned, self.inputs = root, aside, dict(owned or {}), inputs or Inputs()
        self.written: list[Written] = []
        self.altered: dict[str, str] = {}
        self.changed: dict[Path, None] = {}
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
            with os.fdopen(real_files.open_file(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC), "w+b") as stream:
                elsewhere = True
                self.left_open.add(name)
                try:
                    yield stream
                except Exception:
                    self.left_open.discard(name)
                    raise
                self.left_open.discard(name)
                elsewhere = False
            size, sha = digest(temporary)
            seen = temporary.stat()
        except OSError as error:
            # The block may read files of its own; only errors of a disk concern the output folder.
            if elsewhere and error.errno not in BROKEN:
                raise
            raise cannot_write(self.root, error) from error
        self._names.add(name)
        facts = dict(about or {})
        self.written.append(Written(name, temporary, size, sha, seen.st_mtime_ns, facts))

    def link(self, name: str, source: Path, about: Mapping[str, Any] | None = None) -> None:
        """Give the file ``source`` the name too, or copy it where the file system cannot."""
        self._check(name)
        temporary = self.aside / f"{self._count + 1}.part"
        try:
            real_files.make_folder(self.aside)
            moves.link(source, temporary)
            size, sha = digest(temporary)
            seen = temporary.stat()
        except OSError as error:
            if error.errno in (*BROKEN, errno.ENOENT):
                raise cannot_write(self.root, error) from error
            with source.open("rb") as old, self.open(name, about) as new:
                shutil.copyfileobj(old, new)
            return
        self._count += 1
        self._names.add(name)
        self.written.append(Written(name, temporary, size, sha, seen.st_mtime_ns, dict(about or {})))

    def _check(self, name: str) -> None:
        if not is_inside(name):
            raise ClipError(f"Expected an output name inside the output folder, but got '{name}'.")
        if name in self._names:
            raise ClipError(f"A writer opened '{name}' twice for one clip: it may be opened once.")
        target = self.root / name
        seen: list[Path] = []
        for parent in target.parents:
            if parent in self._folders:
                break
            seen.append(parent)
            if parent.is_symlink():
                raise ClipError(f"'{parent}' is a link, which may lead out of the output folder: remove it.")
            if parent.exists() and not parent.is_dir():
                raise in_the_way(self.root, parent)
        self._folders.update(seen)
        if name not in self.owned and status(target) is not None:
            raise in_the_way(self.root, target)

    def publish(self) -> tuple[FileRecord, ...]:
        """Move every file to its name and return their records."""
        records = []
        for file in self.written:
            target = self.root / file.name
            try:
                if target.parent not in self.changed:
                    self.changed.update(dict.fromkeys(sync.make_folder(target.parent)))
                if file.name in self.owned:
                    fitting = [content for content in (self.owned[file.name], (file.bytes, file.sha256)) if content]
                    kept = make_way(self.root, file.name, fitting, self.inputs)
                    if kept is not None:
                        self.altered[file.name] = kept
                        sync.flush([target.parent])
                _move(file.temporary, target, file.name in self.owned)
                stamp = target.stat().st_mtime_ns
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                raise in_the_way(self.root, target) from error
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
            moves.link(temporary, target)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError) as error:  # not every file system knows links
            if status(target) is not None:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        else:
            return
    moves.replace(temporary, target)


def replace_bytes(path: Path, data: bytes, temporary: Path, others: Sequence[Path] = ()) -> list[Path]:
    """Put ``data`` at ``path`` in one step, with ``others`` on the disk before; return the folders that it changed."""
    try:
        real_files.write_bytes(temporary, data)
        sync.flush([temporary, *others])
        real_files.require_folders(path)
        changed = sync.make_folder(path.parent)
        moves.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise cannot_write(path.parent, error) from error
    return changed
