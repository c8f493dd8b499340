"""The parts that a writer kept of finished clips, found by their records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from posecfg.errors import OutputError
from posecfg.layout import HOME, PARTS
from posecfg.store import record_files
from posecfg.store.file_record import FileRecord
from posecfg.store.replacing import Content


@dataclass(frozen=True)
class ClipPart:
    """The part of the clip ``id`` at ``path``, with the size and hash that its record has."""

    id: str
    path: Path
    content: Content

    def read(self) -> bytes:
        """Return the content; raise ``OutputError`` if it is not what was written."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error
        if (len(data), hashlib.sha256(data).hexdigest()) != self.content:
            raise self._lost("it is not what was written")
        return data

    def _lost(self, why: str) -> OutputError:
        return OutputError(
            f"'{self.path}', a part of files over all clips, cannot be read ({why}): type the command that made the "
            f"clip '{self.id}' once more."
        )


@dataclass(frozen=True)
class Parts:
    """The parts of clips that were made alike, sorted by id, and the number of clips that were made otherwise."""

    alike: tuple[ClipPart, ...]
    others: int = 0

    @property
    def digest(self) -> str:
        """The hash of what files over all clips are made of."""
        lines = (f"{part.id}\n{part.content[1]}" for part in self.alike)
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    @classmethod
    def of(cls, root: Path, writer: str, identity: str, settings: str) -> Parts:
        """Find the parts of ``writer`` with these ``settings`` for clips of this ``identity``, both hashes."""
        alike, others = [], 0
        for name, _ in record_files.walk(root):
            record = record_files.read(root / HOME / "clips" / name)
            made = record.writers.get(writer) if record is not None and record.status == "done" else None
            if record is None or made is None or not made.files:
                continue
            if (record.identity, made.identity) != (identity, settings):
                others += 1
                continue
            kept = (file for file in made.files if isinstance(file, FileRecord) and file.name.startswith(f"{PARTS}/"))
            alike += [ClipPart(record.id, root / file.name, (file.bytes, file.sha256)) for file in kept]
        return cls(tuple(sorted(alike, key=lambda part: part.id)), others)


def state(root: Path, identity: str, settings: str) -> str:
    """Return a hash that changes whenever a record of a clip is written or lost; no record is read for it."""
    return hashlib.sha256("\n".join((identity, settings, *_marks(root))).encode("utf-8", "surrogateescape")).hexdigest()


def _marks(root: Path) -> Iterator[str]:
    yield from (f"{name} {stamp.size} {stamp.mtime_ns}" for name, stamp in sorted(record_files.walk(root)))
