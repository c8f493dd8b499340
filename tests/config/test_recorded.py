"""What is recorded of a configuration is the same job again, and names what comes from the environment."""

from __future__ import annotations

import json

import pytest

from posecfg.config.recorded import job_of, recorded
from posecfg.errors import ConfigError

SECRET = "s3cr3t-of-the-user"
TYPED = (
    (),
    ("dataset=synthetic", "detector=synthetic", "bbox_thr=0.45", "workers=3", "writer=[npy,csv]"),
    ("film.mp4", "sampler=fps", "sampler.rate=12", "refine=[fill,smooth]", "video.start=00:00:01"),
    ("a.mp4", "b.mp4", "limit=1"),
    ("dataset=folder", "dataset.path=a ${b} 'c'.mp4", "output_dir=x ${y}"),
    ("experiment=movenet_overlay", "dataset.path=film.mp4"),
)


def again(job):
    return job_of(json.loads(json.dumps(recorded(job))))


@pytest.mark.parametrize("words", TYPED, ids=" ".join)
def test_a_record_is_the_same_job(typed, words):
    job = typed(*words)
    found = again(job)
    assert (found.config, found.choices, found.identity) == (job.config, job.choices, job.identity)
    assert found.writers() == job.writers()


def test_values_of_the_environment_are_named_wherever_they_go(typed, monkeypatch):
    monkeypatch.setenv("FILMS", SECRET)
    monkeypatch.setenv("MOST", "4")
    words = ["dataset=folder", "dataset.path=${oc.env:FILMS}", "limit=${oc.env:MOST}", "sampler=fps"]
    job = typed(*words, "sampler.rate=${limit}", "output_dir=${dataset.path}/${oc.env:NONE,out}")
    assert (job.config["dataset"]["path"], job.config["limit"], job.config["sampler"]["rate"]) == (SECRET, 4, 4)
    record = recorded(job)
    assert SECRET not in json.dumps(record)
    assert record["config"]["dataset"]["path"] == "${oc.env:FILMS}"
    assert (record["config"]["limit"], record["config"]["sampler"]["rate"]) == ("${oc.env:MOST}", "${limit}")
    assert record["config"]["output_dir"] == "${dataset.path}/${oc.env:NONE,out}"
    found = again(job)
    assert (found.config, found.identity) == (job.config, job.identity)
    monkeypatch.setenv("MOST", "5")
    assert again(job).config["limit"] == 5


def test_a_variable_that_is_gone_is_named(typed, monkeypatch):
    monkeypatch.setenv("FILMS", SECRET)
    job = typed("dataset=folder", "dataset.path=${oc.env:FILMS}")
    monkeypatch.delenv("FILMS")
    with pytest.raises(ConfigError, match="FILMS"):
        again(job)


@pytest.mark.parametrize(
    "harm",
    [
        {"config": {}},
        {"choices": 3},
        {"neutral": [1]},
        {"environment": [["dataset", "none"]]},
        {"config": {"detector": "x"}},
    ],
)
def test_a_damaged_record_is_one_sentence(typed, harm):
    with pytest.raises(ConfigError):
        job_of({**recorded(typed()), **harm})
