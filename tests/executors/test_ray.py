"""Clips on a Ray cluster, without one: what is refused, how it is joined, and what it has room for."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from fake_ray import FakeRay

from posecfg.errors import BackendMissing, ConfigError
from posecfg.executors.remote import ray_cluster, ray_head
from posecfg.executors.remote.ray import Ray
from posecfg.executors.remote.ray_head import Head
from posecfg.executors.remote.ray_room import Room


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"workers": 0}, "executor.workers to be auto, or how many"),
        ({"timeout": 0}, "seconds above 0"),
        ({"silence": 4}, "5 seconds or more"),
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


def test_a_head_that_is_lost_for_a_while_ends_the_run(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(ray_head.time, "monotonic", lambda: clock.now)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        head = Head(f"127.0.0.1:{listening.getsockname()[1]}")
        clock.now += 30
        head.check()
    clock.now += 15
    head.check()
    clock.now += 6
    with pytest.raises(ConfigError, match=r"head of the Ray cluster at .* is lost: type the same command"):
        head.check()
