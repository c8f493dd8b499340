"""A ledger that cannot be read or written: it is told why, and the next transaction is not hindered."""

import errno
import sqlite3
from contextlib import closing

import pytest
from disks import SickPlace
from whole_runs import go, published, sidecar_of

from posecfg.errors import OutputError
from posecfg.store import ledger, record_files
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row

CLIP = "synthetic_0001"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "sub" / "ledger.db"
    with closing(Ledger(path)) as book:
        book.put([Row("a", "done")])
    return path


@pytest.mark.parametrize("odd", [{"seconds": 10**30}, {"attempt": 2**70}, {"id": ["a"]}])
def test_a_row_that_cannot_be_written_is_told_and_hinders_no_later_one(path, odd):
    with closing(Ledger(path)) as book:
        with pytest.raises(OutputError, match="cannot be written") as caught:
            book.put([Row("b", "done"), Row(**{"id": "c", "status": "done"} | odd)])
        assert "disk" not in str(caught.value)
        book.put([Row("d", "done")])
        assert set(book.rows()) == {"a", "d"}


def test_a_stop_in_the_middle_of_writing_leaves_no_transaction(path):
    class Interrupted:
        def __init__(self, db):
            self._db = db

        def executemany(self, *args):
            raise KeyboardInterrupt

        def __getattr__(self, name):
            return getattr(self._db, name)

    with closing(Ledger(path)) as book:
        good = book._db
        book._db = Interrupted(good)
        with pytest.raises(KeyboardInterrupt):
            book.put([Row("b", "done")])
        book._db = good
        book.put([Row("c", "done")])
    assert set(ledger.read(path)) == {"a", "c"}


def test_room_on_the_disk_is_advised_only_where_it_is_full(path):
    with closing(Ledger(path)) as book:
        pages = book._db.execute("PRAGMA page_count").fetchone()[0]
        book._db.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(OutputError, match="is full: free some space"):
            book.put([Row(f"clip {number}", "done", "x" * 500) for number in range(100)])
        book._db.execute("PRAGMA max_page_count=1000000")
        book._db.execute("PRAGMA query_only=1")
        with pytest.raises(OutputError, match="cannot be written") as caught:
            book.put([Row("b", "done")])
        assert "free some" not in str(caught.value)
        book._db.execute("PRAGMA query_only=0")


@pytest.mark.parametrize("harm", [{"seconds": 10**30}, {"at": 10**30}, {"seconds": 1e300}])
def test_a_record_with_a_number_that_no_ledger_holds_is_damaged(tmp_path, harm):
    assert go(tmp_path).exit_code == 0
    before = published(tmp_path)
    place = record_files.place(tmp_path, "clips", CLIP)
    place.write_bytes(record_files.encode(sidecar_of(tmp_path, CLIP) | harm))
    again = go(tmp_path)
    assert (again.exit_code, again.why) == (0, {"record is damaged": 1})
    assert published(tmp_path) == before
    assert go(tmp_path).todo == {}


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_NOMEM])
def test_a_ledger_that_the_machine_cannot_read_is_not_an_empty_one(path, monkeypatch, code):
    class Failing:
        def execute(self, *args):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = code
            raise error

        def close(self):
            pass

    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kwargs: Failing())
    with pytest.raises(OutputError, match=r"cannot be read .disk I/O error"):
        ledger.read(path)


def test_a_ledger_that_cannot_be_opened_for_want_of_descriptors_is_not_an_empty_one(path, monkeypatch):
    def connect(*args, **kwargs):
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(sqlite3, "connect", connect)
    assert ledger.read(path) == {}
    monkeypatch.setattr("pathlib.Path.open", SickPlace("ledger.db", errno.EMFILE)._failing(open))
    with pytest.raises(OutputError, match="cannot be read"):
        ledger.read(path)
