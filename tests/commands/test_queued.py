"""A run that was submitted as a job and did not begin: it is watched, stopped and not submitted again."""

from __future__ import annotations

import json
import shlex

import pytest
from run_states import WORKING, over, put

from posecfg.commands.program import main
from posecfg.executors.remote import slurm_submitted
from posecfg.review import watching

SBATCH = """#!/bin/sh
cat > /dev/null
n=$(($(ls {folder} | grep -c job) + 11))
touch {folder}/job$n
echo $n
"""
SCONTROL = """#!/bin/sh
for last; do :; done
[ -e {folder}/job$last ] || {{ echo 'Invalid job id specified' >&2; exit 1; }}
echo "JobId=$last JobName=x JobState=$(cat {folder}/state) Reason=Resources StdOut=$(cat {folder}/out)/driver-$last.log"
"""
SCANCEL = """#!/bin/sh
for last; do :; done
rm {folder}/job$last
"""
RUN = ("dataset=synthetic", "detector=synthetic", "executor=slurm", "executor.detach=true", "output_dir=out")


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Put SLURM on the PATH, in which every job is in the state that a file holds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("sbatch", SBATCH), ("scontrol", SCONTROL), ("scancel", SCANCEL)):
        (folder / name).write_text(text.format(folder=folder))
        (folder / name).chmod(0o755)
    (folder / "state").write_text("PENDING")
    (folder / "out").write_text(str(tmp_path / "out/.posecfg/logs"))
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(watching, "ASK_SECONDS", 0.0)
    monkeypatch.chdir(tmp_path)
    return folder


def typed(capsys, *words):
    code = main([*words])
    told = capsys.readouterr()
    return code, json.loads(told.out) if "--json" in words else told.out + told.err


def test_a_job_that_waits_is_told_and_stopped(slurm, tmp_path, capsys):
    assert typed(capsys, *RUN)[0] == 0
    code, told = typed(capsys, "status", "out")
    assert code == 0
    assert " ".join(told.split()) == "out waiting SLURM job 11 waits in the queue (Resources)"
    (folder,) = typed(capsys, "status", "out", "--json")[1]["runs"]
    assert (folder["verdict"], folder["runs"]) == ("waiting", [])
    assert folder["submitted"] == [{"job": "11", "shard": "", "state": "PENDING", "reason": "Resources"}]
    code, told = typed(capsys, "stop", "out")
    assert code == 0
    assert told == "SLURM job 11, in which no run was at work, is cancelled; type its command again to go on.\n"
    assert not (slurm / "job11").exists()
    assert slurm_submitted.noted(tmp_path / "out/.posecfg") == []


def test_what_is_submitted_is_not_submitted_again_until_it_has_ended(slurm, capsys):
    assert main([*RUN]) == 0
    code, told = typed(capsys, *RUN)
    assert code == 1
    assert "'out' has SLURM job 11 already, which has not ended: wait for it, type posecfg stop " in told.replace(
        str(slurm.parent) + "/", ""
    )
    assert main([*RUN, "shard=1/2"]) == 0, "a shard is another run"
    assert "shard 1/2, SLURM job 12 waits in the queue" in typed(capsys, "status", "out")[1]
    (slurm / "state").write_text("COMPLETED")
    assert main([*RUN]) == 0
    assert len(slurm_submitted.noted(slurm.parent / "out/.posecfg")) == 1


def test_a_folder_where_a_run_works_takes_no_job(slurm, capsys, monkeypatch):
    put(slurm.parent / "out", WORKING)
    monkeypatch.setattr(watching.Watch, "_verdict", lambda *values: watching.WORKS)
    code, told = typed(capsys, *RUN)
    assert code == 1
    assert "is in use by process 4711 on gpu7: wait for it" in told
    assert not list(slurm.glob("job*"))


def test_a_job_that_goes_on_where_it_was_stopped_is_told_beside_what_it_did(slurm, capsys):
    assert main([*RUN]) == 0
    put(slurm.parent / "out", WORKING, **over("stopped", 130), started=2e10)
    code, told = typed(capsys, "status", "out")
    assert code == 0
    assert "waits in the queue" in told
    assert "stopped" in told
    (slurm / "state").write_text("RUNNING")
    assert "SLURM job" not in typed(capsys, "status", "out")[1].replace("SLURM job 123", "")


def test_a_job_of_the_same_number_in_another_folder_is_none_of_this_one(slurm, capsys):
    assert main([*RUN]) == 0
    (slurm / "out").write_text("/elsewhere/.posecfg/logs")
    (slurm.parent / "out/film.npy").touch()
    assert "unknown" in typed(capsys, "status", "out")[1]


def test_where_slurm_cannot_be_asked_that_is_said(slurm, capsys, monkeypatch):
    assert main([*RUN]) == 0
    monkeypatch.setenv("PATH", "/nowhere")
    assert "submitted as SLURM job 11; whether that waits still is told on a login node" in " ".join(
        typed(capsys, "status", "out")[1].split()
    )
    code, told = typed(capsys, "stop", "out")
    assert code == 1
    assert "needs 'scancel', which is not here" in told


@pytest.mark.parametrize("folder", ["out", "."])
@pytest.mark.parametrize("path", ["", "/nowhere"])
def test_the_job_of_a_sweep_is_told_above_its_runs_until_it_has_ended(slurm, capsys, monkeypatch, folder, path):
    def told():
        found = typed(capsys, "status", folder, "--json")[1]["runs"]
        return [(one["folder"], one["verdict"]) for one in found]

    put(slurm.parent / "out/0", WORKING, **over("done", 0))
    assert typed(capsys, *RUN, "-m", "bbox_thr=0.2,0.5")[0] == 0
    if path:
        monkeypatch.setenv("PATH", path)
    assert told() == [("out", "waiting"), ("out/0", "ended")], "what is below is of an earlier start"
    put(slurm.parent / "out/1", WORKING, **over("done", 0), started=2e10)
    (slurm / "state").write_text("COMPLETED")
    assert told() == [("out/0", "ended"), ("out/1", "ended")]


def test_what_to_type_after_a_job_is_what_was_typed(slurm, capsys):
    words = (*RUN[:3], RUN[4], *slurm_submitted.ATTACHED)
    put(slurm.parent / "out", WORKING, **over("stopped", 130), command=words, folder=str(slurm.parent))
    (run,) = typed(capsys, "status", "out", "--json")[1]["runs"][0]["runs"]
    assert run["go_on"] == shlex.join(["posecfg", *RUN[:3], RUN[4], RUN[3]])
