"""Graphs with non-maximum suppression and a threshold inside."""

from __future__ import annotations

import logging

import numpy as np
import onnxgraphs
import pytest
from stills import Stills

from posecfg.detectors.topdown.yolox import YoloX
from posecfg.errors import ConfigError

for package in ("onnxruntime", "onnx", "cv2"):
    pytest.importorskip(package, reason=f"{package} is not installed")

SIDE = 64
DETS = np.array([[8, 8, 24, 40, 0.9], [9, 8, 24, 40, 0.8], [40, 8, 56, 24, 0.6], [8, 40, 24, 56, 0.35]], np.float32)


@pytest.fixture
def yolox(tmp_path, weights):
    """Build a YoloX around a graph that answers with ``outputs``."""

    def build(outputs, first="n", told=True, **options):
        path = onnxgraphs.constant(tmp_path / "net.onnx", outputs, (SIDE, SIDE), first, told=told)
        return YoloX(**{"model": weights("net", path), "device": "cpu", **options})

    return build


def found(detector, pictures):
    return [(boxes.xyxy.tolist(), boxes.scores.tolist()) for boxes in detector(Stills(pictures))]


def black(width=SIDE, height=SIDE):
    return np.zeros((1, height, width, 3), np.uint8)


@pytest.mark.parametrize("told", [True, False])
def test_a_graph_that_gives_finished_boxes_is_understood(yolox, told):
    labels = np.array([0, 0, 1, 0], np.int64)
    detector = yolox({"dets": DETS, "labels": labels}, first=1, told=told)
    wanted = [[16, 16, 48, 80], [16, 80, 48, 112]]
    boxes, scores = found(detector, black(128, 128))[0]
    assert (boxes, np.round(scores, 3).tolist()) == (wanted, [0.9, 0.35])
    assert len(found(yolox({"dets": DETS, "labels": labels}, nms=None), black())[0][0]) == 3
    assert len(found(yolox({"dets": DETS, "labels": labels}, category=1), black())[0][0]) == 1
    assert len(found(yolox({"dets": DETS, "labels": labels}, score_thr=0.5), black())[0][0]) == 1
    half = {"dets": np.array([[8, 8, 24, 40, 0.5]], np.float32)}
    assert [len(found(yolox(half, score_thr=thr), black())[0][0]) for thr in (0.49, 0.5)] == [1, 0]


def test_a_graph_with_boxes_only_knows_people_only(yolox):
    assert len(found(yolox({"dets": DETS}), black())[0][0]) == 3
    with pytest.raises(ConfigError, match="'net' knows people only: use category=0, not 1"):
        yolox({"dets": DETS}, category=1)


def test_a_threshold_inside_the_graph_refuses_a_lower_one(yolox):
    with pytest.raises(
        ConfigError,
        match=r"score_thr=0\.2 was asked for, but the graph 'net' throws out everything below 0\.3 itself: .*bbox_thr",
    ):
        yolox({"dets": DETS}, score_thr=0.2)
    assert len(found(yolox({"dets": DETS}, score_thr=0.2, floor=0.1), black())[0][0]) == 3


def test_a_threshold_that_nobody_knows_is_said_to_be_so(yolox, caplog):
    with caplog.at_level(logging.WARNING, "posecfg"):
        yolox({"dets": DETS}, score_thr=0.01, floor=None)
    assert [record.getMessage() for record in caplog.records] == [
        "net has an unknown threshold inside: boxes with lower scores are lost"
    ]
