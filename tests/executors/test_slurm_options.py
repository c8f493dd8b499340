"""What SLURM is asked for, as sbatch gets it; no SLURM is needed."""

from __future__ import annotations

import subprocess

import pytest

from posecfg.executors.remote import slurm_states
from posecfg.executors.remote.slurm import Slurm
from posecfg.executors.remote.slurm_tasks import SlurmTasks
from posecfg.executors.remote.starter import Call


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"gres": "gpu:1"}, "--gres=gpu:1"),
        ({"sbatch": {"gpus-per-task": 1}}, "--gpus-per-task=1"),
        ({"cpus": 3}, "--cpus-per-task=3"),
    ],
)
def test_a_key_becomes_an_option_of_sbatch(tmp_path, monkeypatch, values, word):
    asked = []
    monkeypatch.setattr(
        slurm_states,
        "run",
        lambda words, text="": asked.append([*words]) or subprocess.CompletedProcess(words, 0, "17\n", ""),
    )
    tasks = SlurmTasks(Slurm(2, **values)._options)
    tasks.start(Call(("python",), tmp_path / "crew.json", "", {}, tmp_path), 2)
    tasks.end()
    (words,) = [words for words in asked if words[0] == "sbatch"]
    assert word in words
    assert ("gres" in values) == any(one.startswith("--gres") for one in words)
