"""Pose heads that are tried one after another: people are looked for once."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from whole_runs import go, published
from yaml_options import option

from posecfg.detectors.topdown.movenet_head import MoveNetHead
from posecfg.detectors.topdown.simcc2d import SimCC2D
from posecfg.detectors.topdown.yolox import YoloX

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture
def looked(monkeypatch):
    """Count the frames that each half looks at."""
    counts = Counter()

    def count(half, name):
        look = half.__call__

        def counting(self, frames, *rest):
            counts[name] += len(frames)
            return look(self, frames, *rest)

        monkeypatch.setattr(half, "__call__", counting)

    count(YoloX, "boxes")
    count(MoveNetHead, "poses")
    count(SimCC2D, "poses")
    return counts


def poses_of(out):
    """Return the files of a run without what they say of the run itself."""
    return {name: data for name, data in published(out).items() if name.endswith(".csv")}


def test_several_heads_look_for_people_once(folder, tmp_path, ready, looked):
    ready(option("detector", "yolox"))
    ready(option("detector/pose", "rtmpose_m"))
    words = (*folder("a.mp4"), "detector=yolox", "writer=[csv]")
    heads = (("detector/pose=movenet",), ("detector.pose.padding=1.5",), ("detector/pose=rtmpose_m",))
    for number, head in enumerate(heads):
        assert go(tmp_path / f"with{number}", *words, *head, f"cache={tmp_path / 'memory'}").done == 1
    assert looked == {"boxes": 4, "poses": 12}
    for number, head in enumerate(heads):
        go(tmp_path / f"without{number}", *words, *head, "cache=off")
        assert poses_of(tmp_path / f"with{number}") == poses_of(tmp_path / f"without{number}")


def test_boxes_above_a_lower_threshold_serve_a_head_with_a_higher_one(folder, tmp_path, ready, looked):
    ready(option("detector", "yolox"))
    words = (*folder("a.mp4"), "detector=yolox", "writer=[csv]", f"cache={tmp_path / 'memory'}")
    go(tmp_path / "low", *words, "bbox_thr=0.3", "persons=all")
    go(tmp_path / "high", *words, "bbox_thr=0.85", "detector.pose.padding=1.5", "persons=all")
    assert looked["boxes"] == 4
    go(tmp_path / "off", *words[:-1], "cache=off", "bbox_thr=0.85", "detector.pose.padding=1.5", "persons=all")
    assert poses_of(tmp_path / "high") == poses_of(tmp_path / "off")
    go(tmp_path / "lower", *words, "bbox_thr=0.1", "detector.pose.padding=1.1", "persons=all")
    assert looked["boxes"] == 12


def test_real_models_give_the_same_bytes_with_the_memory_and_without(tmp_path, monkeypatch, looked):
    film = SHARED / "media" / "intel_asl_brother.mkv"
    if not film.is_file() or not (SHARED / "models" / "yolox_nano.onnx").is_file():
        pytest.skip("the film intel_asl_brother.mkv or the weights yolox_nano.onnx are not here")
    pytest.importorskip("ai_edge_litert")
    pytest.importorskip("onnxruntime")
    monkeypatch.setenv("POSECFG_MODELS", os.fspath(SHARED / "models"))
    words = ("dataset=folder", f"dataset.path={film}", "detector=yolox", "video.end=0.4", "persons=all")
    # Its text says how long each frame took.
    words = (*words, "writer=[npz,csv,overlay]", "writer.overlay.text=false")
    for thr in ("0.2", "0.5", "0.35"):
        go(tmp_path / f"with{thr}", *words, f"bbox_thr={thr}", f"cache={tmp_path / 'memory'}")
    frames = looked["boxes"]
    for thr in ("0.2", "0.5", "0.35"):
        go(tmp_path / f"without{thr}", *words, f"bbox_thr={thr}", "cache=off")
        assert published(tmp_path / f"with{thr}") == published(tmp_path / f"without{thr}")
    assert looked["boxes"] == 4 * frames
