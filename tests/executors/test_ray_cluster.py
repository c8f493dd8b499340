"""Actors of a real Ray cluster: what is lost with them, and what the cluster is told and left with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import engines
import pytest
from whole_runs import leftovers, parcel, published

from posecfg.errors import ConfigError
from posecfg.executors.protocol import Finished, Started
from posecfg.executors.remote import ray_actors
from posecfg.executors.remote.ray import Ray

CLIPS = ("dataset=synthetic", "dataset.clips=5", "dataset.frames=3", "dataset.size=[32,24]", "writer=[npy,csv]")
BAD = "synthetic_0002"


@pytest.fixture(autouse=True)
def _cluster():
    if lack := engines.lack("ray"):
        pytest.skip(lack)


def work_off(out, executor, *overrides):
    """Let an executor work a job off, and yield its events."""
    setup, works, mend = parcel(out, *CLIPS, *overrides)
    with executor.prepare(setup.config, len(works)):
        yield from executor.run(setup, works, mend)


def clusters(workers=1, **values):
    return Ray(workers, address=engines.RAY, **values)


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def is_alive(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until(fact, seconds=15.0):
    end = time.monotonic() + seconds
    while not fact() and time.monotonic() < end:
        time.sleep(0.05)
    return fact()


def agents_below(root):
    """Return the agents that work for a run: what their workers print goes to its folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            log = Path(os.readlink(path / "fd/2"))
            if log.is_relative_to(root) and log.name.startswith("worker-"):
                found.append(parent(int(path.name)))
    return found


def test_a_lost_actor_costs_no_clip_and_takes_its_agent_along(tmp_path):
    list(work_off(tmp_path / "clean", clusters()))
    struck, events = [], []
    for event in work_off(tmp_path / "out", clusters(), "detector.delay=0.05"):
        events.append(event)
        if isinstance(event, Started) and event.clip_id == BAD and not struck:
            agent = int(event.where.rpartition(":")[2])
            struck = [parent(agent), agent]
            os.kill(struck[0], signal.SIGKILL)
    assert {event.outcome.row.status for event in events if isinstance(event, Finished)} == {"done"}
    assert published(tmp_path / "out") == published(tmp_path / "clean")
    assert leftovers(tmp_path / "out") == []
    assert not any(map(is_alive, struck))


def test_what_no_node_has_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(ray_actors, "PATIENCE", 0.5)
    with pytest.raises(ConfigError, match=r"No node of the Ray cluster has the 1000 CPUs"):
        list(work_off(tmp_path, clusters(cpus=1000)))


def test_auto_is_what_the_cluster_has_room_for():
    executor = clusters("auto")
    with executor.prepare({}):
        import ray

        assert executor.workers == max(1, int(ray.available_resources().get("CPU", 0)))
    assert not ray.is_initialized()


PROGRAM = "from posecfg.cli import main; main()"


def test_nothing_of_ray_is_among_the_results_and_no_driver_leaves_anything(tmp_path):
    words = [*CLIPS, "detector=synthetic", "detector.delay=0.2", "executor=ray", f"executor.address={engines.RAY}"]
    words = [sys.executable, "-c", PROGRAM, *words, f"output_dir={tmp_path}", "--json"]
    run = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert wait_until(lambda: list(tmp_path.glob("*.npy")))
    os.kill(parent(agents_below(tmp_path)[0]), signal.SIGKILL)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, err, json.loads(out)["done"]) == (0, "", 5)


def test_actors_and_agents_end_with_a_driver_that_is_killed(tmp_path):
    words = [*CLIPS, "detector=synthetic", "detector.delay=1", "executor=ray", f"executor.address={engines.RAY}"]
    words = [sys.executable, "-c", PROGRAM, *words, f"output_dir={tmp_path}"]
    run = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert wait_until(lambda: agents_below(tmp_path))
    agents = agents_below(tmp_path)
    below = [*agents, *map(parent, agents)]
    run.kill()
    run.wait()
    assert wait_until(lambda: not any(map(is_alive, below)))
