"""Runs that see one disk through two mounts, where neither sees the locks of the other."""

import signal
import time

import pytest
from mounts import heard, started, two_mounts
from whole_runs import go, leftovers, published

from posecfg.store import file_systems, ledger

pytestmark = pytest.mark.deep

CLIPS = ("dataset=synthetic", "dataset.clips=6", "dataset.frames=2", "dataset.size=[32,24]")
FIRST = "synthetic_0000"


@pytest.fixture
def places(tmp_path):
    with two_mounts(tmp_path) as found:
        yield found


def go_on(process):
    out, _ = process.communicate("\n", timeout=60)
    return out


def first_of(shard):
    """Return the first clip of a shard."""
    from posecfg.runs.scope import _shard

    return next(f"synthetic_{n:04d}" for n in range(6) if _shard(f"synthetic_{n:04d}", 2) == shard - 1)


def test_a_shard_that_starts_leaves_what_another_is_writing_alone(places):
    one = started(places[0] / "out", *CLIPS, "shard=1/2", waits=first_of(1))
    heard(one, "started")
    tmp = places[1] / "out" / ".posecfg" / "tmp-1of2" / "in flight"
    tmp.mkdir(parents=True)
    (tmp / "1.part").write_text("half")
    two = started(places[1] / "out", *CLIPS, "shard=2/2")
    assert "ended 0" in go_on(two)
    assert (tmp / "1.part").read_text() == "half"
    assert "ended 0" in go_on(one)
    go(places[0] / "clean", *CLIPS)
    assert published(places[0] / "out") == published(places[0] / "clean")


def test_a_second_run_is_refused_and_told_by_whom(places):
    one = started(places[0] / "out", *CLIPS, waits=FIRST, expiry=30.0)
    heard(one, "started")
    two = started(places[1] / "out", *CLIPS, "shard=1/2")
    assert f"refused '{places[1] / 'out'}' is in use by process {one.pid} on" in go_on(two)
    assert "ended 0" in go_on(one)


def test_a_run_that_was_frozen_until_another_took_its_place_publishes_nothing_more(places):
    one = started(places[0] / "out", *CLIPS, waits=FIRST)
    heard(one, f"started {FIRST}")
    one.send_signal(signal.SIGSTOP)
    two = started(places[1] / "out", *CLIPS, waits="synthetic_0003")
    assert "Waiting for a sign of process" in heard(two, "said")
    heard(two, "started synthetic_0003")
    before = published(places[1] / "out")
    one.send_signal(signal.SIGCONT)
    assert "ended 1 Another run took" in go_on(one)
    assert published(places[1] / "out") == before
    assert "ended 0" in go_on(two)
    go(places[0] / "clean", *CLIPS)
    assert published(places[0] / "out") == published(places[0] / "clean")
    assert leftovers(places[0] / "out") == []


def test_no_memory_is_shared_on_what_a_program_mounts(places):
    assert file_systems.is_shared(places[0])
    assert not file_systems.is_local(places[0])
    one = started(places[0] / "out", *CLIPS, waits="synthetic_0003")
    heard(one, "started synthetic_0003")
    home = places[1] / "out" / ".posecfg"
    assert not [path.name for path in home.iterdir() if path.name.endswith(("-wal", "-shm"))]
    assert len(ledger.read(home / "ledger.db")) >= 2
    assert "ended 0" in go_on(one)
    assert len(ledger.read(home / "ledger.db")) == 6


def test_a_restart_after_a_kill_waits_for_nothing(places):
    one = started(places[0] / "out", *CLIPS, waits=FIRST, expiry=60.0)
    heard(one, "started")
    one.kill()
    one.communicate()
    began = time.monotonic()
    two = started(places[1] / "out", *CLIPS, expiry=60.0)
    assert "ended 0" in go_on(two)
    assert time.monotonic() - began < 20
