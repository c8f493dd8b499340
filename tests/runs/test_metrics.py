"""Metrics: computed with the clip, remembered with it, and computed again only when asked for anew."""

from __future__ import annotations

import json

import films
import numpy as np
import pytest
from whole_runs import Spy, go, job_of, sidecar_of

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.metrics.oks import Oks
from posecfg.metrics.pck import Pck
from posecfg.metrics.quality import Quality
from posecfg.review.plan import plan
from posecfg.runs import preflight
from posecfg.runs.run import run
from posecfg.runs.scores import Scores
from posecfg.runs.standing import Standing
from posecfg.store import packed
from posecfg.store.clip_facts import partials


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


PCK = "metric=[pck]"


def scores(report):
    return report.data()["scores"]


def test_poses_that_are_the_truth_score_one(out):
    assert scores(go(out, PCK)) == {"pck": 1.0}


def test_scores_come_in_the_order_of_the_metrics_asked_for_and_those_of_earlier_runs_after_them(out):
    go(out, "metric=[epe]")
    for asked, earlier in (("pck", ["epe_px"]), ("epe,pck", []), ("pck,epe", [])):
        told = go(out, f"metric=[{asked}]").data()
        names = {"pck": "pck", "epe": "epe_px"}
        assert list(told["scores"]) == [*(names[name] for name in asked.split(",")), *earlier]
        assert told["scores_earlier"] == earlier
    assert go(out).data()["scores_earlier"] == ["epe_px", "pck"]


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
    assert report.why == {"metric added": 3}
    assert scores(report) == {"pck": 1.0}
    assert {path: path.stat().st_mtime_ns for path in out.glob("*.npy")} == before


def test_another_limit_is_refused_or_computed_again(out):
    first = scores(go(out, PCK, "detector.noise=1"))
    with pytest.raises(ConfigError, match=r"metric\.pck\.alpha: 0\.05, now 0\.5"):
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


def forget(out, clip, *names):
    """Take facts out of a record, as an earlier version wrote it."""
    path = out / ".posecfg" / "clips" / f"{clip}.json"
    data = json.loads(path.read_text())
    for name in names:
        del data["facts"][name]
    path.write_text(json.dumps(data))
    (out / ".posecfg" / "ledger.db").unlink(missing_ok=True)


def test_the_keypoints_of_all_clips_are_counted_together(out):
    report = go(out, PCK, "detector.miss=0.4")
    sums = [sidecar_of(out, f"synthetic_000{number}")["facts"]["score_sums"]["metric.pck"] for number in range(3)]
    assert scores(report) == {"pck": sum(one["right"] for one in sums) / sum(one["known"] for one in sums)}
    assert report.scores.values()["pck"][1] == "over 3 clips"


def test_clips_of_an_earlier_version_are_told_apart(out):
    first = go(out, PCK, "detector.noise=1")
    forget(out, "synthetic_0001", "score_sums", "quality_sums")
    again = go(out, PCK, "detector.noise=1")
    assert (again.done, again.already, again.quality.clips) == (0, 3, 2)
    assert again.scores.values()["pck"][1] == "over 2 of 3 clips"
    for clip in ("synthetic_0000", "synthetic_0002"):
        forget(out, clip, "score_sums", "quality_sums")
    last = go(out, PCK, "detector.noise=1")
    assert (last.quality.clips, last.data()["quality"]) == (0, {"clips": 0})
    value, words = last.scores.values()["pck"]
    assert (value, words) == (pytest.approx(first.scores.values()["pck"][0]), "mean of 3 clips")


def test_every_run_knows_the_quality_of_its_poses(out):
    report = go(out, "detector.miss=0.5")
    told = report.data()["quality"]
    assert told["clips"] == 3
    assert 0 < told["detection_rate"] < 1
    rates = [sidecar_of(out, f"synthetic_000{number}")["quality"]["detection_rate"] for number in range(3)]
    assert told["detection_rate"] == pytest.approx(sum(rates) / 3)
    assert go(out, "detector.miss=0.5").data()["quality"] == told


def test_a_metric_that_needs_no_truth_is_asked_of_every_clip(out, folder, monkeypatch):
    job_of(out, *folder(), PCK)
    for name in ("facts", "partial", "reduce", "scores"):
        monkeypatch.setattr(Pck, name, vars(Quality)[name])
    screen = Spy()
    report = run(job_of(out, *folder(), PCK), screen)
    assert scores(report)["detection_rate"] == 1
    assert not any("knows no true poses" in text for text in screen.said)


def test_a_metric_that_cannot_do_what_it_says_is_refused(out, monkeypatch):
    monkeypatch.delattr(Pck, "reduce")
    job = job_of(out, PCK)
    assert [str(error) for error in preflight.problems(job)] == [
        "metric.pck: Pck says combines=True, but it has no 'reduce'."
    ]
    monkeypatch.setattr(Pck, "facts", staticmethod(lambda **_: Facts()))
    assert preflight.problems(job) == []


def test_a_metric_whose_sums_fail_ends_the_run_with_its_name(out, monkeypatch):
    def fail(self, partials):
        raise KeyError("right")

    job_of(out, PCK)
    monkeypatch.setattr(Pck, "reduce", fail)
    report = go(out, PCK)
    assert report.exit_code == 1
    assert report.error.startswith("metric.pck: ")
    assert "KeyError: 'right'" in report.error


def test_a_metric_of_poses_in_space_is_refused_beside_models_that_give_none(out):
    job = job_of(out, "metric=[mpjpe]")
    assert [str(error) for error in preflight.problems(job)] == [
        "metric.mpjpe: it needs poses in space, but detector and lifter give none: type lifter=videopose3d, or "
        "detector=blazepose; rtmw3d has them with detector.pose.intrinsics."
    ]
    assert scores(go(out, "metric=[mpjpe]", "detector.xyz=true"))["mpjpe_mm"] == pytest.approx(0, abs=1e-3)


def test_average_precision_is_that_of_all_people_in_the_order_of_their_clips(out):
    words = ("metric=[oks]", "detector.noise=1", "detector.miss=0.3")
    report = go(out, *words)
    facts = [sidecar_of(out, f"synthetic_000{number}")["facts"] for number in range(3)]
    parts = [partials(one)["metric.oks"] for one in facts]
    read = [{k: packed.unpack(v) if isinstance(v, dict) else v for k, v in part.items()} for part in parts]
    oks = Oks()
    told = report.data()["scored"]["oks"]
    assert told["scores"] == scores(report) == oks.scores(oks.reduce(read))
    assert told["scores"]["ap"] != pytest.approx(sum(one["scores"]["ap"] for one in facts) / 3)
    assert (told["clips"], told["compared"]) == (3, 9)
    assert go(out, *words).data()["scored"]["oks"] == told


def test_a_partial_that_is_damaged_is_as_if_it_were_not_there(out):
    go(out, "metric=[oks]")
    path = out / ".posecfg" / "clips" / "synthetic_0001.json"
    data = json.loads(path.read_text())
    data["facts"]["score_arrays"]["metric.oks"]["flags"]["zlib"] = "AAAA"
    path.write_text(json.dumps(data))
    (out / ".posecfg" / "ledger.db").unlink()
    assert go(out, "metric=[oks]").scores.values()["ap"] == (1.0, "over 2 of 3 clips")


def test_clips_are_grouped_by_sequence_and_view_and_what_found_their_truth_is_told(out):
    known = Scores.of(Standing.of(job_of(out, PCK), {}))
    for number, (sequence, view, right) in enumerate([("a", "c01", 10), ("a", "c02", 6), ("b", "c01", 2)]):
        scored = {"sequence": sequence, "view": view, "found_by": "a net"}
        sums = {"right": right, "known": 10, "compared": 2, "left_out/no true pose": 3}
        known.add(
            f"clip{number}", {"scores": {"pck": right / 10}, "score_sums": {"metric.pck": sums}, "scored": scored}
        )
    told = known.data()["pck"]
    assert (told["sequence"], told["view"]) == (
        {"a": {"pck": 0.8}, "b": {"pck": 0.2}},
        {"c01": {"pck": 0.6}, "c02": {"pck": 0.6}},
    )
    assert known.remarks() == [
        ("pck", "9 left out of 15 frames: no true pose 9"),
        ("truth", "found by a net: scores say how alike two detectors are, not how right one is"),
    ]
