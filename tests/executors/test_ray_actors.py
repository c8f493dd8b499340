"""Actors of Ray, of a package that only keeps accounts: what is said of them, and what is lost with a node."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_ray import FakeRay, OutOfMemoryError, RayError

from posecfg.errors import ConfigError
from posecfg.executors.remote import ray_actors
from posecfg.executors.remote.ray_actors import RayActors
from posecfg.executors.remote.ray_agent import actor_class
from posecfg.executors.remote.ray_room import Room
from posecfg.executors.remote.starter import Call

NO_POSECFG = "python: Error while finding module specification for 'x' (ModuleNotFoundError: No module named 'posecfg')"


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Return a function that starts so many actors that ask for something on nodes that have something."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(ray_actors.time, "monotonic", lambda: clock.now)

    def started(count, asks, *nodes, used=None):
        ray = FakeRay(*nodes, used=used)
        actors = RayActors(ray, asks, Room(ray, asks))
        call = Call(("python", "-m", "agent"), tmp_path / "crew.json", "the text", {"PYTHONPATH": "/src"}, tmp_path)
        actors.start(call, count)
        return ray, actors, clock

    return started


def there(actor, host="node1"):
    actor.answers[0].value = host


def ends(actor, value):
    actor.answers[1].value = value


def test_an_actor_starts_an_agent_and_takes_its_share(start):
    ray, actors, _ = start(2, {"CPU": 2.0, "disk": 1.0}, {"CPU": 4.0, "disk": 2.0})
    assert (ray.options["num_cpus"], ray.options["num_gpus"], ray.options["resources"]) == (2.0, 0, {"disk": 1.0})
    assert (ray.options["max_restarts"], len(ray.actors)) == (0, 2)
    (first, _), (name, args) = ray.actors[1].called
    environment = {"PYTHONPATH": "/src", "POSECFG_TASK": "ray-2"}
    assert (first, name, args) == ("here", "run", (["-m", "agent", "-"], "the text", environment, "POSECFG_PARENT"))
    assert (actors.left(), actors.waiting(), actors.why("ray-1"), actors.engine) == (
        2,
        (),
        None,
        "Ray at head:6379",
    )


def test_a_cluster_without_room_is_said_after_a_while(start):
    ray, actors, clock = start(3, {"CPU": 2.0}, {"CPU": 2.0}, used={"CPU": 1})
    there(ray.actors[0])
    clock.now += 9
    assert actors.waiting() == ()
    clock.now += 2
    assert actors.waiting() == ("2 of 3 actors wait: the cluster has 1 CPU free of 2, each asks for 2 CPUs",)
    there(ray.actors[1])
    clock.now += 1
    assert actors.waiting()[0].startswith("1 of 3 actors waits: ")
    assert actors.left() == 3


def test_what_no_node_can_give_is_an_error(start):
    _, actors, clock = start(2, {"CPU": 4.0, "GPU": 1.0}, {"CPU": 2.0}, {"CPU": 1.0})
    assert actors.left() == 2
    clock.now += 11
    with pytest.raises(ConfigError, match=r"has the 4 CPUs and 1 GPU that each.*\(at most 2 CPUs and 0 GPUs\)"):
        actors.left()


def test_a_driver_whose_own_node_is_lost_does_not_wait_for_ever(start):
    ray, actors, clock = start(1, {"CPU": 1.0}, {"CPU": 2.0})
    ray.own = "dead"
    assert actors.left() == 1
    clock.now += 11
    with pytest.raises(ConfigError, match="this process belongs to is lost: start it again with 'ray start'"):
        actors.left()


def test_a_lost_node_blames_no_clip_and_another_actor_is_asked_for(start):
    ray, actors, clock = start(1, {"CPU": 1.0}, {"CPU": 2.0})
    there(ray.actors[0])
    ends(ray.actors[0], RayError("The actor died because its node has died."))
    end = actors.why("ray-1")
    assert (end.cause, end.blames, actors.left()) == ("Ray lost node1", False, 0)
    actors.replace("ray-1")
    clock.now += 1
    assert (ray.killed, len(ray.actors), actors.left(), actors.why("ray-2")) == ([ray.actors[0]], 2, 1, None)
    there(ray.actors[1], "node2")
    ends(ray.actors[1], RayError("unavailable"))
    assert actors.why("ray-2").cause == "Ray lost the actor on node2"


def test_an_actor_that_took_too_much_memory_blames_its_clip(start):
    ray, actors, _ = start(1, {"CPU": 1.0}, {"CPU": 2.0})
    there(ray.actors[0])
    ends(ray.actors[0], OutOfMemoryError("killed"))
    assert actors.why("ray-1").blames


def test_an_actor_that_is_lost_before_it_is_there_is_asked_for_again_a_few_times(start):
    ray, actors, clock = start(1, {"CPU": 1.0}, {"CPU": 2.0})
    for _ in range(6):
        there(ray.actors[-1], RayError("its node has died"))
        ends(ray.actors[-1], RayError("its node has died"))
        clock.now += 1
        actors.waiting()
    assert (len(ray.actors), actors.left()) == (1 + ray_actors.MOST_AGAIN, 0)


def test_a_node_without_posecfg_is_named(start):
    ray, actors, clock = start(2, {"CPU": 1.0}, {"CPU": 2.0})
    there(ray.actors[0], "bare")
    ends(ray.actors[0], (1, NO_POSECFG))
    clock.now += 1
    says = "node bare has no posecfg in the environment of its Ray: install the same version there"
    assert (actors.waiting(), actors.left()) == ((says,), 1)
    there(ray.actors[1], "bare")
    ends(ray.actors[1], (1, NO_POSECFG))
    clock.now += 1
    assert (actors.left(), actors.nothing_left()) == (0, f"N{says[1:]}.")


def test_the_end_kills_every_actor(start):
    ray, actors, _ = start(2, {"CPU": 1.0}, {"CPU": 2.0})
    actors.end()
    assert ray.killed == ray.actors


@pytest.fixture
def short_stay(monkeypatch):
    """Let an actor not end this process."""
    monkeypatch.setattr("threading.Timer", lambda *args: SimpleNamespace(start=lambda: None))


def test_an_actor_tells_how_its_agent_ended(short_stay):
    script = "import os, sys; print(sys.stdin.read(), os.environ['A'], os.environ['P']); sys.exit(5)"
    code, said = actor_class()().run(["-c", script], "the text", {"A": "b"}, "P")
    assert (code, said.split()) == (5, ["the", "text", "b", str(os.getpid())])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_threads_are_not_what_ray_thinks(short_stay, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    given = Path("/proc/self/environ").read_bytes()
    if b"OMP_NUM_THREADS" in given:
        pytest.skip("this process was started with OMP_NUM_THREADS")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    script = "import os; print(os.environ.get('OMP_NUM_THREADS'))"
    assert actor_class()().run(["-c", script], "", {}, "P")[1].strip() == "None"


PARENT = """
import os, subprocess, sys, time
script = '''
import time
from posecfg.store.worker_lock import end_with
end_with(%d)
print("on", flush=True)
time.sleep(60)
'''
child = subprocess.Popen([sys.executable, "-c", script % os.getpid()])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes a second")
def test_an_agent_ends_with_the_process_that_started_it():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert parent.stdout.readline() == "on\n"
        parent.kill()
    end = time.monotonic() + 5
    while time.monotonic() < end and _lives(child):
        time.sleep(0.01)
    assert not _lives(child)


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
