"""Runs whose clips only other machines work on: what is asked for here, and what is left to their workers."""

from __future__ import annotations

import pytest

from posecfg.review.plan import plan
from posecfg.runs import elsewhere
from posecfg.runs.preflight import problems
from posecfg.runs.remembering import remembering

NODES = ("executor=slurm",)
YOLOX = ("dataset=synthetic", "detector=yolox", "cache=memory")


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """Let this machine have neither packages of models nor weights, as a login node."""
    monkeypatch.setattr("posecfg.backends.present", lambda module: module in ("numpy", "av"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(elsewhere, "lacking_weights", lambda names: list(dict.fromkeys(names)))
    monkeypatch.setattr("posecfg.runs.preflight.lacking_weights", lambda names: list(dict.fromkeys(names)))


def _without(words, others):
    """Leave out the words whose keys others have too."""
    keys = [word.partition("=")[0] for word in others]
    return [word for word in words if word.partition("=")[0] not in keys]


def said(job):
    return [str(error) for error in problems(job)]


@pytest.mark.parametrize(
    ("words", "far"),
    [
        (["executor=local"], False),
        (["executor=slurm"], True),
        (["executor=hosts", "executor.hosts=[node1,node2]"], True),
        (["executor=hosts", "executor.hosts=[node1,localhost]"], False),
        (["executor=ray"], True),
        (["executor=ray", "executor.address=local"], False),
        (["executor=slurm", "workers=0"], False),
    ],
)
def test_an_executor_tells_whether_only_other_machines_work(typed, words, far):
    assert elsewhere.is_elsewhere(typed("dataset=synthetic", "detector=synthetic", *words).config) is far


def test_packages_and_weights_are_left_to_the_machines_that_work(typed, bare):
    assert "needs the package 'onnxruntime', which is not installed" in said(typed(*YOLOX))[0]
    job = typed(*YOLOX, *NODES)
    assert said(job) == []
    (note,) = elsewhere.remarks(job.config)
    assert note.startswith("not on this machine: onnxruntime, cv2, ")
    assert note.endswith("; those that work must have them, or say that it is missing there")
    assert elsewhere.remarks(typed(*YOLOX).config) == []


def test_a_plan_tells_it_as_a_note(typed, bare, tmp_path):
    found = plan(typed(*YOLOX, *NODES, f"output_dir={tmp_path / 'out'}"))
    assert found["problems"] == []
    assert [note for note in found["notes"] if note.startswith("not on this machine: ")]


def test_a_device_that_only_nodes_have_is_left_to_them(typed, bare, monkeypatch):
    monkeypatch.setattr("posecfg.backends.present", lambda module: True)
    monkeypatch.setattr("posecfg.detectors.topdown.graph._ready", lambda *values: 1 / 0)
    words = ("dataset=synthetic", "detector=rtmdet", "device=cuda")
    assert "cannot tell if it is ready" in said(typed(*words))[0]
    assert said(typed(*words, *NODES)) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["detector=movenet", "device=cuda"], "device=cuda was asked for, but detector=movenet runs on"),
        (["detector.boxes.nms=7"], "detector.boxes: Expected nms to be from 0 to 1"),
        (["detector.boxes.weights=/nowhere/own.onnx"], "Expected weights in '/nowhere/own.onnx', but there is no such"),
        (["writer=[]"], "No writer is chosen"),
        (["lifter=videopose3d", "writer.npy.keypoints=[tail]"], "writer.npy: "),
    ],
)
def test_what_can_be_known_anywhere_is_told_here(typed, bare, monkeypatch, words, sentence):
    real = elsewhere.lacking_weights
    monkeypatch.setattr(
        "posecfg.runs.preflight.lacking_weights", lambda names: [name for name in real(names) if "/" not in name]
    )
    assert any(text.startswith(sentence) for text in said(typed(*_without(YOLOX, words), *NODES, *words))), words


def test_what_other_machines_find_is_remembered_apart_and_only_where_its_making_is_known(typed, monkeypatch):
    words = ("dataset=synthetic", "detector=synthetic", "cache=memory")
    here, there = remembering(typed(*words)), remembering(typed(*words, *NODES))
    assert (here.key["accelerators"] == ["elsewhere"], there.key["accelerators"]) == (False, ["elsewhere"])
    assert {name: value for name, value in here.key.items() if name != "accelerators"} == {
        name: value for name, value in there.key.items() if name != "accelerators"
    }
    monkeypatch.setattr(elsewhere, "lacking_packages", lambda config: ["onnxruntime"])
    monkeypatch.setattr("posecfg.runs.remembering.lacking_packages", lambda config: ["onnxruntime"])
    assert remembering(typed(*words, *NODES)) is None
    assert remembering(typed(*words)) is not None


@pytest.mark.parametrize(
    ("words", "program"),
    [
        (["executor=slurm"], "sbatch"),
        (["executor=hosts", "executor.hosts=[localhost,node1]"], "ssh"),
        (["executor=hosts"], ""),
        (["executor=local"], ""),
    ],
)
def test_a_program_that_a_run_would_call_is_told_where_it_is_not_here(typed, monkeypatch, words, program):
    monkeypatch.setenv("PATH", "/nowhere")
    told = f"a run with this executor needs '{program}', which is not here"
    assert (told in elsewhere.remarks(typed("dataset=synthetic", "detector=synthetic", *words).config)) is bool(program)
