import json
import os
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from whole_runs import go, published

from posecfg.errors import OutputError
from posecfg.store import ledger, ledger_trouble
from posecfg.store.fingerprint import Stamp
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row

ROW = Row(
    "a/b",
    "done",
    "why",
    "abc",
    2,
    1.5,
    30,
    Stamp(10, 11, 12, 13),
    (12, 13),
    (("a/b.npy", 3, 4, 5, 6), ("a/b.csv", 5, 6, -1, -1)),
    {"npy": "x", "csv": "y"},
    {"duration": 3.0, "fps": None},
    ("a warning",),
    99.5,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sub" / "ledger.db"


def filled(path, *rows):
    with closing(Ledger(path)) as book:
        book.put(rows)


def test_rows_come_back_as_they_were_put(path):
    filled(path, ROW, Row("c", "failed"))
    assert ledger.read(path) == {"a/b": ROW, "c": Row("c", "failed")}
    filled(path, Row("c", "done"))
    with closing(Ledger(path)) as book:
        assert book.rows() == {"a/b": ROW, "c": Row("c", "done")}
        assert not book.rebuilt


def test_text_that_is_no_unicode_is_escaped(path):
    filled(path, Row("a", "failed", "no such file: '\udce9t\u00e9.mp4'\0"))
    assert ledger.read(path)["a"].reason == "no such file: '\\udce9t\u00e9.mp4'\0"


def test_reading_needs_no_file_and_writes_none(path, tmp_path):
    assert ledger.read(path) == {}
    assert list(tmp_path.iterdir()) == []
    filled(path, ROW)
    before = sorted((p.name, p.stat().st_mtime_ns) for p in path.parent.iterdir())
    assert ledger.read(path)
    assert sorted((p.name, p.stat().st_mtime_ns) for p in path.parent.iterdir()) == before


def test_a_reader_and_a_writer_do_not_disturb_each_other(path):
    with closing(Ledger(path)) as book:
        for number in range(50):
            book.put([Row(f"clip {number}", "done")])
            assert len(ledger.read(path)) == number + 1
    assert len(ledger.read(path)) == 50


def garbage(path):
    path.write_bytes(b"no database at all" * 500)


def torn(path):
    filled(path, *(Row(f"clip {i}", "done", "x" * 500) for i in range(200)))
    path.write_bytes(path.read_bytes()[:20_000])


def scrambled(path):
    filled(path, *(Row(f"clip {i}", "done", "x" * 500) for i in range(200)))
    data = bytearray(path.read_bytes())
    data[4096:20_000] = b"\x5a" * (20_000 - 4096)
    path.write_bytes(data)


def other_columns(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE clips (id TEXT, status TEXT)")
        db.execute("INSERT INTO clips VALUES ('a', 'done')")
        db.commit()


def spoiled(column, value):
    def spoil(path):
        filled(path, ROW)
        with closing(sqlite3.connect(path)) as db:
            db.execute(f"UPDATE clips SET {column} = ?", (value,))
            db.commit()

    return spoil


DAMAGE = {
    "garbage": lambda p: (p.parent.mkdir(), garbage(p)),
    "torn": torn,
    "scrambled": scrambled,
    "other columns": other_columns,
    "invalid JSON": spoiled("files", "[["),
    "files of another shape": spoiled("files", "[[1, 2]]"),
    "a file outside": spoiled("files", '[["../x", 1, 2]]'),
    "facts that are no facts": spoiled("facts", '{"fps": "fast"}'),
    "an empty stamp": spoiled("input", "[]"),
    "no JSON": spoiled("writers", None),
    "a status that there is not": spoiled("status", "perhaps"),
    "text that is no Unicode": spoiled("writers", b"\xff\xfe"),
    "an attempt that is no number": spoiled("attempt", "one"),
}


# A page reads no files, inputs and writers.
UNTOLD = frozenset({"invalid JSON", "files of another shape", "a file outside", "an empty stamp", "no JSON"})


@pytest.mark.parametrize("harm", DAMAGE)
def test_a_damaged_ledger_is_set_aside_and_begun_anew(path, harm):
    DAMAGE[harm](path)
    assert ledger.read(path) == {}
    assert ledger.told(path) == {} or harm in (*UNTOLD, "text that is no Unicode")
    with closing(Ledger(path)) as book:
        assert book.rows() == {}
        assert book.rebuilt
        book.put([ROW])
        assert book.rows() == {"a/b": ROW}
    assert [p for p in path.parent.iterdir() if ".damaged-" in p.name]


def test_a_ledger_that_is_only_busy_is_not_set_aside(path, monkeypatch):
    filled(path, ROW)

    class Busy:
        def execute(self, *args):
            raise sqlite3.OperationalError("database is locked")

        def close(self):
            pass

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *args, **kwargs: Busy())
        with pytest.raises(OutputError, match="locked"):
            Ledger(path)
    assert [p.name for p in path.parent.iterdir()] == ["ledger.db"]
    assert ledger.read(path) == {"a/b": ROW}


def test_a_ledger_that_cannot_be_written_is_one_sentence(path):
    with closing(Ledger(path)) as book:
        book._db.execute("PRAGMA query_only = 1")
        with pytest.raises(OutputError, match="cannot be written"):
            book.put([ROW])


@pytest.mark.parametrize("harm", ["garbage", "torn", "row"])
def test_a_run_goes_on_with_a_ledger_made_from_the_records(tmp_path, harm):
    go(tmp_path)
    before, path = published(tmp_path), tmp_path / ".posecfg" / "ledger.db"
    if harm == "garbage":
        garbage(path)
    elif harm == "torn":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        with closing(sqlite3.connect(path)) as db:
            db.execute("UPDATE clips SET files = 'x' WHERE id = 'synthetic_0001'")
            db.commit()
    report = go(tmp_path)
    assert (report.exit_code, report.already, report.todo) == (0, 3, {})
    assert any("rebuilt from 3 clip records" in text for text in report.screen.said)
    assert published(tmp_path) == before
    assert go(tmp_path).screen.said == []
    assert json.loads((tmp_path / ".posecfg" / "run.json").read_text())["schema"] == 1


@pytest.mark.parametrize(("blocks", "files", "free"), [(0, 0, 0), (9, 100, 2)])
def test_a_disk_without_room_for_the_ledger_is_called_full(path, monkeypatch, blocks, files, free):
    answer = SimpleNamespace(f_bavail=blocks, f_frsize=1 << 20, f_files=files, f_favail=free)
    monkeypatch.setattr(os, "statvfs", lambda place: answer)
    error = sqlite3.OperationalError("unable to open database file")
    assert "is full" in str(ledger_trouble.unopened(path, error))


@pytest.fixture
def hold(path, monkeypatch):
    """Return a function that holds the ledger as another program does, until the test ends."""
    monkeypatch.setattr(ledger_trouble, "PATIENCE", 0.05)
    others = []

    def lock(how):
        other = sqlite3.connect(path, isolation_level=None)
        others.append(other)
        other.execute(f"PRAGMA journal_mode={'WAL' if how == 'WAL' else 'DELETE'}")
        other.execute("BEGIN EXCLUSIVE")
        return other

    yield lock
    for other in others:
        other.close()


@pytest.mark.parametrize("how", ["WAL", "DELETE"])
def test_a_locked_ledger_is_done_without(path, hold, how, caplog):
    filled(path, ROW)
    hold(how)
    with closing(Ledger(path)) as book:
        # What a log in memory lacks is read from records.
        assert book.rows() in ({}, {"a/b": ROW})
        for number in range(3):
            book.put([Row(f"c{number}", "done")])
        assert book.locked
    assert [record.message for record in caplog.records] == [ledger_trouble.locked(path)]


def test_rows_that_waited_for_a_lock_are_written_with_the_next(path, hold):
    filled(path, ROW)
    with closing(Ledger(path)) as book:
        other = hold("WAL")
        book.put([Row("c", "done")])
        assert "c" not in ledger.read(path)
        other.execute("COMMIT")
        book.put([Row("d", "done")])
        assert set(ledger.read(path)) == {"a/b", "c", "d"}
        other.execute("BEGIN EXCLUSIVE")
        book.put([Row("e", "done")])
        other.execute("COMMIT")
    assert set(ledger.read(path)) == {"a/b", "c", "d", "e"}


def test_a_run_beside_a_locked_ledger_is_done_and_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr(ledger_trouble, "PATIENCE", 0.05)
    go(tmp_path, "limit=1")
    with closing(sqlite3.connect(tmp_path / ".posecfg" / "ledger.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        went = go(tmp_path)
        assert (went.exit_code, went.already, went.done) == (0, 1, 2)
        assert went.screen.said == [ledger_trouble.locked(tmp_path / ".posecfg" / "ledger.db")]
    again = go(tmp_path)
    assert (again.exit_code, again.already, again.done, again.screen.said) == (0, 3, 0, [])
    assert len(ledger.read(tmp_path / ".posecfg" / "ledger.db")) == 3


def test_a_clip_that_was_tried_more_often_than_can_be_counted_is_tried_again(tmp_path):
    go(tmp_path)
    with closing(sqlite3.connect(tmp_path / ".posecfg/ledger.db")) as db:
        db.execute("UPDATE clips SET attempt = ?", (2**63 - 1,))
        db.commit()
    assert go(tmp_path, "redo=true").done == 3
    assert go(tmp_path).already == 3
