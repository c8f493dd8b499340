"""The head of a log."""

import pytest
from whole_runs import SMALL, job_of

from posecfg.runs.report import Report
from posecfg.terminal.configuration import configuration


def head(job, **report):
    said = list(configuration(job, Report("out", total=3, **report)))
    assert said[-1] == "Building processing tasks..."
    return said


def test_the_head_says_what_is_done_with_which_settings():
    words = ("sampler=fps", "sampler.rate=6", "writer=[npy,csv]", "bbox_thr=0.4", "limit=5")
    said = head(job_of("out", "dataset=synthetic", *SMALL, *words, "video.fps=[24,60]"), to_do=3, workers=2)
    assert said[0].startswith("=== posecfg ")
    assert said[0].endswith(": synthetic on synthetic ===")
    assert said[1:3] == ["", "Configuration:"]
    told = dict(line.strip().split(": ", 1) for line in said[3:-1] if line)
    assert told["overrides"].endswith("bbox_thr=0.4 video.fps=[24,60]")
    assert told["dataset"].startswith("synthetic, clips=3, frames=3, size=[32, 24]")
    assert told["sampler"].startswith("fps, rate=6")
    assert told["detector"].startswith("synthetic (coco17), ")
    assert "batch=4" in told["detector"]
    assert told["persons"].startswith("best")
    assert [line.split(", ")[0].strip() for line in said if "writer:" in line] == ["writer: npy", "writer: csv"]
    assert told["thresholds"] == "bbox_thr=0.4, kpt_thr=0.3, score_floor=0.4"
    assert told["video"] == "fps=[24, 60], tolerance=0.001, max_pixels=67108864"
    assert told["device"] == "auto, fp32, threads=1"
    assert (told["workers"], told["also"], told["output_dir"]) == ("2", "limit=5", "out")
    assert "lifter" not in told


@pytest.fixture
def weights(monkeypatch):
    """Stand in for the files of weights: one that is here, and one that is not."""
    rows = [
        {"name": "net", "state": "present", "path": "models/net.onnx", "bytes": 4_100_000, "found": "0123456789abcdef"},
        {"name": "far", "state": "missing", "path": None, "bytes": 9, "found": None, "advice": "fetch it"},
    ]
    monkeypatch.setattr("posecfg.review.plan.weights", lambda job: [rows[0], *rows])


def test_weights_are_told_by_file_and_hash_and_nobody_says_that_they_are_loaded(weights):
    said = head(job_of("out"), to_do=3, workers=2)
    assert said[-5:-1] == [
        "Models that each worker loads:",
        "✓ net found: models/net.onnx (4.1 MB, sha256 0123456789ab)",
        "- far is missing: it is fetched first",
        "",
    ]


def test_where_nothing_is_to_do_no_weights_are_told(weights):
    assert not any("net" in line for line in head(job_of("out")))
