"""Workers of other machines, here agents of this one: what is lost with them, and what may not be published."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from whole_runs import leftovers, parcel, published

from posecfg.errors import ConfigError
from posecfg.executors.protocol import Finished, Placed, Started, Warned
from posecfg.executors.remote import about, crew_file, frames, shared_folder, wire
from posecfg.executors.remote.hosts import Hosts

CLIPS = ("dataset=synthetic", "dataset.clips=5", "dataset.frames=3", "dataset.size=[32,24]", "writer=[npy,csv]")
BAD = "synthetic_0002"
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Return what one worker process publishes."""
    out = tmp_path_factory.mktemp("clean")
    list(work_off(out, Hosts(["localhost"], address="127.0.0.1")))
    return published(out)


def work_off(out, executor, *overrides, mended=None):
    """Let an executor work a job off, and yield its events."""
    setup, works, mend = parcel(out, *CLIPS, *overrides)

    def noted(clip_id, since):
        if mended is not None:
            mended.append(clip_id)
        return mend(clip_id, since)

    with executor.prepare(setup.config, len(works)):
        yield from executor.run(setup, works, noted)


def hosts(number=1, **values):
    return Hosts(["localhost"] * number, address="127.0.0.1", **values)


def pid_of(event):
    return int(event.where.rpartition(":")[2])


def family(pid):
    """Return a process and all below it."""
    found = [pid]
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found += family(int(path.name))
    return found


def is_alive(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until(fact, seconds=20.0):
    end = time.monotonic() + seconds
    while not fact() and time.monotonic() < end:
        time.sleep(0.05)
    return fact()


def outcomes(events):
    return {event.clip_id: event.outcome.row for event in events if isinstance(event, Finished)}


@pytest.mark.parametrize("what", ["agent", "worker and agent"])
def test_a_machine_that_is_lost_costs_no_clip(tmp_path, clean, what):
    struck, events = [], []
    for event in work_off(tmp_path, hosts(2), "detector.delay=0.05"):
        events.append(event)
        if isinstance(event, Started) and event.clip_id == BAD and not struck:
            struck = family(pid_of(event))
            for pid in struck if what == "worker and agent" else struck[:1]:
                os.kill(pid, signal.SIGKILL)
    assert {row.status for row in outcomes(events).values()} == {"done"}
    assert len(outcomes(events)) == 5
    assert published(tmp_path) == clean
    assert leftovers(tmp_path) == []
    assert not any(map(is_alive, struck))


def test_a_machine_that_freezes_is_given_up_and_publishes_nothing_when_it_thaws(tmp_path, clean):
    frozen, events, late = [], [], []
    for event in work_off(tmp_path, hosts(2, silence=2.0), "detector.delay=0.05"):
        events.append(event)
        if isinstance(event, Started) and event.clip_id == BAD and not frozen:
            frozen = family(pid_of(event))
            for pid in frozen:
                os.kill(pid, signal.SIGSTOP)
        elif isinstance(event, Finished) and event.clip_id == BAD:
            late.append(published(tmp_path))
            for pid in reversed(frozen):
                os.kill(pid, signal.SIGCONT)
    assert wait_until(lambda: not any(map(is_alive, frozen)))
    assert {row.status for row in outcomes(events).values()} == {"done"}
    assert published(tmp_path) == clean
    assert leftovers(tmp_path) == []
    assert [name for name in late[0] if BAD in name] == [f"{BAD}.csv", f"{BAD}.npy"]


def test_a_clip_that_hangs_costs_itself_only(tmp_path, clean):
    events = list(work_off(tmp_path, hosts(2, timeout=2.0), f"detector.crash='hang:{BAD}'"))
    failed = {name: row.reason for name, row in outcomes(events).items() if row.status == "failed"}
    assert failed == {BAD: "it took longer than 2 s (executor.timeout)"}
    assert published(tmp_path) == {name: data for name, data in clean.items() if BAD not in name}
    assert leftovers(tmp_path) == []


def test_agents_and_workers_end_with_a_driver_that_is_killed(tmp_path):
    words = [*("dataset=synthetic", "dataset.clips=4", "detector=synthetic", "detector.delay=5", "executor=hosts")]
    words += ["executor.hosts=[localhost,localhost]", "executor.address=127.0.0.1", f"output_dir={tmp_path / 'out'}"]
    run = Path(__file__).parents[2] / "run.py"
    driver = subprocess.Popen([sys.executable, str(run), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    crew = tmp_path / "out" / ".posecfg" / "crew.json"
    assert wait_until(crew.exists)
    assert stat.S_IMODE(crew.stat().st_mode) == 0o600
    assert wait_until(lambda: len(family(driver.pid)) >= 6), "two agents, each with a worker and what Python needs"
    known = family(driver.pid)
    driver.kill()
    driver.wait()
    assert wait_until(lambda: not any(map(is_alive, known)))


def test_a_folder_that_is_another_one_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_folder, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(shared_folder, "is_shown", lambda destination, number: False)
    with pytest.raises(ConfigError, match=r"is another folder there: name one that all machines share \(on "):
        list(work_off(tmp_path, hosts()))


def test_an_agent_of_another_version_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(about, "__version__", "0.0.1")
    with pytest.raises(ConfigError, match=r"it has posecfg .*, but this run is of posecfg 0\.0\.1: install the same"):
        list(work_off(tmp_path, hosts()))


def test_other_minor_versions_of_python_do_not_fit_and_patches_do():
    here = about.about_here()
    assert about.misfit(here) is None
    major, minor, patch = here["python"].split(".")
    assert about.misfit({**here, "python": f"{major}.{minor}.{patch}9"}) is None
    assert f"it has Python {major}.99.0" in about.misfit({**here, "python": f"{major}.99.0"})


def test_one_machine_that_cannot_work_is_told_and_the_others_go_on(tmp_path, clean, monkeypatch):
    shown = shared_folder.is_shown
    monkeypatch.setattr(shared_folder, "is_shown", lambda where, number: number != 1 and shown(where, number))
    events = list(work_off(tmp_path, hosts(2), "detector.delay=0.2"))
    assert published(tmp_path) == clean
    (told,) = [event.text for event in events if isinstance(event, Warned)]
    assert " works on no clip: " in told


def test_an_executable_that_is_not_there_is_told_with_its_log(tmp_path):
    with pytest.raises(ConfigError, match=r"No host is left \(localhost\): see .*agent-\*\.log"):
        list(work_off(tmp_path, Hosts(["localhost"], python="/nowhere/python", address="127.0.0.1")))


def test_a_host_that_cannot_be_reached_is_told_with_the_reason(tmp_path, clean, monkeypatch):
    ssh = tmp_path / "bin/ssh"
    ssh.parent.mkdir()
    ssh.write_text("#!/bin/sh\necho 'ssh: Could not resolve hostname far' >&2\nexit 255\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:/usr/bin:/bin")
    some = Hosts(["far", "localhost"], address="127.0.0.1")
    waiting = [event.waiting for event in work_off(tmp_path / "out", some) if isinstance(event, Placed)]
    assert ("far does not work: ssh: Could not resolve hostname far",) in waiting
    assert published(tmp_path / "out") == clean
    with pytest.raises(ConfigError, match=r"The last one said: ssh: Could not resolve hostname far$"):
        list(work_off(tmp_path / "other", Hosts(["far"], address="127.0.0.1")))
    ssh.unlink()
    monkeypatch.setenv("PATH", str(ssh.parent))
    with pytest.raises(ConfigError, match=r"^executor=hosts needs 'ssh', which is not here: install it"):
        list(work_off(tmp_path / "third", some))


def pair():
    one, other = socket.socketpair(socket.AF_UNIX)
    listener = socket.create_server(("127.0.0.1", 0))
    one.close()
    other.close()
    near = socket.create_connection(listener.getsockname())
    far, _ = listener.accept()
    listener.close()
    return wire.wire_of(near), wire.wire_of(far)


def test_an_agent_that_does_not_know_the_key_is_refused():
    near, far = pair()
    key, other_key = b"k" * 32, b"x" * 32
    thread = threading.Thread(target=lambda: wire.introduce(near, other_key, about.about_here()))
    thread.start()
    with pytest.raises(wire.Refused, match="does not know the key"):
        wire.welcome(far, key)
    thread.join()
    wire.close(near)
    wire.close(far)


def test_a_driver_that_does_not_know_the_key_is_refused():
    near, far = pair()

    def drive():
        _, nonce = wire.welcome(far, b"k" * 32)
        wire.answer(far, b"x" * 32, nonce, {"number": 1})

    thread = threading.Thread(target=drive)
    thread.start()
    nonce = wire.introduce(near, b"k" * 32, about.about_here())
    with pytest.raises(wire.Refused, match="does not know the key"):
        wire.answered(near, b"k" * 32, nonce)
    thread.join()


def test_a_word_is_read_as_it_was_sent():
    assert frames.read(frames.own(frames.DIED, code=-9)) == ("died", {"word": "died", "code": -9})


def test_the_key_is_read_by_no_other_user_and_is_not_shown(tmp_path):
    crew = crew_file.CrewFile(["node1"], 4321)
    place = tmp_path / ".posecfg" / "crew.json"
    crew.write(place)
    crew.write(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert json.loads(place.read_text())["key"] == crew.key.hex()
    assert crew.key.hex() not in repr(crew)
