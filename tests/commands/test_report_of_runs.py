"""What a page tells of its runs: what they differ in, whether they can be compared, what of them cannot be shown."""

from __future__ import annotations

import json
from pathlib import Path

import films
import pytest
from reported import clips_of, data_of
from whole_runs import go

from posecfg.commands.program import main

pytestmark = pytest.mark.deep

BASE = ("dataset=synthetic", "dataset.frames=6", "dataset.size=[64,48]", "detector=synthetic")
FEW = (*BASE, "dataset.clips=3")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys, *words):
    """Report as JSON."""
    capsys.readouterr()
    code = main(["report", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_what_can_change_no_pose_tells_no_run_from_another(capsys):
    go(Path("one"), *FEW, "writer=[npz]", "bbox_thr=0.2")
    go(Path("two"), *FEW, "writer=[npz,csv]", "writer.csv.normalise=true", "limit=2", "strict=true", "bbox_thr=0.3")
    _, found = told(capsys, "one", "two")
    assert [job["settings"] for job in found["jobs"]] == [{"bbox_thr": "0.2"}, {"bbox_thr": "0.3"}]


def test_runs_that_differ_in_much_are_called_by_their_folders(capsys):
    go(Path("one"), *FEW)
    go(Path("two"), *FEW, "bbox_thr=0.2", "detector.noise=1", "detector.miss=0.1")
    assert [job["name"] for job in told(capsys, "one", "two")[1]["jobs"]] == ["one", "two"]
    go(Path("three"), *FEW, "detector.noise=1")
    assert [job["name"] for job in told(capsys, "one", "two", "three")[1]["jobs"]] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("bbox_thr=0.2", True),
        ("dataset.clips=2", False),
        ("dataset.seed=1", False),
        ("detector.crash=raise:0001", True),
    ],
)
def test_runs_are_of_the_same_clips_or_not(capsys, other, same):
    go(Path("one"), *FEW)
    go(Path("two"), *BASE, *(() if "clips" in other else ["dataset.clips=3"]), other)
    told(capsys, "one", "two")
    assert data_of(Path("report.html"))["same"] is same


def test_clips_whose_files_are_gone_or_damaged_are_not_said_to_be_shown(capsys):
    go(Path("out"), *FEW, "writer=[npy]")
    Path("out/synthetic_0000.npy").unlink()
    Path("out/synthetic_0001.npy").write_bytes(b"no array")
    why = "all clips are shown with their poses, but for 2 whose poses cannot all be read"
    assert told(capsys, "out")[1]["shown"]["why"] == why
    go(Path("nobody"), *FEW, "writer=[npy]", "detector.miss=1")
    assert told(capsys, "nobody")[1]["shown"]["why"] == "all clips are shown with their poses"


def test_clips_are_in_the_order_of_their_names(capsys, here):
    (here / "films").mkdir()
    for name in ("clip10", "clip9", "Ärger", "zzzz"):
        films.write(here / "films" / f"{name}.mp4", range(3))
    go(Path("out"), "dataset=folder", f"dataset.path={here / 'films'}", "detector=synthetic")
    told(capsys, "out")
    assert data_of(Path("out/report.html"))["ids"] == ["Ärger", "clip9", "clip10", "zzzz"]


def test_a_page_names_no_folder_of_this_machine(capsys, here):
    (here / "films").mkdir()
    for name in ("gone", "bad"):
        films.write(here / "films" / f"{name}.mp4", range(3))
    (here / "films" / "worse.mp4").write_bytes(b"no film")
    posecfg = [f"dataset.path={here / 'films'}", "dataset=folder", "detector=synthetic", "writer=[npz]"]
    assert main([*posecfg, "output_dir=out"]) == 3
    (here / "films" / "gone.mp4").unlink()
    (here / "out" / "bad.npz").write_bytes(b"no array")
    _, found = told(capsys, "out")
    data = data_of(Path("out/report.html"))
    for run, job in zip(data["runs"], data["jobs"], strict=True):
        # What was typed stays as it was typed.
        for one in (run, job):
            del one["command"]
        del run["all"], run["settings"]
    text = json.dumps(data) + json.dumps(found["worst"]) + "".join(clips_of(Path("out/report.html")))
    assert str(here) not in text
    assert "gone.mp4" in text
    assert "worse.mp4" in text
