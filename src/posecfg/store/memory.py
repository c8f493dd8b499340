"""The memory of detections: a folder of entries by key, bounded in size, shared by any number of processes.

An entry appears under its name when it is whole, and is checked when it is read, so that no lock is needed: of two
processes that write one entry the later wins, and a damaged one is as good as none. Nothing depends on the memory.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.errors import OutputError
from posecfg.store import entry_file, real_files

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAME = re.compile(r"[0-9a-f]{32}\.(poses|boxes)")
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.(poses|boxes)\.[0-9a-f]+\.part")
_HOUR = 3600.0
# Where there are too many bytes, entries go until so large a share of the bound is left.
_LEFT = 0.9
# Share of the bound that is added before a look at what others added: each of many workers could fill it otherwise.
_UNSEEN = 0.02


@dataclass(frozen=True)
class Entry:
    """What memory holds under one key: JSON values, and arrays that cannot be changed."""

    header: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Item:
    """A file of the memory: its size, and when it was used last (s since 1970)."""

    path: Path
    bytes: int
    used: float


class Memory:
    """The entries below ``folder``, at most ``limit`` bytes of them; the least recently used go first."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._bytes: int | None = None
        self._added = 0

    @property
    def empty(self) -> bool:
        """Whether there is no folder yet, or nothing in it."""
        try:
            with os.scandir(self._folder) as found:
                return next(found, None) is None
        except OSError:
            return True

    def read(self, key: str, kind: str) -> Entry | None:
        """Return an entry and note that it was used; None where there is none that is whole and of this key."""
        path = self._path(key, kind)
        try:
            header, arrays = entry_file.unpack(_content(path, self._limit))
        except (OSError, OutputError, ValueError, MemoryError):
            return None
        if header.get("key") != key or header.get("kind") != kind:
            return None
        with suppress(OSError):
            os.utime(path)
        return Entry(header, arrays)

    def write(self, key: str, kind: str, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep an entry in place of any that has its key; raise ``OSError`` or ``OutputError`` if that cannot be."""
        parts = entry_file.pack({**header, "key": key, "kind": kind}, arrays)
        size = sum(map(len, parts))
        if size > self._limit:
            return
        path = self._path(key, kind)
        for folder in (self._folder, path.parent):
            if folder.is_symlink():
                # What is behind it would not be counted, and could grow without a bound.
                raise OutputError(f"'{folder}' is a link.")
        aside = path.with_name(f".{path.name}.{os.urandom(6).hex()}.part")
        try:
            with os.fdopen(real_files.open_file(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as stream:
                stream.writelines(parts)
            os.replace(aside, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(aside)
            raise
        self._bound(size)

    def items(self) -> Iterator[Item]:
        """Yield the files of all entries, whole or not, in the order of their names."""
        for folder in _entries(self._folder):
            for entry in _entries(folder) if re.fullmatch("[0-9a-f]{2}", folder.name) else ():
                if _NAME.fullmatch(entry.name):
                    with suppress(OSError):
                        seen = entry.lstat()
                        if stat.S_ISREG(seen.st_mode):
                            yield Item(entry, seen.st_size, seen.st_mtime)

    def clear(self) -> tuple[int, int]:
        """Remove all entries, and nothing else; return how many there were, and their bytes."""
        number = size = 0
        for item in list(self.items()):
            # Another process may have removed it meanwhile.
            item.path.unlink(missing_ok=True)
            number, size = number + 1, size + item.bytes
        self._tidy(0.0)
        for folder in (*_entries(self._folder), self._folder):
            with suppress(OSError):
                folder.rmdir()
        return number, size

    def _path(self, key: str, kind: str) -> Path:
        return self._folder / key[:2] / f"{key}.{kind}"

    def _bound(self, added: int) -> None:
        """Remove the least recently used entries where there are too many bytes; others may have written meanwhile."""
        self._added += added
        if self._bytes is not None and max(self._bytes + self._added, self._added / _UNSEEN) <= self._limit:
            return
        items = sorted(self.items(), key=lambda item: item.used, reverse=True)
        self._bytes, self._added = sum(item.bytes for item in items), 0
        if self._bytes <= self._limit:
            return
        while items and self._bytes > self._limit * _LEFT:
            item = items.pop()
            with suppress(OSError):
                item.path.unlink()
            self._bytes -= item.bytes
        self._tidy(_HOUR)

    def _tidy(self, age: float) -> None:
        """Remove what writers left unfinished that were killed, once it is older than ``age`` seconds."""
        for folder in _entries(self._folder):
            for entry in _entries(folder):
                if _UNFINISHED.fullmatch(entry.name):
                    with suppress(OSError):
                        if time.time() - entry.lstat().st_mtime >= age:
                            entry.unlink()


def is_whole(item: Item) -> bool:
    """Read an entry and tell whether it is as it was written, under its own name."""
    try:
        header, _ = entry_file.unpack(_content(item.path, item.bytes))
    except (OSError, OutputError, ValueError, MemoryError):
        return False
    return f"{header.get('key')}.{header.get('kind')}" == item.path.name


def header_of(item: Item) -> dict[str, Any]:
    """Return what an entry says of itself, nothing where it is no entry; its arrays are not read."""
    try:
        with os.fdopen(real_files.open_file(item.path, os.O_RDONLY), "rb") as stream:
            return entry_file.head(stream)
    except (OSError, OutputError, ValueError, MemoryError):
        return {}


def _content(path: Path, most: int) -> bytes:
    """Return what is in a file of at most so many bytes; none is written that has more than a memory may have."""
    return real_files.read_bytes(path, most)


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder, in order; nothing where it is none, or a link."""
    try:
        return sorted(folder.iterdir()) if not folder.is_symlink() else []
    except OSError:
        return []
