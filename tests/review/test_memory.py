"""What a plan says of the memory of detections."""

from __future__ import annotations

from posecfg.config import floors
from posecfg.review.memory import memory


def told(swept, *words):
    jobs = swept("dataset=synthetic", *words)
    least = floors.lowest(jobs)
    return [memory(job, least[floors.name(job.identity)]) for job in jobs]


def test_thresholds_that_can_be_shared_are_told_with_the_lowest_of_the_sweep(swept):
    low, high = told(swept, "detector=yolox", "bbox_thr=0.2,0.5", "-m")
    assert (low["floor"], high["floor"], low["folder"]) == (0.2, 0.2, "outputs/.memory")
    assert low["shares"].startswith("what is found above 0.2, serves")
    assert "the lowest of this sweep" in high["shares"]
    assert "boxes serve every pose head" in high["shares"]


def test_thresholds_that_act_inside_a_detector_are_said_not_to_be_shared(swept):
    (one,) = told(swept, "detector=blazepose")
    assert (one["floor"], "blazepose itself" in one["shares"]) == (None, True)
    assert "cannot be shared" in one["shares"]


def test_nothing_that_is_remembered_is_said(swept, tmp_path):
    (one,) = told(swept, "detector=synthetic", "cache=off")
    assert (one["folder"], one["shares"]) == (None, "off: nothing is remembered")
    (one,) = told(swept, "detector=stored", f"detector.path={tmp_path}")
    assert "in files already" in one["shares"]


def test_the_folder_is_that_of_the_results_or_the_one_that_was_named(swept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (one,) = told(swept, "detector=synthetic", "output_dir=out")
    assert one["folder"] == "out/.posecfg/memory"
    (one,) = told(swept, "detector=synthetic", "output_dir=out", "cache=mine")
    assert one["folder"] == "mine"
