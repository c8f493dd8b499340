"""Agents that know the key and say what makes no sense, or hang in the middle of a frame."""

from __future__ import annotations

import json
import os
import pickle
import socket
import time

import pytest
from whole_runs import parcel

from posecfg.executors.messages import Free
from posecfg.executors.remote import about, crew_file, frames, remote_worker, shared_folder, wire
from posecfg.executors.remote.door import Guest
from posecfg.executors.remote.remote_worker import RemoteWorker
from posecfg.executors.remote.remote_yard import RemoteYard

PASSED, OWN = frames.PASSED, frames.OWN
NONSENSE = {
    "a broken pickle": PASSED + b"garbage",
    "no message": PASSED + pickle.dumps({"a": 1}),
    "no JSON": OWN + b"{{{",
    "no word": OWN + b"{}",
    "deep JSON": OWN + b"[" * 100000,
    "nothing": b"",
    "a code that is none": frames.own(frames.DIED, code="x\x1b[31m"),
    "no code": frames.own(frames.DIED),
}


@pytest.fixture
def pair():
    """Return a worker as its driver sees it, and the connection of its agent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far = wire.wire_of(socket.create_connection(listener.getsockname()))
        near, _ = listener.accept()
    worker = RemoteWorker(Guest(wire.wire_of(near), "node1", 7, "task", 1), 60.0, lambda task: None)
    yield worker, far
    worker.close()
    wire.close(far)


def heard(worker, seconds=5.0):
    found, end = [], time.monotonic() + seconds
    while not found and worker.is_open and time.monotonic() < end:
        found += worker.messages()
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("frame", NONSENSE.values(), ids=NONSENSE)
def test_a_machine_that_says_nonsense_is_lost_and_blames_no_clip(pair, frame):
    worker, far = pair
    far.send_bytes(PASSED + pickle.dumps(Free("a")))
    far.send_bytes(frame)
    assert heard(worker) == [Free("a")]
    heard(worker)
    end = worker.end()
    assert end.cause == "node1 sent what is no message of posecfg"
    assert (end.blames, end.is_limit, worker.is_open) == (False, False, False)
    with pytest.raises((EOFError, OSError)):
        far.recv_bytes()


def test_a_frame_larger_than_any_is_not_waited_for(pair):
    worker, far = pair
    os.write(far.fileno(), b"\xff\xff\xff\xff\x3f" + b"\xff" * 7)
    assert heard(worker) == []
    assert not worker.is_open


def test_a_worker_that_never_stops_talking_leaves_time_for_others(pair, monkeypatch):
    monkeypatch.setattr(remote_worker, "MOST_AT_ONCE", 3)
    worker, far = pair
    for _ in range(5):
        far.send_bytes(PASSED + pickle.dumps(Free("a")))
    assert len(heard(worker)) == 3
    assert len(heard(worker)) == 2


def test_a_beat_waits_neither_for_a_full_line_nor_for_one_that_is_in_use_or_closed(pair):
    worker, far = pair
    with worker.guest.lock:
        worker.beat()
    worker.beat()
    assert frames.read(far.recv_bytes())[0] == frames.BEAT
    raw = socket.socket(fileno=os.dup(worker.line.fileno()))
    with raw:
        while remote_worker._is_free(worker.line):
            raw.send(b"x" * 65536, socket.MSG_DONTWAIT)
    began = time.monotonic()
    worker.beat()
    assert time.monotonic() - began < 5
    worker.close()
    worker.beat()


class Idle:
    """Starts no agents."""

    engine = "nothing"

    def start(self, call, count):
        pass

    def end(self):
        pass

    def why(self, task):
        return None


def test_agents_hear_of_a_driver_that_waits_for_something_else(tmp_path):
    setup, _, _ = parcel(tmp_path, "dataset=synthetic", "dataset.clips=1")
    yard = RemoteYard(Idle(), "127.0.0.1", silence=0.4)
    yard.open(setup, 1)
    place = crew_file.place_of(setup.destination)
    crew = json.loads(place.read_text())
    line = wire.reach(crew["hosts"], crew["port"])
    key = bytes.fromhex(crew["key"])
    given = wire.answered(line, key, wire.introduce(line, key, about.about_here()))
    setup = pickle.loads(line.recv_bytes())
    lacks = shared_folder.show(setup.destination, given["number"], given["token"])
    line.send_bytes(frames.own(frames.HERE, lacks=lacks))
    end = time.monotonic() + 10
    while not yard.joined() and time.monotonic() < end:
        time.sleep(0.01)
    # From here on, nothing of the yard is called.
    assert [frames.read(line.recv_bytes())[0] for _ in range(3)] == [frames.BEAT] * 3
    wire.close(line)
    yard.close()
    assert not place.exists()
