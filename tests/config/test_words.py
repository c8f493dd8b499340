"""Words such as true and nan arrive as texts where a constructor knows them by name, however they are written."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("word", ["clock=true", "clock='true'", "clock=True"])
def test_a_word_has_one_identity(typed, word):
    job = typed(f"detector.{word}")
    assert job.config["detector"]["clock"] == job.identity["detector"]["clock"] == "true"
    assert job.hash == "2a0f6defa45a1b39"


def test_a_word_in_a_yaml_has_it_too(typed, conf):
    conf("experiment/plain.yaml", "# @package _global_\ndetector:\n  clock: true\n")
    folder = conf("experiment/text.yaml", "# @package _global_\ndetector:\n  clock: 'true'\n")
    jobs = [typed(f"experiment={name}", config_dir=folder) for name in ("plain", "text")]
    assert {job.hash for job in jobs} == {"2a0f6defa45a1b39"}


@pytest.mark.parametrize("words", [["writer.npy.missing=nan"], ["-m", "writer.npy.missing=nan,zero"]])
def test_nan_stays_a_word(swept, words):
    jobs = swept(*words)
    assert [job.config["writer"]["npy"]["missing"] for job in jobs] == ["nan", "zero"][: len(jobs)]
    (plain,) = swept("experiment=blazepose_totalcapture", "writer.npy.missing=nan")
    assert plain.config["writer"]["npy"]["missing"] == "nan"
    (default,) = swept("dataset=demo")
    assert jobs[0].writers() == default.writers()


def test_what_is_not_among_the_choices_is_refused_with_their_names(refused):
    assert refused("detector.clock=false")[0] == ["detector.clock: expected fixed or true, but got false."]
    assert refused("detector.clock=ture")[0] == [
        "detector.clock: expected fixed or true, but got 'ture'. Did you mean 'true'?"
    ]
    assert refused("writer.npy.missing=null")[0] == ["writer.npy.missing: expected nan or zero, but got null."]


def test_a_folder_that_is_typed_as_the_option_of_a_data_set_leads_to_its_path(refused, tmp_path, monkeypatch):
    (tmp_path / "my films").mkdir()
    (tmp_path / "take").touch()
    monkeypatch.chdir(tmp_path)
    told = "dataset has no option '{}', but {} here is called so: type dataset.path={}."
    assert refused("dataset='my films'")[0] == [told.format("my films", "a folder", "'my films'")]
    assert refused("dataset=take")[0] == [told.format("take", "a file", "take")]


def test_a_key_that_resembles_none_of_what_is_chosen_is_answered_with_the_keys_there_are(refused):
    assert refused("foo=1")[0] == ["nothing reads 'foo': type posecfg help for the keys there are."]
    told = refused("categry=1")[0][0]
    assert told.startswith("nothing reads 'categry'. Did you mean 'detector.boxes.category', of detector=rtmdet ")
