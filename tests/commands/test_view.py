"""The verb ``view`` writes one picture and replaces none."""

from __future__ import annotations

import json

import av
import numpy as np
import pytest
from whole_runs import go

from posecfg.commands.program import main


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", np.random.default_rng(0).random((12, 17, 3)))
    return tmp_path


def test_a_picture_is_written_once(here, capsys):
    assert main(["view", "a.npy", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    with av.open("view.png") as picture:
        assert (picture.streams[0].width, picture.streams[0].height) == (told["width"], told["height"])
    before = (here / "view.png").read_bytes()
    for name in ("view-2.png", "view-3.png"):
        assert main(["view", "a.npy"]) == 0
        assert f"\n{name} (" in capsys.readouterr().out
        assert (here / name).read_bytes() == before
    assert main(["view", "a.npy", "--out", "view.png"]) == 1
    assert "is there already, and is not replaced: type --out" in capsys.readouterr().err
    assert (here / "view.png").read_bytes() == before
    assert main(["view", "nowhere.npy"]) == 1
    assert "there is no 'nowhere.npy'" in capsys.readouterr().err
    assert main(["view", "a.npy", "--out", "b.png", "rows=[0,11]", "fps=25"]) == 0
    assert (here / "b.png").exists()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "one file to look at, but got 0"),
        (["a.npy", "b.npy"], 2, "but got 2: type view a.npy, then view b.npy --out second.png"),
        (["."], 1, "but '.' is a folder: type view a.npy."),
        (["nowhere.npy"], 1, "there is no 'nowhere.npy'"),
        (["a.npy", "row=3"], 2, "Did you mean 'rows'"),
        (["a.npy", "rows=12"], 1, "rows= from 0 to 11, but got 12"),
        (["a.npy", "rows=" + ",".join("1" * 13)], 1, "at most 12 rows"),
        (["a.npy", "rows=x"], 1, "whole numbers with commas"),
        (["a.npy", "fps=0"], 1, "fps= to be a number"),
        (["a.npy", "kpt_thr=high"], 1, "kpt_thr= to be a number"),
        (["a.npy", "view=c10"], 1, "view= among c01"),
        (["a.npy", "keypoints3d=best"], 1, "optimised, plain"),
        (["a.npy", "--out", "b.jpg"], 2, "end in .png"),
        (["a.npy", "--out", "no/b.png"], 1, "a folder that is there"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_writes_nothing(here, capsys, words, code, told):
    assert main(["view", *words]) == code
    assert told in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["a.npy"]


MANY = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=4", "dataset.size=[64,48]", "detector.miss=0.4")


def test_a_folder_of_results_is_one_picture_where_that_is_asked_for(here, capsys):
    go(here / "out", *MANY, "writer=[npz]")
    assert main(["view", "out", "--out", "view.png"]) == 0
    first, note, last = capsys.readouterr().out.splitlines()
    assert first.startswith("out: 3 clips, 3 done, ")
    assert first.endswith(" of 12 rows without anybody, most missing first")
    assert note == "3 clips without a picture of the film: computed, so that there is no film (the first)"
    assert last.startswith("view.png (1600 x ")
    before = (here / "view.png").read_bytes()
    assert main(["view", "out", "--out", "view.png"]) == 1
    assert main(["view", "out", "kpt_thr=0.3"]) == 0
    assert [(here / name).read_bytes() for name in ("view.png", "view-2.png")] == [before, before]
    capsys.readouterr()
    assert main(["view", "out", "--out", "b.png", "--json", "kpt_thr=0.5"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["missing"] for one in told["clips"]] == sorted((c["missing"] for c in told["clips"]), reverse=True)
    assert told["picture"] == "b.png"


def test_a_folder_that_is_no_run_names_those_below_it(here, capsys):
    go(here / "sweep" / "0", *MANY)
    go(here / "sweep" / "1", *MANY)
    assert main(["view", "sweep", "--out", "view.png"]) == 1
    assert "is no folder of one run, but has 2 below it: type view sweep/0." in capsys.readouterr().err
    assert main(["view", "sweep/0", "rows=1"]) == 2
    assert "rows= belongs to a file, but 'sweep/0' is a folder of results" in capsys.readouterr().err
    assert not (here / "view.png").exists()


def test_a_run_that_was_stopped_before_its_first_clip_is_to_be_typed_again(here, capsys):
    (here / "out" / ".posecfg").mkdir(parents=True)
    (here / "out" / ".posecfg" / "run.json").write_text("{}")
    assert main(["view", "out"]) == 1
    assert (
        "Expected results in 'out', but its run has made none yet: type its command again." in capsys.readouterr().err
    )
