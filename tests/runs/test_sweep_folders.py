"""Jobs of a sweep that write to one folder: refused where one would replace clips that another one made."""

from __future__ import annotations

import json

import pytest

from posecfg.commands.program import main

TABLE = "VIDEO_NAME,SENTENCE_NAME,START,END,START_REALIGNED,END_REALIGNED\nfilm,one,0.0,0.5,0.2,0.9\n"
FILMS = ("dataset=manifest", "dataset.path=table.csv", "detector=synthetic")
SCENES = ("dataset=synthetic", "dataset.frames=2", "detector=synthetic", "workers=0", "output_dir=out")


@pytest.fixture
def told(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(TABLE)
    (tmp_path / "film.mp4").write_bytes(b"not opened here")

    def call(*words):
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.mark.parametrize(
    ("words", "clip", "key"),
    [
        ((*FILMS, "-m", "dataset.segment=time,inclusive_index"), "one", "dataset.segment"),
        ((*SCENES, "-m", "dataset.size=[64,48],[32,24]"), "synthetic_0000", "dataset.size"),
    ],
)
def test_jobs_that_make_a_clip_of_another_input_in_one_folder_are_refused(told, tmp_path, words, clip, key):
    code, refused = told(*words)
    assert code == 1
    assert refused["error"].startswith("job 1 (")
    assert f"another job of this sweep makes clip '{clip}' in the same" in refused["error"]
    assert f"of another input ({key}: " in refused["error"]
    assert not (tmp_path / "out").exists()
    first, second = told("plan", *words)[1]
    assert first["problems"] == []
    assert second["problems"] == [refused["error"].partition("): ")[2]]


def test_jobs_about_other_clips_or_the_same_inputs_share_a_folder(told):
    code, outcomes = told(*SCENES, "-m", "dataset.clips=1,2")
    assert code == 0
    assert [outcome["done"] for outcome in outcomes] == [1, 1]
    assert outcomes[0]["output_dir"] == outcomes[1]["output_dir"]


def test_plan_says_that_jobs_of_a_sweep_write_one_folder_differently(told):
    code, (first, second) = told("plan", *SCENES, "-m", "writer.npy.dtype=float32,float64")
    assert (code, first["problems"]) == (1, [])
    assert any("another job of this sweep writes the same" in problem for problem in second["problems"])
