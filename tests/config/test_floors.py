"""How low the detectors of a sweep look: each as low as its own jobs ask, and no lower."""

from __future__ import annotations

import pytest

from posecfg.config import floors
from posecfg.runs.remembering import remembering

pytestmark = pytest.mark.deep

BASE = ("dataset=synthetic", "detector=synthetic")


def told(swept, *words):
    """Return of each job of a sweep its own threshold, its detector's, and the one that leaves people out."""
    given = floors.override(swept(*words, "-m"))
    found = []
    for job in swept(*words, *given, "-m"):
        plan = remembering(job)
        node = plan.detector.get("boxes", plan.detector)
        found.append((job.config["score_floor"], node.get("score_thr"), plan.cut))
    return found


def test_a_detector_looks_as_low_as_the_lowest_of_its_jobs(swept):
    found = told(swept, *BASE, "bbox_thr=0.5,0.2,0.35")
    assert found == [(0.5, 0.2, 0.5), (0.2, 0.2, 0.2), (0.35, 0.2, 0.35)]


def test_each_detector_has_its_own_floor(swept):
    words = ("dataset=synthetic", "detector=synthetic,yolox", "bbox_thr=0.2,0.5")
    assert told(swept, *words) == [(0.2, 0.2, 0.2), (0.5, 0.2, 0.5)] * 2
    assert len(floors.override(swept(*words, "-m"))) == 1


def test_a_graph_with_a_cut_inside_is_asked_for_no_more_than_its_jobs_want(swept):
    first = swept("dataset=synthetic", "detector=yolox", "detector/boxes=yolox_m", "bbox_thr=0.35,0.5", "-m")
    second = swept("dataset=synthetic", "detector=yolox", "bbox_thr=0.1", "-m")
    (word,) = floors.override([*first, *second])
    assert sorted(word.partition("{")[2].rstrip("}").replace(":", ",").split(",")[1::2]) == ["0.1", "0.35"]


@pytest.mark.parametrize(
    "words",
    [
        ("bbox_thr=0.3",),
        ("bbox_thr=0.2,0.5", "score_floor=0.1"),
        ("persons=best,all",),
    ],
    ids=" ".join,
)
def test_jobs_that_agree_tell_each_other_nothing(swept, words):
    assert floors.override(swept(*BASE, *words, "-m")) == []


def test_a_threshold_that_was_typed_for_the_detector_stays(swept):
    found = told(swept, *BASE, "detector.score_thr=0.15", "bbox_thr=0.5,0.2")
    assert found == [(0.5, 0.15, None), (0.2, 0.15, None)]


def test_a_detector_whose_thresholds_act_inside_is_not_lowered(swept):
    jobs = swept("dataset=synthetic", "detector=blazepose", "bbox_thr=0.2,0.5", "-m")
    plans = [remembering(job) for job in jobs]
    assert [plan.cut for plan in plans] == [None, None]
    assert plans[0].key == plans[1].key
    inside = swept("dataset=synthetic", "detector=blazepose", "detector.tracking_confidence=0.2,0.5", "-m")
    assert len({str(remembering(job).key) for job in inside}) == 2


def test_pose_heads_share_boxes(swept):
    jobs = swept("dataset=synthetic", "detector=rtmdet", "detector/pose=rtmpose_m,rtmw3d_l", "-m")
    plans = [remembering(job) for job in jobs]
    assert plans[0].boxes == plans[1].boxes
    assert plans[0].key != plans[1].key
    (other,) = (remembering(job) for job in swept("dataset=synthetic", "detector=rtmdet", "detector.det_every=3"))
    assert other.boxes != plans[0].boxes
    assert not other.extends


def test_poses_from_files_are_not_remembered(swept, tmp_path):
    (job,) = swept("dataset=synthetic", "detector=stored", f"detector.path={tmp_path}")
    assert remembering(job) is None
    (job,) = swept(*BASE, "cache=off")
    assert remembering(job) is None


@pytest.mark.parametrize(
    "words",
    [
        ("detector=synthetic,yolox,blazepose", "bbox_thr=0.5,0.2,0.35"),
        ("detector=yolox", "bbox_thr=0.2,0.5", "device.threads=1,2"),
        ("detector=detectron2", "bbox_thr=0.4,0.7", "score_floor=0.4"),
        ("detector=synthetic", "detector.score=0.5", "bbox_thr=0.5,0.2"),
    ],
    ids=" ".join,
)
def test_a_detector_that_is_lent_is_the_one_that_a_lower_floor_gives(swept, words):
    jobs = swept("dataset=synthetic", *words, "-m")
    again = swept("dataset=synthetic", *words, *floors.override(jobs), "-m")
    for lent, made in zip(floors.lent(jobs), again, strict=True):
        assert remembering(lent) == remembering(made)


@pytest.mark.parametrize("typed", [(), ("detector.score_thr=0.02",)], ids=["beside", "alone"])
def test_another_argument_that_follows_the_floor_lets_nothing_be_shared(swept, typed):
    jobs = swept(*BASE, *typed, "detector.noise=${score_floor}", "bbox_thr=0,0.2,0.5", "-m")
    plans = [remembering(job) for job in jobs]
    assert [plan.cut for plan in plans[1:]] == [None, None]
    assert len({str(plan.key) for plan in plans}) == 3
