"""One row a clip in SQLite: the fast answer to "what is done"; it can be rebuilt from records at any time."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from posecfg.errors import OutputError
from posecfg.store import ledger_file, ledger_trouble, real_files, told_row
from posecfg.store.absence import status
from posecfg.store.ledger_row import COLUMNS, NAMES, Order, Row, pack, unpack
from posecfg.store.told_row import Told

log = logging.getLogger("posecfg.ledger")
Value = TypeVar("Value")
Entry = TypeVar("Entry", Row, Told)
# Rows that are looked at together: more would not stay in the nearer memory of a processor.
_TOGETHER = 250
# The files that SQLite keeps beside a database; it follows links.
BESIDE = ("-wal", "-shm", "-journal")
UNREADABLE = (sqlite3.DatabaseError, ValueError, TypeError, LookupError, AttributeError, RecursionError)

# What Python raises for values that SQLite cannot hold; these are no errors of SQLite.
UNWRITABLE = (OverflowError, ValueError, TypeError)


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
            real_files.make_folder(path.parent)
            require_real(path)
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
        db = sqlite3.connect(where, isolation_level=None) if where else ledger_file.connect(self.path)
        try:
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
        for suffix in ("", *BESIDE):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(part.with_name(f"{part.name}.damaged-{stamp}"))

    def put(self, rows: Iterable[Row]) -> None:
        """Insert or replace rows in one transaction."""
        self._waiting += [pack(row) for row in rows]
        if not self._waiting:
            return
        marks = ",".join("?" * len(NAMES))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(f"INSERT OR REPLACE INTO clips VALUES ({marks})", self._waiting)
            self._db.execute("COMMIT")
            self._waiting.clear()
        except BaseException as error:
            self._roll_back()
            if ledger_trouble.is_locked(error):
                # Tried again with the next row, without another wait.
                self._note_lock()
                self._db.execute("PRAGMA busy_timeout=0")
                return
            self._waiting.clear()
            if isinstance(error, (sqlite3.Error, *UNWRITABLE)):
                raise ledger_trouble.unwritten(self.path, error) from error
            raise

    def _roll_back(self) -> None:
        """End a transaction that failed: SQLite begins no other one within it."""
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def rows(self) -> dict[str, Row]:
        """Return all rows by clip id; a table that cannot be read is set aside and begun anew."""
        try:
            return {row.id: row for row in map(unpack, self._db.execute("SELECT * FROM clips"))}
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
        try:
            self.put(())
        finally:
            self._db.close()


def read(path: Path) -> dict[str, Row]:
    """Return the rows of a ledger that another process may be writing; a damaged one has none. Nothing is written."""
    return {row.id: row for row in _select(path, "SELECT * FROM clips", lambda rows: map(unpack, rows))}


def told(path: Path) -> dict[str, Told]:
    """Return what a page is told of the clips in a ledger, as ``read`` does, in a third of the time."""
    return {one.id: one for one in _select(path, f"SELECT {told_row.WANTED} FROM clips", told_row.told)}


def outcomes(path: Path) -> dict[str, tuple[str, Order]]:
    """Return the status of each clip and the order of its row, as ``read`` does; of very many clips this is quick."""
    wanted = "SELECT id, status, attempt, at FROM clips"
    rows = _select(path, wanted, lambda rows: [(str(i), str(status), (int(n), float(at))) for i, status, n, at in rows])
    return {clip_id: (status, order) for clip_id, status, order in rows}


def latest(ledgers: Iterable[dict[str, Entry]]) -> dict[str, Entry]:
    """Return the entries of all ledgers of a directory by clip id; of several for one clip, the latest."""
    rows: dict[str, Entry] = {}
    for found in ledgers:
        if not rows:
            rows = found
            continue
        rows.update({i: row for i, row in found.items() if i not in rows or row.order >= rows[i].order})
    return rows


def _select(path: Path, wanted: str, take: Callable[[Sequence[tuple[Any, ...]]], Iterable[Value]]) -> list[Value]:
    """Return what ``take`` makes of the rows, of which it gets many at a time."""
    trouble: OutputError | None = None
    found: list[Value] = []
    failures = 0
    for look in range(ledger_file.LOOKS):
        require_real(path)
        if status(path) is None:
            return []
        before = ledger_file.at_rest(path)
        try:
            # A lock would make the writer wait: it is asked for only where there is no quiet moment.
            with ledger_file.reading(path, locks=2 * look >= ledger_file.LOOKS) as db:
                parts = iter(partial(db.execute(wanted).fetchmany, _TOGETHER), [])
                found, trouble, failures = [one for part in parts for one in take(part)], None, 0
        except UNREADABLE as error:
            failures, trouble = failures + 1, ledger_trouble.unread(path, error)
        # What was written meanwhile may have been read in part.
        if ledger_file.at_rest(path) == before and failures != 1:
            break
    if trouble is not None:
        raise trouble
    return found


def require_real(path: Path) -> None:
    """Refuse a ledger that is a link or no regular file, or has one beside it that SQLite would open."""
    for suffix in ("", *BESIDE):
        real_files.require_file(path.with_name(f"{path.name}{suffix}"), alone=True)
