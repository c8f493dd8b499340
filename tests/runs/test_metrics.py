"""Metrics: computed with the clip, remembered with it, and computed again only when asked for anew."""

from __future__ import annotations

import films
import numpy as np
import pytest
from whole_runs import Spy, go, job_of

from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.runs.run import run


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


PCK = "metric=[pck]"


def scores(report):
    return report.data()["scores"]


def test_poses_that_are_the_truth_score_one(out):
    assert scores(go(out, PCK)) == {"pck": 1.0}


def test_a_data_set_without_known_poses_is_named(out, tmp_path):
    film, screen = films.make("one.mp4", tmp_path), Spy()
    words = ("dataset=folder", f"dataset.path={film}", PCK)
    note = "metric=pck: dataset=folder knows no true poses, so there is no score"
    assert note in plan(job_of(out, *words))["notes"]
    assert scores(run(job_of(out, *words), screen)) == {}
    assert screen.said == [f"note: {note}"]


def test_noise_and_missing_rows_cost_score(out):
    noisy = scores(go(out / "noisy", PCK, "detector.noise=1"))["pck"]
    assert 0 < noisy < 0.9
    assert scores(go(out / "gone", PCK, "detector.miss=1"))["pck"] == 0


def test_scores_of_an_earlier_run_are_remembered(out):
    first = scores(go(out, PCK, "detector.noise=3"))
    again = go(out, PCK, "detector.noise=3")
    assert (again.done, scores(again)) == (0, first)


def test_a_metric_that_is_added_leaves_the_files_alone(out):
    go(out)
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.npy")}
    report = go(out, PCK)
    assert report.why == {"writer added": 3}
    assert scores(report) == {"pck": 1.0}
    assert {path: path.stat().st_mtime_ns for path in out.glob("*.npy")} == before


def test_another_limit_is_refused_or_computed_again(out):
    first = scores(go(out, PCK, "detector.noise=1"))
    with pytest.raises(ConfigError, match=r"metric\.pck\.alpha: default, now 0\.5"):
        go(out, PCK, "detector.noise=1", "metric.pck.alpha=0.5")
    wide = go(out, PCK, "detector.noise=1", "metric.pck.alpha=0.5", "overwrite=true")
    assert wide.why == {"written with other settings": 3}
    assert scores(wide)["pck"] > first["pck"]


def test_films_without_truth_have_no_scores(out, folder):
    report = go(out, *folder(), PCK)
    assert (report.done, scores(report)) == (2, {})


def test_unrelated_images_are_followed_anew(out, tmp_path):
    films.pictures(tmp_path / "shots", ["0.png", "1.png", "2.png"])
    words = ("dataset=folder", f"dataset.path={tmp_path / 'shots'}", "dataset.images=true", "dataset.independent=true")
    assert go(out, *words).done == 1
    assert np.load(next(out.glob("*.npy"))).shape == (3, 17, 3)
