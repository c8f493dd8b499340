"""Sweeps with the launchers that Hydra's plugins bring, as users type them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posecfg.config.launchers import OPTIONAL, is_here

ROOT = Path(__file__).parents[2]
MINE = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=4", "dataset.size=[32,24]")
INSTALLED = {name for name, (module, _) in OPTIONAL.items() if is_here(module)}
LAUNCHERS = {"joblib": ["hydra.launcher.n_jobs=2"], "submitit_local": []}

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")


@pytest.fixture(params=LAUNCHERS)
def launcher(request):
    if request.param not in INSTALLED:
        pytest.skip("the launchers are not installed: type make test-launchers")
    return [f"hydra/launcher={request.param}", *LAUNCHERS[request.param]]


def heeding():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Sweep:
    """A sweep in a session of its own."""

    def __init__(self, folder, *words):
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "run.py", "detector=synthetic", *words],
            cwd=folder,
            text=True,
            start_new_session=True,
            preexec_fn=heeding,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def end(self):
        """Wait for the end of all processes; return the exit code and what was said on both streams."""
        out, err = self.process.communicate(timeout=120)
        limit = time.monotonic() + 15
        while living := self.living():
            assert time.monotonic() < limit, living
            time.sleep(0.05)
        return self.process.returncode, out, err

    def living(self):
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                told = path.read_text().rpartition(")")[2].split()
                if int(told[3]) == self.process.pid and told[0] != "Z":
                    found.append(path.with_name("cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found

    def begun(self, number):
        """Wait until so many jobs are in work; return their processes by the jobs' numbers."""
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            marks = list(self.folder.glob("outputs/.hydra/*/*/posecfg.begun"))
            if len(marks) >= number:
                return {int(mark.parent.name): json.loads(mark.read_text())["pid"] for mark in marks}
            time.sleep(0.02)
        return pytest.fail(str(self.end()))


def outcomes(folder):
    """Return the outcomes of the newest sweep by their jobs' numbers."""
    newest = max(folder.glob("outputs/.hydra/*"))
    return {int(path.parent.name): json.loads(path.read_text()) for path in newest.glob("*/posecfg.json")}


def test_jobs_run_side_by_side_and_wait_for_each_other_where_they_share_a_folder(tmp_path, launcher):
    sweep = Sweep(tmp_path, "--json", *MINE, *launcher, "-m", "bbox_thr=0.2,0.3", "workers=0,1", "detector.delay=0.05")
    code, out, err = sweep.end()
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [(one["job"], one["done"] + one["already_done"], one["error"]) for one in found] == [
        (number, 3, None) for number in range(4)
    ]
    assert [found[0]["done"] + found[1]["done"], found[2]["done"] + found[3]["done"]] == [3, 3]
    assert len({one["output_dir"] for one in found}) == 2


@pytest.fixture
def folders(tmp_path, film):
    """Return the settings of a sweep over a folder whose clip is good, and one whose clip is called bad."""
    for name in ("a/good.mp4", "b/bad.mp4"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(film, tmp_path / name)
    return "dataset=folder", "dataset.path=a,b", "-m"


def test_lines_say_whose_they_are_and_a_job_that_fails_is_told_beside_the_others(tmp_path, launcher, folders):
    code, out, err = Sweep(tmp_path, *launcher, *folders, "detector.crash=raise:bad").end()
    assert code == 1, out + err
    told = [line for line in out.splitlines() if line.startswith("[job ")]
    assert any(line.startswith("[job 0] 1 done, ") for line in told)
    assert any(line.startswith("[job 1] 1 failed, ") for line in told)
    assert "  done before" not in out


def test_a_quiet_sweep_says_where_the_results_of_each_job_are(tmp_path, launcher):
    code, out, err = Sweep(tmp_path, "-q", *MINE, *launcher, "-m", "bbox_thr=0.2,0.3").end()
    assert (code, err) == (0, "")
    told = sorted(line.partition("-")[0] for line in out.splitlines())
    assert told == [f"[job {n}] bbox_thr=0.{n + 2}: Results: outputs/synthetic" for n in (0, 1)]


def test_a_job_whose_process_always_dies_is_told_and_the_others_come(tmp_path, launcher, folders):
    code, out, err = Sweep(tmp_path, "--json", *launcher, *folders, "detector.crash=segfault:bad", "workers=0").end()
    assert code == 1, out + err
    found = json.loads(out)
    assert [one["exit_code"] for one in found] == [0, 1]
    assert [str(one["error"]).partition(" (")[0] for one in found] == ["None", "its process died"]


def test_kill_leaves_no_orphan_and_the_next_sweep_has_all(tmp_path, launcher):
    words = (*MINE, *launcher, "-m", "bbox_thr=0.2,0.3")
    sweep = Sweep(tmp_path, *words, "detector.delay=0.4")
    sweep.begun(1)
    time.sleep(0.7)
    sweep.process.kill()
    assert sweep.end()[0] == -signal.SIGKILL
    code, out, err = Sweep(tmp_path, "--json", *words).end()
    assert code == 0, out + err
    assert [one["done"] + one["already_done"] for one in json.loads(out)] == [3, 3]


def test_ctrl_c_finishes_the_clips_in_work_and_ends_all(tmp_path, launcher):
    sweep = Sweep(tmp_path, *MINE, *launcher, "-m", "bbox_thr=0.2,0.3", "detector.delay=0.3")
    sweep.begun(2)
    time.sleep(1)
    os.killpg(sweep.process.pid, signal.SIGINT)
    code, out, err = sweep.end()
    assert code == 130, out + err
    assert out.index("Stopping: jobs finish the clips in work") < out.index("Stopped. Type the same command to go on")
    assert "Traceback" not in out + err
    assert {one["exit_code"] for one in outcomes(tmp_path).values()} <= {0, 130}


def test_a_job_that_is_killed_costs_no_other_job(tmp_path, launcher):
    sweep = Sweep(tmp_path, *MINE, *launcher, "-m", "bbox_thr=0.2,0.3", "detector.delay=0.2")
    os.kill(sweep.begun(2)[1], signal.SIGKILL)
    code, out, err = sweep.end()
    found = outcomes(tmp_path)
    assert found[0]["done"] + found[0]["already_done"] == 3, out + err
    # It is run again, unless it is the only one that can have died.
    dead = found[1]["error"] or ""
    assert (code, dead.partition(" (")[0]) in ((0, ""), (1, "its process died"))
