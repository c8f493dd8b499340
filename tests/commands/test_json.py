"""What other programs read: every key and column is on the page that describes them, and none is there in vain."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from posecfg.commands.program import main
from posecfg.runs.clip_table import COLUMNS
from posecfg.runs.report import Report

pytestmark = pytest.mark.deep

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")
BASE = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=3", "detector=synthetic", "workers=0", "output_dir=out")


def described(section):
    """Return the names in the first column of a section's table."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


@pytest.fixture
def told(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        code = main([*words, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return call


def test_every_key_of_a_run_and_of_a_plan_is_described(told):
    code, run, err = told(*BASE)
    assert (code, err) == (0, "")
    assert sorted(described("run")) == sorted(run)
    _, plan, _ = told("plan", *BASE, "--probe", "--inputs")
    assert sorted(described("plan")) == sorted(plan)


def test_columns_of_the_table_of_clips_are_described_in_their_order():
    assert described(r"clips\.csv") == list(COLUMNS)


def test_columns_of_the_table_of_a_sweep_are_described_in_their_order(told, tmp_path):
    told(*BASE, "persons=only", "detector.people=2", "-m", "bbox_thr=0.2,0.5")
    (path,) = (tmp_path / "out" / ".posecfg").rglob("sweep.csv")
    columns = path.read_text("utf-8").splitlines()[0].split(",")
    plain = [name for name in columns if re.fullmatch(r"\w+", name) and name != "bbox_thr"]
    assert [name for name in described(r"sweep\.csv") if name != "bbox_thr"] == plain
    others = {re.split("[.:]", name)[0] for name in columns} - set(plain) - {"bbox_thr"}
    assert [name for name in others if f"\n| {name}" not in PAGE and f", {name}" not in PAGE] == []


def test_keys_of_other_verbs_are_described(told):
    told(*BASE)
    _, found, _ = told("verify", "out", "--inputs")
    assert [key for key in found if f"`{key}`" not in PAGE] == []
    _, topics, _ = told("help", "detector=yolox")
    assert {"kind", "sentence", "example", "keys"} <= set(topics[0])
    _, script, _ = told("completion", "fish")
    assert (sorted(script), script["shell"]) == (["script", "shell"], "fish")
    assert script["script"].startswith("# Completion of posecfg for fish.")


def test_every_key_of_the_state_of_a_run_is_described_and_so_is_how_it_ended(told):
    for ended in ("done", "nothing left"):
        told(*BASE)
        _, found, _ = told("status", "out")
        (folder,) = found["runs"]
        (run,) = folder["runs"]
        assert sorted(described("Status of a run")) == sorted(run)
        assert run["ended"] == ended
    (line,) = [line for line in PAGE.splitlines() if line.startswith("| `status FOLDER`")]
    assert [key for key in folder if f"`{key}`" not in line] == []
    (words,) = [text for text in PAGE.split("\n\n") if text.startswith("`ended` is the first of these")]
    endings = re.findall(r"``([\w ]+)``", Report.ending.__doc__)
    assert re.findall(r"`([\w ]+)`", words)[1:] == endings


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("diff", ("diff", "out", "out")),
        ("reproduce", ("reproduce", "out")),
        ("plan --why KEY", ("plan", *BASE, "--why", "bbox_thr")),
        ("plan --why-again CLIP", ("plan", *BASE, "--why-again", "*")),
        *(("cache list", ("cache", word, "out")) for word in ("list", "check", "clear")),
    ],
)
def test_keys_of_a_verb_are_described_in_its_line(told, verb, words):
    told(*BASE)
    _, found, _ = told(*words)
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{verb}`")]
    assert [key for key in found if f"`{key}`" not in line and key != "exit_code"] == []


def test_what_is_refused_has_one_form_and_a_plan_without_films_keeps_its_own(told):
    for words in (("plan", *BASE, "bbox_thr=9"), (*BASE, "detecter=x"), ("verify", "nowhere"), ("help", "nothing")):
        code, found, err = told(*words)
        assert sorted(found) == ["error", "exit_code"]
        assert found["exit_code"] == code != 0
        assert found["error"] in err
    code, plan, _ = told("plan", "./nowhere.mp4")
    assert code == 1
    assert plan["problems"]
    assert set(plan) == set(described("plan")) - set(described("plan")[described("plan").index("output_dir") :])


@pytest.mark.parametrize("verb", [(), ("plan",)])
def test_a_sweep_is_a_list_of_objects(told, verb):
    _, jobs, _ = told(*verb, *(word for word in BASE if word != "output_dir=out"), "-m", "bbox_thr=0.2,0.5")
    assert [type(job) for job in jobs] == [dict, dict]


def test_each_job_of_a_sweep_names_the_table_of_all(told, tmp_path):
    _, jobs, _ = told(*BASE, "-m", "persons.follow=true,false")
    (path,) = (tmp_path / "out" / ".posecfg").rglob("sweep.csv")
    assert {job["sweep_file"] for job in jobs} == {str(path.relative_to(tmp_path))}
    header, *rows = path.read_text("utf-8").splitlines()
    assert header.startswith("job,persons.follow,")
    assert [row.split(",")[1] for row in rows] == ["true", "false"]
    assert told(*BASE[:-1], "output_dir=alone")[1]["sweep_file"] == ""


def test_the_folder_of_a_clip_that_is_made_again_is_named_as_it_was_typed(told, tmp_path):
    told(*BASE)
    assert told("reproduce", "out")[1]["folder"] == "out"
    assert told("reproduce", str(tmp_path / "out"))[1]["folder"] == str(tmp_path / "out")


@pytest.mark.parametrize("flag", [("--cfg", "job"), ("-c", "hydra")])
def test_a_configuration_is_not_printed_as_yaml_where_json_is_asked_for(told, flag):
    code, found, _ = told(*BASE, *flag)
    assert (code, found["exit_code"]) == (2, 2)
    assert "leave --json away" in found["error"]
