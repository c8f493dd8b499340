"""One row a clip in SQLite: the fast answer to "what is done"; it can be rebuilt from records at any time."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from posecfg.errors import OutputError
from posecfg.store import ledger_trouble
from posecfg.store.clip_record import ClipRecord, fit_facts, is_inside

COLUMNS = (
    "id TEXT PRIMARY KEY, status TEXT, reason TEXT, identity TEXT, attempt INTEGER, seconds REAL, frames INTEGER, "
    "input TEXT, sidecar TEXT, files TEXT, writers TEXT, facts TEXT, warnings TEXT, at REAL"
)
log = logging.getLogger("posecfg.ledger")
STATUSES = ("done", "skipped", "failed")
UNREADABLE = (sqlite3.DatabaseError, ValueError, TypeError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Row:
    """What is known of one clip; ``input`` and ``sidecar`` are (size, mtime_ns), ``files`` (name, size, mtime_ns).

    A clip that was skipped before it was finished has no ``writers``; one whose writers had nothing to write has them.
    """

    id: str
    status: str
    reason: str = ""
    identity: str = ""
    attempt: int = 1
    seconds: float = 0.0
    frames: int = 0
    input: tuple[int, int] | None = None
    sidecar: tuple[int, int] | None = None
    files: tuple[tuple[str, int, int], ...] = ()
    writers: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    at: float = 0.0


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
        input=(record.input.bytes, record.input.mtime_ns),
        sidecar=stamp,
        files=tuple((file.name, file.bytes, file.mtime_ns) for file in record.files),
        writers={name: writer.identity for name, writer in record.writers.items()},
        facts=dict(record.facts),
        warnings=record.warnings,
        at=record.at,
    )


class Damaged(sqlite3.DatabaseError):
    """The file is a database, but not a ledger of ours, or not a sound one."""


class Ledger:
    """The ledger of one run or shard; only the parent process opens it for writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rebuilt = False
        self.locked = False
        self._waiting: list[tuple[Any, ...]] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._db = self._open()
            except sqlite3.OperationalError as error:
                if not ledger_trouble.is_locked(error):
                    raise
                self._go_without()
            except sqlite3.DatabaseError:
                self._set_aside()
                self._db = self._open()
        except (OSError, sqlite3.Error) as error:
            raise ledger_trouble.unopened(path, error) from error

    def _go_without(self) -> None:
        """Keep rows in memory where another program does not let go of the file: records hold all that matters."""
        self._note_lock()
        self._db = self._open(":memory:")

    def _note_lock(self) -> None:
        if not self.locked:
            log.warning(ledger_trouble.locked(self.path))
        self.locked = True

    def _open(self, where: str = "") -> sqlite3.Connection:
        db = sqlite3.connect(where or self.path, isolation_level=None, timeout=ledger_trouble.PATIENCE)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(f"CREATE TABLE IF NOT EXISTS clips ({COLUMNS})")
            if tuple(row[1] for row in db.execute("PRAGMA table_info(clips)")) != NAMES:
                raise Damaged("it has other columns")
            if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise Damaged("its check failed")
        except BaseException:
            db.close()
            raise
        return db

    def _set_aside(self) -> None:
        """Keep a damaged ledger beside the new one; records hold all that matters."""
        self.rebuilt = True
        stamp = time.strftime("%Y%m%d-%H%M%S")
        for suffix in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(part.with_name(f"{part.name}.damaged-{stamp}"))

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows in one transaction."""
        self._waiting += [_pack(row) for row in rows]
        if not self._waiting:
            return
        marks = ",".join("?" * len(NAMES))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(f"INSERT OR REPLACE INTO clips VALUES ({marks})", self._waiting)
            self._db.execute("COMMIT")
            self._waiting.clear()
        except sqlite3.Error as error:
            if ledger_trouble.is_locked(error):
                # Tried again with the next row, without another wait.
                self._note_lock()
                self._db.execute("PRAGMA busy_timeout=0")
                return
            self._waiting.clear()
            raise OutputError(f"The ledger '{self.path}' cannot be written ({error}): free some disk space.") from error

    def rows(self) -> dict[str, Row]:
        """Return all rows by clip id; a table that cannot be read is set aside and begun anew."""
        try:
            return {row.id: row for row in map(_unpack, self._db.execute("SELECT * FROM clips"))}
        except UNREADABLE as error:
            self._db.close()
            if ledger_trouble.is_locked(error):
                self._go_without()
                return {}
            if isinstance(error, sqlite3.OperationalError) and "decode" not in str(error):
                raise OutputError(
                    f"The ledger '{self.path}' cannot be read ({error}): type the command again."
                ) from error
            self._set_aside()
            self._db = self._open()
            return {}

    def close(self) -> None:
        """Write what waits, and close the file; SQLite folds its write-ahead log back."""
        self.put(())
        self._db.close()


def read(path: Path) -> dict[str, Row]:
    """Return the rows of a ledger that another process may be writing; a damaged one has none. Nothing is written."""
    for _ in range(2):
        if not path.exists():
            return {}
        # Without a write-ahead log the file is at rest; SQLite would make an empty one even for a reader.
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        try:
            db = sqlite3.connect(f"file:{_quote(path)}?{how}", uri=True)
            try:
                return {row.id: row for row in map(_unpack, db.execute("SELECT * FROM clips"))}
            finally:
                db.close()
        except UNREADABLE:
            continue
    return {}


def _quote(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _pack(row: Row) -> tuple[Any, ...]:
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


def _unpack(values: tuple[Any, ...]) -> Row:
    """Return the row behind ``values``; a ValueError or TypeError says that it is damaged."""
    clip_id, status, reason, identity, attempt, seconds, frames = values[:7]
    source, mark, files, writers, facts, warnings = (json.loads(value) for value in values[7:13])
    row = Row(
        id=clip_id,
        status=status,
        reason=reason,
        identity=identity,
        attempt=attempt + 0,
        seconds=seconds,
        frames=frames + 0,
        input=None if source is None else (source[0] + 0, source[1] + 0),
        sidecar=None if mark is None else (mark[0] + 0, mark[1] + 0),
        files=tuple((name, size + 0, stamp + 0) for name, size, stamp in files),
        writers=dict(writers),
        facts=facts,
        warnings=tuple(warnings),
        at=values[13] + 0,
    )
    if status not in STATUSES or not isinstance(clip_id, str) or not fit_facts(facts):
        raise ValueError(f"a row that was never written: {clip_id!r}")
    if not all(is_inside(name) for name, _, _ in row.files):
        raise ValueError(f"a file outside the output folder: {clip_id!r}")
    return row
