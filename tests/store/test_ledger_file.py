"""The ledger on disks of several machines: no shared memory, and no locks where there are none."""

import errno
import fcntl
import os
import sqlite3
import threading
from contextlib import closing

import pytest
from whole_runs import go, published

from posecfg.store import file_systems, ledger, ledger_file
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row

pytestmark = pytest.mark.deep


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sub #1?" / "ledger.db"


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.setattr(file_systems, "is_shared", lambda folder: True)


def mode(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA journal_mode").fetchone()[0]


def beside(path):
    return sorted(one.name for one in path.parent.iterdir())


def filled(path, *ids):
    with closing(Ledger(path)) as book:
        book.put([Row(name, "done") for name in ids])


def test_a_disk_of_this_machine_has_a_write_ahead_log(path):
    with closing(Ledger(path)) as book:
        book.put([Row("a", "done")])
        assert "ledger.db-wal" in beside(path)
    assert mode(path) == "wal"


@pytest.mark.usefixtures("shared")
def test_a_shared_one_has_none_and_its_rows_are_read_while_it_is_written(path):
    with closing(Ledger(path)) as book:
        book.put([Row("a", "done")])
        assert set(ledger.read(path)) == {"a"}
        book.put([Row("b", "done")])
        assert set(ledger.read(path)) == {"a", "b"}
        assert set(beside(path)) <= {"ledger.db", "ledger.db-journal"}
    assert mode(path) == "delete"


def test_a_log_that_was_left_is_folded_back_where_no_memory_is_shared(path, monkeypatch):
    first = Ledger(path)
    first.put([Row("a", "done")])
    log = path.with_name("ledger.db-wal").read_bytes()
    whole = path.read_bytes()
    first.close()
    path.write_bytes(whole)
    path.with_name("ledger.db-wal").write_bytes(log)
    monkeypatch.setattr(file_systems, "is_shared", lambda folder: True)
    assert set(ledger.read(path)) == {"a"}
    assert beside(path) == ["ledger.db", "ledger.db-wal"]
    with closing(Ledger(path)) as book:
        assert set(book.rows()) == {"a"}
        assert not book.rebuilt
    assert mode(path) == "delete"
    assert beside(path) == ["ledger.db", "ledger.db-journal"]


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
@pytest.mark.usefixtures("shared")
def test_where_locks_are_refused_none_is_asked_for(path, monkeypatch, code):
    def refuse(*args):
        raise OSError(code, os.strerror(code))

    asked, connect = [], sqlite3.connect
    monkeypatch.setattr(fcntl, "lockf", refuse)
    monkeypatch.setattr(sqlite3, "connect", lambda name, **named: asked.append(name) or connect(name, **named))
    filled(path, "a")
    assert asked == [f"{ledger_file.uri(path)}?nolock=1"]
    assert set(ledger.read(path)) == {"a"}


@pytest.mark.parametrize("how", ["raises", "answers another"])
def test_a_log_that_is_refused_is_done_without(path, monkeypatch, how):
    class Refusing(sqlite3.Connection):
        def execute(self, text, *values):
            if text != "PRAGMA journal_mode=WAL":
                return super().execute(text, *values)
            if how == "raises":
                raise sqlite3.OperationalError("disk I/O error")
            return super().execute("PRAGMA journal_mode=DELETE")

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **named: connect(*args, **named, factory=Refusing))
    filled(path, "a")
    assert set(ledger.read(path)) == {"a"}
    assert set(beside(path)) <= {"ledger.db", "ledger.db-journal"}


@pytest.mark.usefixtures("shared")
def test_what_is_written_while_it_is_read_is_never_read_in_part(path):
    filled(path, "a")
    end = threading.Event()

    def write():
        with closing(Ledger(path)) as book:
            count = 0
            while not end.wait(0.002):
                count += 1
                book.put([Row(f"{name}{count % 20}", "done", f"{count}".zfill(3000)) for name in "cd"])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(200):
            rows = ledger.read(path)
            assert [row.reason for name, row in rows.items() if name[0] == "d"] == [
                rows[f"c{name[1:]}"].reason for name in rows if name[0] == "d"
            ]
    finally:
        end.set()
        thread.join()


@pytest.mark.usefixtures("shared")
def test_a_transaction_that_a_kill_left_half_written_is_rolled_back_by_the_next_run(path, monkeypatch):
    monkeypatch.setattr(ledger_file, "PAUSE", 0.0)
    filled(path, "a")
    book = Ledger(path)
    book._db.execute("PRAGMA cache_spill=1")
    book._db.execute("PRAGMA cache_size=1")
    book._db.execute("BEGIN IMMEDIATE")
    for number in range(200):
        book._db.execute("INSERT INTO clips (id, reason) VALUES (?, ?)", (f"c{number}", "x" * 4000))
    left = {name: path.with_name(name).read_bytes() for name in beside(path)}
    book._db.execute("ROLLBACK")
    book.close()
    for name, data in left.items():
        path.with_name(name).write_bytes(data)
    assert len(left["ledger.db-journal"]) > 0
    ledger.read(path)
    with closing(Ledger(path)) as book:
        assert set(book.rows()) == {"a"}


@pytest.mark.usefixtures("shared")
def test_a_run_is_done_and_resumed_there(tmp_path):
    assert go(tmp_path / "out", "limit=2").exit_code == 0
    report = go(tmp_path / "out")
    assert (report.already, len(report.todo), report.screen.said) == (2, 1, [])
    before = published(tmp_path / "out")
    os.unlink(tmp_path / "out" / ".posecfg" / "ledger.db")
    assert go(tmp_path / "out").already == 3
    assert published(tmp_path / "out") == before


def test_the_kind_of_a_file_system_is_told_where_the_system_tells(tmp_path):
    if not os.path.exists("/proc/self/mountinfo"):
        assert file_systems.kind(tmp_path) == ""
        pytest.skip("the system does not tell it")
    assert file_systems.kind("/proc") == "proc"
    assert not file_systems.is_shared("/proc")
    assert file_systems.kind(tmp_path / "missing") == ""


@pytest.mark.parametrize(
    ("kind", "local", "shared"),
    [
        ("ext4", True, False),
        ("fuseblk", True, False),
        ("nfs4", False, True),
        ("lustre", False, True),
        ("fuse.sshfs", False, True),
        ("unheard_of", False, False),
        ("", False, False),
    ],
)
def test_disks_are_of_this_machine_or_of_several(kind, local, shared, monkeypatch):
    monkeypatch.setattr(file_systems, "kind", lambda folder: kind)
    assert (file_systems.is_local("/x"), file_systems.is_shared("/x")) == (local, shared)
