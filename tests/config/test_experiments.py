"""Values that an experiment set for an option which the command line then replaced."""

from __future__ import annotations

import pytest

HEAD = "# @package _global_\ndefaults:\n"
MINE = f"""{HEAD}  - override /sampler: fps
  - override /detector: synthetic
  - override /persons: largest
  - override /writer: [npy, csv]
sampler: {{rate: 12.0, every: 3}}
detector: {{people: 2, score: 0.8}}
persons: {{follow: false, overlap: 0.4}}
writer:
  npy: {{dtype: float64}}
  csv: {{missing: empty}}
bbox_thr: 0.4
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conf")
    (folder / "experiment").mkdir()
    (folder / "experiment" / "mine.yaml").write_text(MINE, "utf-8")
    return folder


@pytest.fixture(scope="module")
def alone(typed, mine):
    return typed("experiment=mine", config_dir=mine)


def test_an_experiment_alone_is_taken_as_it_stands(alone):
    job = alone
    assert job.notes == ()
    assert (job.config["sampler"]["rate"], job.config["sampler"]["every"]) == (12.0, 3)
    assert job.config["writer"]["npy"]["dtype"] == "float64"


def test_values_for_a_replaced_option_are_dropped_with_a_note(typed, mine):
    job = typed("experiment=mine", "detector=blazepose", config_dir=mine)
    assert job.notes == ("left out, because the command line chose another option: detector.people, detector.score",)
    assert "people" not in job.config["detector"]
    assert job.config["sampler"]["rate"] == 12.0
    assert job.config["bbox_thr"] == 0.4


def test_a_value_that_the_new_option_would_read_too_is_dropped_as_well(typed, mine):
    job = typed("experiment=mine", "sampler=stride", "persons=best", config_dir=mine)
    assert job.config["sampler"] == {"_target_": "posecfg.samplers.stride.Stride", "every": 2, "skipped": "auto"}
    assert (job.config["persons"]["follow"], job.config["persons"]["overlap"]) == (True, 0.1)
    assert job.config["persons"]["bbox_thr"] == 0.4
    (note,) = job.notes
    for key in ("sampler.rate", "sampler.every", "persons.follow", "persons.overlap"):
        assert key in note


def test_what_was_typed_is_never_dropped(typed, refused, mine):
    job = typed("experiment=mine", "sampler=stride", "sampler.every=7", config_dir=mine)
    assert job.config["sampler"]["every"] == 7
    sentences, _ = refused("experiment=mine", "sampler=stride", "sampler.rate=7", config_dir=mine)
    assert sentences == [
        "sampler=stride does not read 'rate', but sampler=fps does: choose it, or leave 'sampler.rate' out."
    ]


def test_choosing_the_same_option_again_changes_nothing(typed, mine, alone):
    again = typed("experiment=mine", "sampler=fps", "detector=synthetic", "writer=[npy,csv]", config_dir=mine)
    assert again.notes == ()
    assert again.config == alone.config


def test_members_of_a_list_keep_their_values_while_they_are_chosen(typed, mine):
    job = typed("experiment=mine", "writer=[npy,npz]", config_dir=mine)
    assert list(job.config["writer"]) == ["npy", "npz"]
    assert job.config["writer"]["npy"]["dtype"] == "float64"
    assert job.notes == ("left out, because the command line chose another option: writer.csv.missing",)


def test_a_key_that_nothing_reads_is_an_error_in_an_experiment_too(refused, conf):
    folder = conf("experiment/typo.yaml", f"{HEAD}  - override /sampler: fps\nsampler: {{rte: 12}}\n")
    sentences, _ = refused("experiment=typo", "persons=largest", config_dir=folder)
    assert "nothing reads 'sampler.rte'. Did you mean 'sampler.rate'?" in sentences[0]


def test_the_same_chain_has_the_same_identity_wherever_it_is_written(typed, alone):
    line = "dataset=synthetic detector=synthetic detector.people=2 detector.score=0.8 sampler=fps sampler.rate=12 "
    line += "sampler.every=3 persons=largest persons.follow=false persons.overlap=0.40 bbox_thr=0.4"
    assert alone.hash == typed(*line.split()).hash


def test_a_sweep_drops_what_each_job_replaced(swept, mine):
    first, second = swept("-m", "experiment=mine", "sampler=fps,stride", config_dir=mine)
    assert first.notes == ()
    assert "sampler.rate" in second.notes[0]
    assert second.config["sampler"]["every"] == 2
