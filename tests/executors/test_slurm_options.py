"""What SLURM is asked for, as sbatch gets it; no SLURM is needed."""

from __future__ import annotations

import subprocess

import pytest

from posecfg.errors import ConfigError
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


def test_what_is_no_text_in_an_answer_of_slurm_costs_nothing():
    done = slurm_states.run(["printf", r"Willkommen im Caf\351\n17\n"])
    assert done.stdout.splitlines()[1:] == ["17"]


@pytest.mark.parametrize(
    ("text", "known"),
    [("1,3-5%2", ["1", "3", "4", "5"]), ("1-9999999999999", []), ("9" * 5000, []), ("\u00b2,2", ["2"]), ("-,x-1", [])],
)
def test_numbers_of_tasks_are_read_from_any_answer(monkeypatch, text, known):
    line = f"JobId=8 ArrayJobId=7 ArrayTaskId={text} JobState=RUNNING"
    monkeypatch.setattr(slurm_states, "lines_of", lambda job: [line])
    assert list(slurm_states.ask(["7"])) == [f"7_{number}" for number in known]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"workers": "auto"}, "the number of SLURM's tasks, but got auto: type workers=16, or as many as"),
        ({"workers": 0}, "but got 0: type workers=16"),
        ({"sbatch": "--exclusive"}, r"such as '\{qos: high, exclusive: true\}', but got '--exclusive'\."),
    ],
)
def test_a_value_that_is_none_is_one_sentence_with_what_to_type(values, told):
    with pytest.raises(ConfigError, match=told):
        Slurm(**values)


@pytest.mark.parametrize(("state", "told"), [("FAILED", "and none wrote to '"), ("CANCELLED", "What they say: see ")])
def test_tasks_that_failed_and_wrote_nothing_do_not_see_the_folder(tmp_path, state, told):
    tasks = SlurmTasks({})
    tasks._call, tasks._jobs = Call(("python",), tmp_path / "crew.json", "", {}, tmp_path / "logs"), ["17"]
    tasks._watch._states = {"17_1": slurm_states.State(state)}
    assert told in tasks.nothing_left()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/slurm-17_1.log").touch()
    assert "What they say: see " in tasks.nothing_left()
