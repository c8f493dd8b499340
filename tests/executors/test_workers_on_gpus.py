"""Whole runs on GPUs that are made up: a detector of a plugin notes what its worker's process was started with."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from whole_runs import published

from posecfg.executors import worker_start
from posecfg.executors.gpus import CUDA, Gpu
from posecfg.executors.worker_start import Starts

ROOT = Path(__file__).resolve().parents[2]
CLIPS = ("dataset=synthetic", "dataset.clips=6", "dataset.frames=3", "dataset.size=[32,24]", "detector=labnet")
NET = """
import os
import time
from dataclasses import replace
from pathlib import Path
from posecfg.detectors.synthetic import Synthetic


class LabNet(Synthetic):
    @staticmethod
    def facts(**arguments):
        known = Synthetic.facts(skeleton="coco17", xyz=False)
        operational = ("notes", "parties", "rounds", "device", "crash")
        return replace(known, packages=("av",), operational=operational)

    def __init__(
        self, notes: str, parties: int = 1, rounds: bool = False, device: str = "auto", crash: str | None = None
    ) -> None:
        super().__init__(device=device, crash=crash)
        # What the process was started with, not what was set in it later.
        begun = dict(one.split("=", 1) for one in Path("/proc/self/environ").read_text().split("\\0") if "=" in one)
        with open(notes, "a") as file:
            file.write(f"{os.getpid()} {begun.get('CUDA_VISIBLE_DEVICES')} {os.environ.get('CUDA_VISIBLE_DEVICES')}\\n")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            number = len(Path(notes).read_text().splitlines())
            if number >= parties and not (rounds and number % parties):
                break
            time.sleep(0.01)
"""
OPTION = """# A net of the lab.
# python run.py film.mp4 detector=labnet
_target_: labpose.net.LabNet
notes: ???
# It works when so many have been built.
parties: 1
# Or so many times so many.
rounds: false
device: ${device.name}
crash: null
"""
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads environments in /proc"),
]


@pytest.fixture
def typed(tmp_path):
    """Return a function that types a run with the GPUs 4 and 7, and returns what it prints and what workers saw."""
    site, notes = tmp_path / "site", tmp_path / "notes"
    files = {
        "labpose/__init__.py": "",
        "labpose/net.py": NET,
        "labpose/conf/detector/labnet.yaml": OPTION,
        "labpose-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: labpose\nVersion: 1.0\n",
        "labpose-1.0.dist-info/entry_points.txt": "[posecfg.plugins]\nlab = labpose\n",
    }
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    paths = os.pathsep.join(map(str, (site, ROOT / "src")))

    def call(*words, code=0, **environment):
        notes.write_text("")
        done = subprocess.run(
            [sys.executable, ROOT / "run.py", *CLIPS, f"detector.notes={notes}", *words],
            cwd=tmp_path,
            env={**os.environ, CUDA: "4,7", "PYTHONPATH": paths, "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr, [tuple(line.split()) for line in notes.read_text().splitlines()]

    return call


def seen(rows):
    assert all(begun == now for _, begun, now in rows)
    return sorted(now for _, now, _ in rows)


def test_each_worker_sees_its_own_and_bytes_are_the_same(typed, tmp_path):
    text, rows = typed("device=cuda", "workers=2", "detector.parties=2", "output_dir=two")
    assert seen(rows) == ["4", "7"]
    assert "\n2 workers, one on each GPU\n" in text
    text, rows = typed("device=cuda", "workers=0", "output_dir=none")
    assert seen(rows) == ["4,7"]
    assert " GPU" not in text
    assert len(published(tmp_path / "two")) == 6
    assert published(tmp_path / "two") == published(tmp_path / "none")


def test_one_in_the_place_of_a_dead_one_has_its_gpu(typed):
    crash = ("detector.crash='exit:synthetic_000'", "limit=3")
    _, rows = typed("device=cuda", "workers=2", "detector.parties=2", *crash, code=1)
    assert set(seen(rows)) == {"4", "7"}
    assert len({pid for pid, _, _ in rows}) == len(rows) >= 3


def test_workers_that_rest_keep_theirs_and_those_on_processors_see_all(typed):
    rounds = ("workers=2", "detector.parties=2", "detector.rounds=true", "limit=2", "cache=off")
    _, rows = typed("-m", "bbox_thr=0.2,0.3", "device=cuda,cpu", *rounds)
    by = {pid: {now for one, now, _ in rows if one == pid} for pid, _, _ in rows}
    assert all(len(one) == 1 for one in by.values())
    assert len(by) == 4, "two on GPUs and two that see all do both jobs each"
    assert Counter(seen(rows)) == {"4": 2, "7": 2, "4,7": 4}


def test_what_an_engine_sets_reaches_the_workers_of_agents(typed):
    text, rows = typed("executor=hosts", "executor.address=127.0.0.1", "device=cuda", "output_dir=out")
    assert seen(rows) == ["4,7"]
    assert " GPU" not in text


def test_a_host_that_is_named_twice_shares_its_gpus_out(typed):
    words = ("executor=hosts", "executor.hosts=[localhost,localhost]", "executor.address=127.0.0.1")
    _, rows = typed(*words, "device=cuda", "detector.parties=2", "output_dir=out")
    assert seen(rows) == ["4", "7"]


@pytest.fixture
def started(monkeypatch):
    """Return workers that are no processes, as they are started."""
    found = []

    class Process:
        def is_alive(self):
            return True

    class Wire:
        def send(self, order):
            self.order = order

    def start(targets, gpu):
        found.append(worker_start.WorkerHandle(Process(), Wire(), gpu=gpu))
        return found[-1]

    monkeypatch.setattr(worker_start, "_start", start)
    return found


def place(handle):
    return handle.gpu and handle.gpu.name


def test_workers_are_dealt_in_turn_and_replaced_where_they_were(started):
    starts = Starts((), gpus=(Gpu(CUDA, "4"), Gpu(CUDA, "7")))
    starts.ahead(3)
    one, two = starts.take(None), starts.take(None)
    assert (place(one), place(two)) == ("4", "7")
    assert place(starts.replace(two, None)) == "7", "not the one that waits on the other GPU"
    assert place(starts.replace(one, None)) == "4"
    assert len(started) == 4, "the third, which waited, is taken"
    assert [place(starts.take(None)) for _ in range(3)] == ["7", "4", "7"]


def test_a_resting_worker_is_taken_for_its_gpu_only(started, monkeypatch):
    both = (Gpu(CUDA, "4"), Gpu(CUDA, "7"))
    Starts((), gpus=both).ahead(2)
    monkeypatch.setattr(worker_start, "_resting", list(started))
    assert place(Starts(()).take(None)) is None
    assert Starts((), gpus=both[1:]).take(None) is started[1]
    assert Starts((), gpus=both[1:]).take(None) not in started[:2]
    assert Starts((), gpus=both).take(None) is started[0]
    assert worker_start._resting == []


def test_starts_in_several_threads_leave_the_environment_as_it_was(monkeypatch):
    both = [Gpu(CUDA, "4"), Gpu(CUDA, "7")]
    monkeypatch.setenv(CUDA, "4,7")
    seen = {}

    class Process:
        def __init__(self, args, **others):
            self.gpu = args[1][0]

        def start(self):
            now = os.environ[CUDA]
            time.sleep(0.02)
            seen[self.gpu] = now, os.environ[CUDA]

    class Context:
        Pipe, Process = staticmethod(multiprocessing.Pipe), staticmethod(lambda **named: Process(**named))

    monkeypatch.setattr(multiprocessing, "get_context", lambda kind: Context)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda gpu: worker_start._start([gpu.name], gpu), both))
    assert seen == {"4": ("4", "4"), "7": ("7", "7")}
    assert os.environ[CUDA] == "4,7"
