"""One row a clip in SQLite: the fast answer to "what is done"; it can be rebuilt from sidecars at any time."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from posecfg.errors import OutputError

COLUMNS = (
    "id TEXT PRIMARY KEY, status TEXT, reason TEXT, identity TEXT, attempt INTEGER, seconds REAL, frames INTEGER, "
    "input TEXT, sidecar TEXT, files TEXT, writers TEXT, facts TEXT, warnings TEXT, at REAL"
)


@dataclass(frozen=True)
class Row:
    """What is known of one clip; ``input`` and ``sidecar`` are (size, mtime_ns), ``files`` (name, size, mtime_ns)."""

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


def from_sidecar(data: dict[str, Any], stamp: tuple[int, int]) -> Row:
    """Return the row that a sidecar stands for."""
    files = [f for w in data["writers"].values() for f in w["files"]]
    return Row(
        id=data["id"],
        status=data["status"],
        reason=data.get("reason", ""),
        identity=data["identity"],
        attempt=data.get("attempt", 1),
        seconds=data.get("seconds", 0.0),
        frames=data.get("frames", 0),
        input=(data["input"].get("bytes", -1), data["input"].get("mtime_ns", -1)),
        sidecar=stamp,
        files=tuple((f["name"], f["bytes"], f["mtime_ns"]) for f in files),
        writers={name: w.get("identity", "") for name, w in data["writers"].items()},
        facts=data["facts"],
        warnings=tuple(data.get("warnings", ())),
        at=data.get("at", 0.0),
    )


class Ledger:
    """The ledger of one run or shard; only the parent process opens it for writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rebuilt = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._db = self._open()
            except sqlite3.DatabaseError:
                self._set_aside()
                self._db = self._open()
        except (OSError, sqlite3.Error) as error:
            raise OutputError(f"'{path.parent}' cannot be written ({error}): choose another output_dir=.") from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(f"CREATE TABLE IF NOT EXISTS clips ({COLUMNS})")
            if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("damaged")
            db.execute("SELECT id, writers, at FROM clips LIMIT 1")
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _set_aside(self) -> None:
        """Keep a damaged ledger beside the new one; sidecars hold all that matters."""
        self.rebuilt = True
        stamp = time.strftime("%Y%m%d-%H%M%S")
        for suffix in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(part.with_name(f"{part.name}.damaged-{stamp}"))

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows in one transaction."""
        values = [_pack(row) for row in rows]
        if not values:
            return
        marks = ",".join("?" * len(values[0]))
        try:
            self._db.execute("BEGIN")
            self._db.executemany(f"INSERT OR REPLACE INTO clips VALUES ({marks})", values)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise OutputError(f"The ledger '{self.path}' cannot be written ({error}): free some disk space.") from error

    def rows(self) -> dict[str, Row]:
        """Return all rows by clip id; a table that cannot be read is set aside and begun anew."""
        try:
            return {row.id: row for row in map(_unpack, self._db.execute("SELECT * FROM clips"))}
        except (sqlite3.DatabaseError, ValueError, TypeError):
            self._db.close()
            self._set_aside()
            self._db = self._open()
            return {}

    def close(self) -> None:
        """Close the file; SQLite folds its write-ahead log back."""
        self._db.close()


def read(path: Path) -> dict[str, Row]:
    """Return the rows of a ledger that another process may be writing; a damaged one has none."""
    if not path.exists():
        return {}
    try:
        db = sqlite3.connect(f"file:{_quote(path)}?mode=ro", uri=True)
        try:
            return {row.id: row for row in map(_unpack, db.execute("SELECT * FROM clips"))}
        finally:
            db.close()
    except (sqlite3.Error, ValueError, TypeError):
        return {}


def _quote(path: Path) -> str:
    return str(path.resolve()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _pack(row: Row) -> tuple[Any, ...]:
    packed = (json.dumps(v) if isinstance(v, (dict, tuple)) else v for v in asdict(row).values())
    return tuple(packed)


def _unpack(values: tuple[Any, ...]) -> Row:
    clip_id, status, reason, identity, attempt, seconds, frames = values[:7]
    packed_input, sidecar, files, writers, facts, warnings, at = values[7:]
    return Row(
        id=clip_id,
        status=status,
        reason=reason,
        identity=identity,
        attempt=attempt,
        seconds=seconds,
        frames=frames,
        input=tuple(json.loads(packed_input)) if packed_input else None,
        sidecar=tuple(json.loads(sidecar)) if sidecar else None,
        files=tuple((n, s, m) for n, s, m in json.loads(files)),
        writers=json.loads(writers),
        facts=json.loads(facts),
        warnings=tuple(json.loads(warnings)),
        at=at,
    )
