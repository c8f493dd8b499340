"""What the ledger knows of one clip, and how SQLite holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import index
from typing import Any

from posecfg.store.clip_facts import fit_facts
from posecfg.store.clip_record import UNKNOWN, ClipRecord
from posecfg.store.file_record import Entry, FolderRecord, is_inside
from posecfg.store.fingerprint import Stamp, stamp_of

COLUMNS = (
    "id TEXT PRIMARY KEY, status TEXT, reason TEXT, identity TEXT, attempt INTEGER, seconds REAL, frames INTEGER, "
    "input TEXT, sidecar TEXT, files TEXT, writers TEXT, facts TEXT, warnings TEXT, at REAL"
)
STATUSES = ("done", "skipped", "failed")
OutputStamp = tuple[str, int, int, int, int]
"""The name of a file and the numbers of its ``Stamp``.

Of a folder, whose name ends with a slash: its bytes, the number of its list, one that stands for the stamps of all its
files, and their count.
"""

Order = tuple[int, float]
"""Attempt and time of a row: machines count attempts alike, but their clocks may differ."""

MOST_ATTEMPTS = 1 << 40
"""No clip is tried so often; one more must still be a number of the database."""


@dataclass(frozen=True)
class Row:
    """What is known of one clip; ``sidecar`` is (size, mtime_ns), ``files`` are its record's entries with stamps.

    A clip that was skipped before it was finished has no ``writers``; one whose writers had nothing to write has them.
    """

    id: str
    status: str
    reason: str = ""
    identity: str = ""
    attempt: int = 1
    seconds: float = 0.0
    frames: int = 0
    input: Stamp | None = None
    sidecar: tuple[int, int] | None = None
    files: tuple[OutputStamp, ...] = ()
    writers: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    at: float = 0.0

    @property
    def order(self) -> Order:
        """Where the row stands among several of one clip."""
        return self.attempt, self.at


NAMES = tuple(f.name for f in fields(Row))
PACKED = frozenset({"input", "sidecar", "files", "writers", "facts", "warnings"})
_AS_PACKED = tuple(name in PACKED for name in NAMES)


def was_gated(facts: Mapping[str, Any]) -> bool:
    """Tell whether a clip that was skipped lay outside a gate, whose limits may change, or was dropped by policy."""
    return "duration" in facts


def from_record(record: ClipRecord, stamp: tuple[int, int]) -> Row:
    """Return the row that a clip's record stands for; ``stamp`` is size and time of the record's file."""
    return Row(
        id=record.id,
        status=record.status,
        reason=record.reason,
        identity=record.identity,
        attempt=record.attempt,
        seconds=record.seconds,
        frames=record.frames,
        input=stamp_of(record.input),
        sidecar=stamp,
        files=tuple(map(unseen, record.files)),
        writers={name: writer.identity for name, writer in record.writers.items()},
        facts=dict(record.facts),
        warnings=record.warnings,
        at=record.at,
    )


def unseen(file: Entry) -> OutputStamp:
    """Return what a record tells of an entry: the change time is not known, so that the content is looked at."""
    if isinstance(file, FolderRecord):
        return file.name, file.bytes, file.number, UNKNOWN, file.count
    return (file.name, *Stamp(file.bytes, file.mtime_ns))


def pack(row: Row) -> tuple[Any, ...]:
    """Return the values of a row as SQLite takes them; text that is no Unicode is escaped."""
    values = []
    for name, packed in zip(NAMES, _AS_PACKED, strict=True):
        value = getattr(row, name)
        if packed:
            value = json.dumps(value)
        elif isinstance(value, str):
            value = value.encode("utf-8", "backslashreplace").decode()
        values.append(value)
    return tuple(values)


def _file(name: str, size: int, mtime: int, ctime: int = UNKNOWN, inode: int = UNKNOWN) -> OutputStamp:
    """Return a name with a stamp; a TypeError says that these are no numbers."""
    if name.endswith("/"):
        mtime = index(mtime)
    return name, size + 0, mtime + 0, ctime + 0, inode + 0


def unpack(values: tuple[Any, ...]) -> Row:
    """Return the row behind ``values``; a ValueError or TypeError says that it is damaged."""
    clip_id, status, reason, identity, attempt, seconds, frames = values[:7]
    source, mark, files, writers, facts, warnings = (json.loads(value) for value in values[7:13])
    row = Row(
        id=clip_id,
        status=status,
        reason=reason,
        identity=identity,
        attempt=min(attempt + 0, MOST_ATTEMPTS),
        seconds=seconds + 0,
        frames=frames + 0,
        input=None if source is None else Stamp(*_file("", *source)[1:]),
        sidecar=None if mark is None else (mark[0] + 0, mark[1] + 0),
        files=tuple(_file(*file) for file in files),
        writers=dict(writers),
        facts=facts,
        warnings=tuple(warnings),
        at=values[13] + 0,
    )
    texts = (clip_id, reason, identity, *row.warnings, *row.writers, *row.writers.values())
    if status not in STATUSES or not all(isinstance(text, str) for text in texts) or not fit_facts(facts):
        raise ValueError(f"a row that was never written: {clip_id!r}")
    if not all(is_inside(name.removesuffix("/")) for name, *_ in row.files):
        raise ValueError(f"a file outside the output folder: {clip_id!r}")
    return row
