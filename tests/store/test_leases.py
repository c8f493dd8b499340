"""Leases: of processes that cannot see each other's locks, one works in a place, and a dead one is followed."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import replace

import pytest
from whole_runs import Spy, go, job_of, leftovers, published

import posecfg.store.process
from posecfg.errors import InUse, OutputError, TakenOver, Unsure
from posecfg.executors.protocol import Started
from posecfg.runs.run import run
from posecfg.runs.turns import in_turn
from posecfg.store import file_systems, lease, lease_keeper, lease_taking
from posecfg.store.lease import Lease
from posecfg.store.run_directory import RunDirectory

FAR = {"host": "node7", "machine": "another", "pid": 12, "born": "1", "expiry": 0.3}


@pytest.fixture(autouse=True)
def shared_disk(monkeypatch):
    """The disk is one of several machines, and time passes quickly."""
    monkeypatch.setattr(file_systems, "is_local", lambda folder: False)
    monkeypatch.setattr(lease, "EXPIRY", 0.3)
    monkeypatch.setattr(lease_keeper, "BEAT", 0.05)
    lease_taking._seen.clear()
    yield
    assert lease_keeper._held == {}


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".posecfg").mkdir()
    return tmp_path / ".posecfg"


def put(path, **facts):
    one = replace(Lease.own(), **{**FAR, **facts})
    path.write_bytes(one.encode())
    return one


def occupied(root, shard=None, thr=0.3):
    return RunDirectory(root, shard).occupy({"bbox_thr": thr}, {}, False)


def taken(path):
    """Take a lease as soon as the process that had it counts as dead."""
    while True:
        try:
            return lease_taking.take(path)
        except Unsure:
            time.sleep(0.02)


class Far:
    """A process of another machine that is alive."""

    def __init__(self, path, every=0.05):
        self.path, self.lease, self._every, self._end = path, put(path, expiry=30.0), every, threading.Event()
        self._thread = threading.Thread(target=self._live)
        self._thread.start()

    def _live(self):
        while not self._end.wait(self._every):
            self.lease = replace(self.lease, beat=self.lease.beat + 1)
            with self.path.open("r+b", 0) as stream:
                stream.write(self.lease.encode())

    def close(self):
        self._end.set()
        self._thread.join()


def test_a_lease_is_there_while_a_run_is_and_gone_with_it(home):
    path = lease.place(home, "")
    with occupied(home.parent):
        found = lease.read(path)
        assert (found.pid, found.token) == (os.getpid(), lease_keeper.token(home, ""))
        assert not found.is_gone
    assert lease.read(path) is None
    assert [name for name in os.listdir(home) if "lease" in name] == []


def test_its_file_keeps_its_length_whatever_the_beat():
    one = Lease.own()
    assert len({len(replace(one, beat=beat).encode()) for beat in (0, 7, 10**9)}) == 1
    assert lease.decode(replace(one, beat=7).encode()) == replace(one, beat=7)


def test_a_process_that_lives_is_seen_to_live(home):
    with occupied(home.parent):
        before = lease.read(lease.place(home, "")).beat
        time.sleep(0.3)
        assert lease.read(lease.place(home, "")).beat > before


def test_a_restart_after_a_kill_on_the_same_machine_waits_for_nothing(home, monkeypatch):
    monkeypatch.setattr(lease, "EXPIRY", 60.0)
    path = lease.place(home, "")
    code = f"from posecfg.store.lease import *; place(Path({str(home)!r}), '').write_bytes(Lease.own().encode())"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert lease.read(path).is_gone
    with occupied(home.parent):
        assert lease.read(path).pid == os.getpid()


def test_a_process_that_the_system_hides_is_not_taken_for_dead(home, monkeypatch):
    """It is there, but is another user's, of which /proc tells nothing."""
    monkeypatch.setattr(posecfg.store.process, "_stat", lambda pid: None)
    put(lease.place(home, ""), host=Lease.own().host, machine=Lease.own().machine, pid=os.getppid(), born="1")
    with pytest.raises(Unsure), occupied(home.parent):
        pass


def test_a_lease_that_this_process_lost_track_of_is_dead(home, monkeypatch):
    path = lease.place(home, "")
    path.write_bytes(replace(Lease.own(), expiry=60.0).encode())
    with occupied(home.parent):
        pass


def test_the_number_of_a_dead_process_that_another_has_now_is_no_sign_of_life(home):
    put(lease.place(home, ""), host=Lease.own().host, machine=Lease.own().machine, pid=os.getppid(), expiry=60.0)
    with occupied(home.parent):
        pass


def test_a_number_that_no_process_can_have_is_no_sign_of_life(home):
    put(lease.place(home, ""), host=Lease.own().host, machine=Lease.own().machine, pid=10**400, expiry=60.0)
    with occupied(home.parent):
        pass


def test_one_of_another_machine_that_is_silent_is_waited_for_and_followed(home):
    put(lease.place(home, ""))
    said, began = [], time.monotonic()
    with ExitStack() as held:
        assert in_turn(held, lambda: occupied(home.parent), said.append, 0.0) == 0
        assert time.monotonic() - began >= 0.3
    assert said == [
        "Waiting for a sign of process 12 on node7, which works in the same folder or was killed: without one, this "
        "run begins in 1 s."
    ]


def test_one_of_another_machine_that_lives_is_in_the_way(home):
    said = []
    with (
        closing(Far(lease.place(home, ""))) as far,
        ExitStack() as held,
        pytest.raises(InUse, match="in use by process 12 on node7: wait for it"),
    ):
        in_turn(held, lambda: occupied(home.parent), said.append, 0.0)
    assert lease.read(far.path).token == far.lease.token
    assert leftovers(home.parent) == []


def test_clocks_and_times_of_files_are_not_believed(home):
    path = lease.place(home, "")
    put(path)
    os.utime(path, (1, 1))
    with pytest.raises(Unsure), occupied(home.parent):
        pass
    os.utime(path, (2e9, 2e9))
    lease_keeper.drop(taken(path))


@pytest.mark.parametrize("content", [b"", b"\xff garbage", b"{}", b'{"schema": 1, "token": "../../x"}'])
def test_a_damaged_one_is_of_a_machine_that_may_live(home, content):
    path = lease.place(home, "")
    path.write_bytes(content)
    with pytest.raises(Unsure, match="another process, or was when that one was killed"), occupied(home.parent):
        pass
    path.write_bytes(content + b" ")
    with pytest.raises(InUse, match="in use by another process: wait"), occupied(home.parent):
        pass
    assert path.read_bytes() == content + b" "


def test_a_damaged_one_on_a_disk_of_this_machine_is_what_a_loss_of_power_left(home, monkeypatch):
    monkeypatch.setattr(file_systems, "is_local", lambda folder: True)
    lease.place(home, "").write_bytes(b"")
    with occupied(home.parent):
        pass


def test_so_is_one_of_this_machine_before_it_was_started_again(home, monkeypatch):
    monkeypatch.setattr(file_systems, "is_local", lambda folder: True)
    put(lease.place(home, ""), host=Lease.own().host)
    with occupied(home.parent):
        pass


@pytest.mark.parametrize(("mine", "theirs"), [(None, "-1of2"), ("1/2", ""), ("1/2", "-2of3"), ("1/2", "-1of2")])
def test_a_run_and_the_shards_of_another_split_keep_out_of_each_others_way(home, mine, theirs):
    with (
        closing(Far(lease.place(home, theirs))) as far,
        ExitStack() as held,
        pytest.raises(OutputError, match="process 12 on node7"),
    ):
        in_turn(held, lambda: occupied(home.parent, mine), lambda text: None, 0.0)
    assert lease.read(far.path).token == far.lease.token


@pytest.mark.parametrize(("mine", "dead"), [(None, "-1of2"), ("1/2", ""), ("1/2", "-2of3")])
def test_what_a_dead_one_left_is_cleared_by_the_next(home, mine, dead):
    put(lease.place(home, dead))
    (home / f"tmp{dead}" / "x").mkdir(parents=True)
    (home / f"tmp{dead}" / "x" / "1.part").write_text("half")
    with ExitStack() as held:
        in_turn(held, lambda: occupied(home.parent, mine), lambda text: None, 0.0)
        assert leftovers(home.parent) == []
        assert lease.parts(home) == [f"-{mine.replace('/', 'of')}" if mine else ""]


def test_a_shard_of_the_same_split_is_not_touched_whether_it_lives_or_not(home):
    put(lease.place(home, "-2of2"), expiry=0.01)
    (home / "tmp-2of2" / "x").mkdir(parents=True)
    (home / "tmp-2of2" / "x" / "1.part").write_text("half")
    time.sleep(0.02)
    with occupied(home.parent, "1/2"):
        assert leftovers(home.parent) == ["1.part"]


def test_another_configuration_is_refused_only_once_the_other_shard_is_known_to_live(home):
    with occupied(home.parent, "1/2"):
        pass
    put(lease.place(home, "-2of2"))
    with pytest.raises(Unsure, match=r"shard 2/2 \(process 12 on node7\)"), occupied(home.parent, "1/2", 0.9):
        pass
    with ExitStack() as held:
        in_turn(held, lambda: occupied(home.parent, "1/2", 0.9), lambda text: None, 0.0)


@pytest.mark.parametrize("linked", [True, False])
def test_of_many_that_want_the_place_of_a_dead_one_one_gets_it(home, linked, monkeypatch):
    if not linked:
        monkeypatch.setattr(os, "link", no_links)
    path = lease.place(home, "")
    for _ in range(10):
        dead = put(path, expiry=0.01)
        lease_taking.silence(path, dead)
        time.sleep(0.02)
        start, won = threading.Barrier(8), []

        def want(start=start, won=won):
            start.wait()
            with suppress(InUse):
                won.append(lease_taking.take(path))

        threads = [threading.Thread(target=want) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [lease.read(path).token] == [one.token for one in won]
        assert os.listdir(home) == ["lease.json"]
        lease_taking.give_back(path, won[0])
        assert os.listdir(home) == []


def no_links(*paths, **named):
    raise OSError(errno.EPERM, "no links here")


def test_one_that_comes_too_late_takes_nothing(home):
    """It saw the dead one, slept, and goes on when another has its place."""
    path = lease.place(home, "")
    dead = put(path, expiry=0.01)
    winner, late = taken(path), Lease.own()
    with lease_taking._aside(path, late) as aside:
        assert not lease_taking._succeed(path, dead, late, aside)
    assert lease.read(path) == winner
    lease_taking.give_back(path, winner)
    assert os.listdir(home) == []


def test_one_that_died_while_it_took_over_is_followed_in_turn(home):
    path = lease.place(home, "")
    dead = put(path, expiry=0.01)
    put(path.with_name(f"lease.{dead.token}{lease_taking.CLAIM}"), expiry=0.01)
    lease_taking.give_back(path, taken(path))
    assert os.listdir(home) == []


def test_what_was_taken_over_is_not_given_back(home):
    path = lease.place(home, "")
    mine = lease_taking.take(path)
    theirs = put(path)
    lease_taking.give_back(path, mine)
    assert lease.read(path) == theirs


def test_an_answer_that_was_lost_is_no_lease_of_another(home, monkeypatch):
    real = os.link

    def twice(*paths, **named):
        real(*paths, **named)
        real(*paths, **named)

    monkeypatch.setattr(os, "link", twice)
    with occupied(home.parent):
        assert lease.parts(home) == [""]
    assert lease.parts(home) == []


def test_the_thread_that_beats_notices_that_a_lease_was_taken(home):
    path = lease.place(home, "")
    mine = lease_taking.take(path)
    lease_keeper.refuse_lost(home)
    put(path)
    until = time.monotonic() + 5
    while not lease_keeper._held[mine.token].lost and time.monotonic() < until:
        time.sleep(0.01)
    with pytest.raises(TakenOver, match=r"Another run took '.*' over \(process 12 on node7\)"):
        lease_keeper.refuse_lost(home)
    lease_taking.give_back(path, mine)
    assert lease.read(path).host == "node7"


def test_a_run_ends_as_soon_as_it_notices(tmp_path):
    out = tmp_path / "out"

    class Frozen(Spy):
        def event(self, event):
            super().event(event)
            if event.clip_id == "synthetic_0001" and isinstance(event, Started):
                put(lease.place(out / ".posecfg", ""))
                until = time.monotonic() + 5
                while not any(one.lost for one in lease_keeper._held.values()) and time.monotonic() < until:
                    time.sleep(0.01)

    screen = Frozen()
    assert run(job_of(out), screen).error.startswith("Another run took")
    assert [kind for kind, clip_id in screen.events if clip_id == "synthetic_0001"] == ["started"]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_that_slept_until_it_was_taken_for_dead_publishes_nothing_more(tmp_path, workers, monkeypatch):
    monkeypatch.setattr(lease_keeper, "BEAT", 1000.0)
    out = tmp_path / "out"

    class Frozen(Spy):
        def event(self, event):
            super().event(event)
            if event.clip_id == "synthetic_0001" and isinstance(event, Started):
                put(lease.place(out / ".posecfg", ""))
                (out / ".posecfg" / "intents").mkdir(exist_ok=True)
                (out / ".posecfg" / "intents" / "synthetic_0001.json").write_text("theirs")

    report = run(job_of(out, f"workers={workers}"), Frozen())
    assert report.exit_code == 1
    assert report.error.startswith(f"Another run took '{out}' over (process 12 on node7), as this one gave no sign")
    assert [name for name in published(out) if "0001" in name] == []
    assert (out / ".posecfg" / "intents" / "synthetic_0001.json").read_text() == "theirs"
    assert lease.read(lease.place(out / ".posecfg", "")).host == "node7"


def test_a_run_whose_lease_is_kept_makes_what_it_makes_without(tmp_path):
    assert go(tmp_path / "out").exit_code == 0
    assert lease.parts(tmp_path / "out" / ".posecfg") == []


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_locks_are_refused_leases_do(tmp_path, monkeypatch, code):
    def refuse(*args):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(fcntl, "lockf", refuse)
    monkeypatch.setattr(file_systems, "is_shared", lambda folder: True)
    out, again = tmp_path / "out", []

    class Second(Spy):
        def event(self, event):
            super().event(event)
            if not again:
                again.append(0)
                with pytest.raises(InUse, match=f"in use by process {os.getpid()} on"):
                    run(job_of(out, "shard=1/2"), Spy())
                again.append(1)

    screen = Second()
    report = run(job_of(out), screen)
    assert (report.exit_code, report.error, again, screen.said) == (0, None, [0, 1], [])
    for shard in ("1/2", "2/2"):
        assert go(tmp_path / "parts", f"shard={shard}").exit_code in (0, 3)
    assert published(tmp_path / "parts") == published(out)
    report = go(out, "workers=1", "redo=true")
    assert (report.exit_code, report.screen.said) == (0, [])


def test_locks_that_reach_one_machine_only_let_two_shards_work_side_by_side(tmp_path, monkeypatch):
    """The twin of two mounts, in one process: each takes the lock of the other for free."""
    monkeypatch.setattr(fcntl, "flock", lambda *args: None)
    with occupied(tmp_path, "1/2"):
        inside = tmp_path / ".posecfg" / "tmp-1of2" / "x"
        inside.mkdir(parents=True)
        with occupied(tmp_path, "2/2") as undone:
            assert (undone, inside.exists()) == (0, True)
            for other in (None, "1/3", "1/2"):
                with pytest.raises(OutputError, match=f"process {os.getpid()} on"), occupied(tmp_path, other):
                    pass
        with pytest.raises(InUse), occupied(tmp_path):
            pass
    with occupied(tmp_path):
        assert not inside.exists()
