"""A sweep whose jobs are tasks of real SLURM, which keeps no accounts: how they end, and what ends with the sweep."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posecfg.config.launchers import OPTIONAL, is_here

ROOT = Path(__file__).resolve().parents[2]
NAME = f"posecfg-sweep-{os.getpid()}"
JOBS = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=4", "dataset.size=[32,24]", "detector=synthetic")
SLURM = ("hydra/launcher=submitit_slurm", "hydra.launcher.timeout_min=10", f"hydra.launcher.name={NAME}")

pytestmark = [
    pytest.mark.skipif("SLURM_CONF" not in os.environ, reason="SLURM is not set up: make test-engines does that"),
    pytest.mark.skipif(not is_here(OPTIONAL["submitit_slurm"][0]), reason="the launcher is not installed"),
]


def heeding():
    """Heed Ctrl-C, which a shell lets what it puts into the background ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def sweep(tmp_path):
    """Return a function that starts a sweep, which leads a session, with its files below ``tmp_path``."""
    begun = []

    def start(*words):
        command = [sys.executable, ROOT / "run.py", "--json", *JOBS, *SLURM, *words]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**os.environ, "POSECFG_CHAOS": "a sweep, which strikes of other tests do not meet"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heeding,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()
    said("scancel", "-n", NAME)


def said(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False).stdout.split()


def tasks(*states):
    """Return the tasks of the sweep that are in the queue."""
    chosen = ("-t", ",".join(states)) if states else ()
    return said("squeue", "-h", "-r", "-n", NAME, "-o", "%i", *chosen)


def wait_until(fact, seconds=60.0):
    end = time.monotonic() + seconds
    while not (found := fact()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def is_at_work(folder, number):
    return len(list(folder.glob("outputs/.hydra/*/*/posecfg.begun"))) >= number


def ended(process):
    out, err = process.communicate(timeout=90)
    assert wait_until(lambda: not tasks(), 30), tasks()
    return process.returncode, json.loads(out) if out.strip() else out, err


def test_jobs_are_tasks_and_their_outcomes_lie_in_the_folder_of_the_sweep(sweep, tmp_path):
    code, found, err = ended(sweep("-m", "bbox_thr=0.2,0.5"))
    assert (code, [one["done"] for one in found]) == (0, [3, 3]), err
    assert len(list(tmp_path.glob("outputs/.hydra/*/*/posecfg.json"))) == 2


def test_a_task_that_is_cancelled_is_told_and_costs_no_other(sweep, tmp_path):
    process = sweep("detector.delay=0.5", "-m", "bbox_thr=0.2,0.5")
    assert wait_until(lambda: is_at_work(tmp_path, 2))
    said("scancel", min(tasks()))
    code, found, err = ended(process)
    assert [one["error"] for one in found] == ["its process died (SLURM ended it: CANCELLED)", None], err
    assert (code, found[1]["done"]) == (1, 3)


def test_a_task_that_is_preempted_comes_again_and_makes_the_rest(sweep, tmp_path):
    process = sweep("detector.delay=0.5", "-m", "bbox_thr=0.2,0.5")
    assert wait_until(lambda: is_at_work(tmp_path, 2))
    said("scontrol", "requeue", max(tasks()))
    # SLURM itself would let it wait for two minutes.
    assert wait_until(lambda: tasks("PD"), 15)
    for task in tasks("PD"):
        said("scontrol", "update", f"jobid={task}", "starttime=now")
    code, found, _ = ended(process)
    assert (code, [one["done"] + one["already_done"] for one in found]) == (0, [3, 3]), [one["error"] for one in found]


def test_nothing_stays_of_a_sweep_that_is_killed(sweep, tmp_path):
    process = sweep("detector.delay=0.5", "-m", "bbox_thr=0.2,0.4,0.6")
    assert wait_until(lambda: is_at_work(tmp_path, 2))
    process.send_signal(signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL


def test_ctrl_c_cancels_tasks_that_wait(sweep, tmp_path):
    few = "hydra.launcher.array_parallelism=2"
    process = sweep("detector.delay=0.5", few, "-m", "bbox_thr=0.2,0.3,0.4,0.5")
    assert wait_until(lambda: is_at_work(tmp_path, 2))
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = ended(process)
    assert code == 130, err
    assert "Traceback" not in err
