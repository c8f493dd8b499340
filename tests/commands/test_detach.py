"""A command that is submitted as a job, and what that job does."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from posecfg.commands.command_line import parse
from posecfg.commands.detach import words
from posecfg.commands.program import main

FAKE = """#!/bin/sh
printf '%s\\n' "$@" > {folder}/words.txt
cat > {folder}/script.sh
echo "$SLURM_FAILS" >&2
[ -z "$SLURM_FAILS" ] && echo 4711
"""


@pytest.fixture
def sbatch(tmp_path, monkeypatch):
    """Put an sbatch on the PATH that notes what it is asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sbatch").write_text(FAKE.format(folder=folder))
    (folder / "sbatch").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("SLURM_FAILS", "")
    monkeypatch.chdir(tmp_path)
    return folder


PAGE = Path(__file__).parents[2] / "docs" / "json.md"
RUN = ("dataset=synthetic", "detector=synthetic", "executor=slurm", "executor.detach=true", "output_dir=out")


def described_line(start):
    """Return the paragraph of the page on JSON that begins so."""
    (text,) = [one for one in PAGE.read_text("utf-8").split("\n\n") if one.startswith(start)]
    return text


def test_the_command_is_submitted_and_nothing_is_run_here(sbatch, tmp_path, capsys):
    assert main([*RUN, "executor.partition=long", "executor.time=10", "executor.gres=gpu:1"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Submitted as SLURM job 4711: this machine may go now."
    assert told[1].split() == ["posecfg", "status", "out", "--watch", "shows", "how", "far", "it", "is"]
    options = (sbatch / "words.txt").read_text().split("\n")
    assert "--partition=long" in options
    assert not [one for one in options if one.startswith(("--time", "--gres"))], "those are of the tasks"
    script = (sbatch / "script.sh").read_text()
    (line,) = [line for line in script.splitlines() if " -m posecfg " in line]
    command = shlex.split(line.removesuffix("&"))
    assert command[:4] == [sys.executable, "-P", "-m", "posecfg"]
    assert command[-2:] == ["executor.detach=false", "console=lines"]
    assert [word for word in command if word.startswith("executor.detach")] == ["executor.detach=false"]
    assert list((tmp_path / "out").rglob("*.npy")) == []


def test_what_is_told_as_json_names_the_job_and_the_folder_as_typed(sbatch, tmp_path, capsys):
    told = {"engine": "SLURM job 4711", "job": "4711", "folder": "out", "exit_code": 0}
    assert main([*RUN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == told
    assert set(told) <= set(re.findall(r"`(\w+)`", described_line("With `executor.detach=true`")))
    elsewhere = str(tmp_path / "elsewhere")
    assert main([*RUN[:-1], f"output_dir={elsewhere}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {**told, "folder": elsewhere}


def test_a_sweep_is_one_job_and_one_object(sbatch, tmp_path, capsys):
    assert main([*RUN, "-m", "bbox_thr=0.2,0.5", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"engine": "SLURM job 4711", "job": "4711", "folder": "out", "exit_code": 0}


def test_a_refusal_of_sbatch_is_one_sentence(sbatch, monkeypatch, capsys):
    monkeypatch.setenv("SLURM_FAILS", "sbatch: error: invalid partition specified: long")
    assert main([*RUN]) == 1
    assert "SLURM refused the job (invalid partition specified: long): change executor.partition" in (
        capsys.readouterr().err
    )


def test_a_wrong_command_is_refused_before_it_is_submitted(sbatch, capsys):
    assert main([*RUN, "detector.skeleton=dragon"]) != 0
    assert not (sbatch / "script.sh").exists()


def test_how_a_run_is_shown_is_not_passed_on():
    command = parse(["dataset=synthetic", "console=live", "+executor.detach=true", "executor=slurm"])
    assert words(command)[4:] == ["dataset=synthetic", "executor=slurm", "executor.detach=false", "console=lines"]
