"""What a page tells of its runs: what they differ in, whether they can be compared, what of them cannot be shown."""

from __future__ import annotations

import json
from pathlib import Path

import films
import pytest
from reported import clips_of, data_of
from whole_runs import go

from posecfg.commands.program import main

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
