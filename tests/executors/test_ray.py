"""Actors of Ray, here of a package that only keeps accounts: what is said of a cluster, what is lost with a node."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from posecfg.errors import BackendMissing, ConfigError
from posecfg.executors.remote import ray_actors, ray_cluster
from posecfg.executors.remote.ray import Ray
from posecfg.executors.remote.ray_actors import RayActors
from posecfg.executors.remote.ray_agent import actor_class
from posecfg.executors.remote.ray_room import Room
from posecfg.executors.remote.starter import Call

NO_POSECFG = "python: Error while finding module specification for 'x' (ModuleNotFoundError: No module named 'posecfg')"


class RayError(Exception):
    pass


class OutOfMemoryError(RayError):
    pass


class Answer:
    """An answer of an actor that comes when a test says so."""

    def __init__(self):
        self.value = None

    def get(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class FakeRay:
    """Keeps accounts of actors; ``nodes`` are what each node has."""

    exceptions = SimpleNamespace(RayError=RayError, OutOfMemoryError=OutOfMemoryError)

    def __init__(self, *nodes, used=None):
        self._nodes, self.used, self.actors, self.killed = nodes, used or {}, [], []

    def nodes(self):
        return [{"Alive": True, "Resources": node} for node in self._nodes] + [{"Alive": False}]

    def cluster_resources(self):
        return {name: sum(node.get(name, 0) for node in self._nodes) for node in self._nodes for name in node}

    def available_resources(self):
        return {name: number - self.used.get(name, 0) for name, number in self.cluster_resources().items()}

    def get_runtime_context(self):
        return SimpleNamespace(gcs_address="head:6379")

    def remote(self, **options):
        self.options = options
        return lambda kind: SimpleNamespace(remote=self._actor)

    def _actor(self):
        actor = SimpleNamespace(answers=[], called=[])

        def method(name):
            def call(*args):
                actor.called.append((name, args))
                actor.answers.append(Answer())
                return actor.answers[-1]

            return SimpleNamespace(remote=call)

        actor.run, actor.here = method("run"), method("here")
        self.actors.append(actor)
        return actor

    def wait(self, answers, num_returns=1, timeout=0, fetch_local=True):
        return [answer for answer in answers if answer.value is not None], []

    def get(self, answer):
        return answer.get()

    def kill(self, actor, no_restart):
        self.killed.append(actor)


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


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"workers": 0}, "executor.workers to be auto, or how many"),
        ({"timeout": 0}, "seconds above 0"),
        ({"silence": 5}, "20 seconds or more"),
        ({"cpus": -1}, "executor.cpus to be a number"),
        ({"gpus": 1.5}, "executor.gpus to be a whole number"),
        ({"resources": {"disk": "much"}}, "executor.resources.disk to be a number"),
        ({"resources": {"GPU": 1}}, "executor.gpus="),
        ({"workers": "auto", "cpus": 0}, "executor.cpus=1"),
        ({"address": "ray://head:10001"}, "is for clients: start posecfg on a machine"),
    ],
)
def test_what_could_never_be_right_is_refused_without_ray(values, says):
    with pytest.raises(ConfigError, match=says):
        Ray(**values)


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BackendMissing, match=r"posecfg\[ray\]"), Ray().prepare({}):
        pass


@contextmanager
def connectable(monkeypatch, initialized):
    calls = []
    client = SimpleNamespace(ray=SimpleNamespace(is_connected=lambda: False))
    ray = SimpleNamespace(
        is_initialized=lambda: initialized,
        util=SimpleNamespace(client=client),
        _private=SimpleNamespace(worker=SimpleNamespace(_worker_logs_enabled=True)),
        init=lambda **values: calls.append(values),
        shutdown=lambda: calls.append("shutdown"),
    )
    monkeypatch.setattr(ray_cluster.backends, "require", lambda *names: ray)
    yield calls


def test_a_cluster_that_is_not_there_is_said_at_once(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with connectable(monkeypatch, False) as calls:
        says = "type 'ray start --head', or executor.address=local"
        with pytest.raises(ConfigError, match=says), ray_cluster.joined(f"127.0.0.1:{port}"):
            pass
        with pytest.raises(ConfigError, match=r"auto, local or HOST:PORT"), ray_cluster.joined("cluster"):
            pass
        monkeypatch.setenv("RAY_ADDRESS", "ray://head:1")
        with pytest.raises(ConfigError, match="is for clients"), ray_cluster.joined("auto"):
            pass
    assert calls == []


def test_a_connection_ends_where_it_began(monkeypatch):
    handler = signal.getsignal(signal.SIGTERM)
    with connectable(monkeypatch, False) as calls, ray_cluster.joined("local"):
        assert (calls[0]["address"], calls[0]["include_dashboard"], len(calls)) == ("local", False, 1)
    assert calls[1:] == ["shutdown"]
    with connectable(monkeypatch, True) as calls, ray_cluster.joined("local"):
        pass
    assert calls == []
    assert signal.getsignal(signal.SIGTERM) is handler


def test_room_is_counted_on_each_node():
    two = {"CPU": 2.0, "GPU": 1.0}
    assert Room(FakeRay(two, two, {"CPU": 1.0}), {"CPU": 2.0}).free() == 2
    assert Room(FakeRay(two, two), {"CPU": 1.0, "GPU": 0.5}).free() == 4
    assert Room(FakeRay(two, two, used={"CPU": 3}), {"CPU": 1.0}).free() == 1
    assert Room(FakeRay(two), {"CPU": 1.0, "tpu": 1.0}).free() == 0
    assert Room(FakeRay(two), {"tpu": 1.0}).never()
    assert not Room(FakeRay(two, used=two), {"GPU": 1.0}).never()


def test_an_actor_starts_an_agent_and_takes_its_share(start):
    ray, actors, _ = start(2, {"CPU": 2.0, "disk": 1.0}, {"CPU": 4.0, "disk": 2.0})
    assert (ray.options["num_cpus"], ray.options["num_gpus"], ray.options["resources"]) == (2.0, 0, {"disk": 1.0})
    assert (ray.options["max_restarts"], len(ray.actors)) == (0, 2)
    (first, _), (name, args) = ray.actors[1].called
    environment = {"PYTHONPATH": "/src", "POSECFG_TASK": "ray-2"}
    assert (first, name, args) == ("here", "run", (["-m", "agent", "-"], "the text", environment, "POSECFG_PARENT"))
    assert (actors.left(), actors.waiting(), actors.why("ray-1"), actors.engine) == (2, (), None, "ray at head:6379")


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
    says = "posecfg is not installed on bare in the environment of Ray there: install the same version"
    assert (actors.waiting(), actors.left()) == ((says,), 1)
    there(ray.actors[1], "bare")
    ends(ray.actors[1], (1, NO_POSECFG))
    clock.now += 1
    assert (actors.left(), actors.nothing_left()) == (0, f"P{says[1:]}.")


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
