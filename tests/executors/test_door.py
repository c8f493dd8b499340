"""The door of a driver, at which strangers knock too: none of them ends a run or keeps its agents out."""

from __future__ import annotations

import json
import os
import pickle
import socket
import struct
import threading
import time
from contextlib import suppress

import pytest
from whole_runs import parcel

from posecfg.errors import ConfigError
from posecfg.executors.remote import about, door, frames, shared_folder, wire
from posecfg.executors.remote.door import Door

CLIPS = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=3", "dataset.size=[32,24]")


class Evil:
    def __reduce__(self):
        return os.abort, ()


SAID = {
    "nothing": b"",
    "garbage": bytes(range(256)),
    "half a frame": struct.pack("!i", 1000) + b"x",
    "a frame without end": struct.pack("!iQ", -1, 1 << 62),
    "code": struct.pack("!i", len(pickle.dumps(Evil()))) + pickle.dumps(Evil()),
    "deep JSON": struct.pack("!i", 60064) + b"x" * 64 + b"[" * 60000,
}


@pytest.fixture
def opened(tmp_path):
    """Return an open door, and those that it let in."""
    setup, _, _ = parcel(tmp_path, *CLIPS)
    came = []
    made = Door("127.0.0.1", came.append)
    made.crew.write(tmp_path / ".posecfg" / "crew.json")
    made.open(setup, {})
    yield made, came
    made.close()


@pytest.fixture
def ends():
    """Return what threads ended with."""
    found, before = [], threading.excepthook
    threading.excepthook = found.append
    yield found
    threading.excepthook = before


def knock(made):
    return socket.create_connection(("127.0.0.1", made.crew.port), 5)


def known(made, **values):
    """Show the key, and tell ``values``; return the connection."""
    line = wire.wire_of(knock(made))
    nonce = wire.introduce(line, made.crew.key, {**about.about_here(), **values})
    return line, nonce


def join(made):
    """Come in as an agent does."""
    line, nonce = known(made)
    given = wire.answered(line, made.crew.key, nonce)
    setup = pickle.loads(line.recv_bytes())
    lacks = shared_folder.show(setup.destination, given["number"], given["token"])
    line.send_bytes(frames.own(frames.HERE, lacks=lacks))
    return line


def wait_until(fact, seconds=10.0):
    end = time.monotonic() + seconds
    while not fact() and time.monotonic() < end:
        time.sleep(0.01)
    return fact()


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_a_stranger_is_heard_for_nothing_and_keeps_no_agent_out(opened, ends, said):
    made, came = opened
    with knock(made) as stranger:
        stranger.sendall(said)
        line = join(made)
        assert wait_until(lambda: came)
        wire.close(line)
    assert [guest.lacks for guest in came] == [""]
    assert ends == []


def test_strangers_take_no_more_than_their_number_of_descriptors(opened, monkeypatch, ends):
    monkeypatch.setattr(door, "MOST_STRANGERS", 4)
    monkeypatch.setattr(door, "STRANGER_SECONDS", 0.2)
    made, came = opened
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else None
    strangers = [knock(made) for _ in range(20)]
    line = join(made)
    assert wait_until(lambda: came)
    if before is not None:
        # 20 of ours, at most 4 of theirs, and the two ends of the agent.
        assert wait_until(lambda: len(os.listdir("/proc/self/fd")) <= before + 26)
    for stranger in strangers[:10]:
        with suppress(ConnectionError):
            stranger.settimeout(5)
            while stranger.recv(4096):
                pass
    for stranger in strangers:
        stranger.close()
    wire.close(line)
    assert ends == []


def test_an_agent_that_shows_the_key_in_time_is_never_sent_away(opened, monkeypatch):
    monkeypatch.setattr(door, "MOST_STRANGERS", 1)
    made, came = opened
    lines = []
    threads = [threading.Thread(target=lambda: lines.append(join(made))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wait_until(lambda: len(came) == 8)
    assert sorted(guest.number for guest in came) == [*range(1, 9)]
    for line in lines:
        wire.close(line)


@pytest.mark.parametrize("values", [{"pid": float("inf")}, {"pid": "x"}, {"host": None, "pid": []}])
def test_an_agent_that_tells_nonsense_is_not_let_in(opened, ends, values):
    made, came = opened
    line, _ = known(made, **values)
    with pytest.raises((EOFError, OSError)):
        line.recv_bytes()
    assert (came, ends) == ([], [])


def test_an_agent_whose_words_are_nested_without_end_is_not_let_in(opened, ends, monkeypatch):
    made, came = opened
    monkeypatch.setattr(wire, "json", type("deep", (), {"dumps": lambda _: "[" * 60000, "loads": json.loads}))
    line, _ = known(made)
    with pytest.raises((EOFError, OSError)):
        line.recv_bytes()
    assert (came, ends) == ([], [])


@pytest.mark.parametrize("address", ["name.invalid", "192.0.2.7"])
def test_an_address_that_is_not_of_this_machine_is_one_sentence(address):
    with pytest.raises(ConfigError, match=r"Expected executor\.address .* to be a name of this machine"):
        Door(address, lambda guest: None)
