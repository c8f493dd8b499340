"""What the packages are made to run with, and how networks are built."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.detectors.topdown.nms import distinct
from posecfg.errors import BackendMissing, ClipError, ConfigError
from posecfg.models.architectures import KNOWN
from posecfg.openmmlab import compat, networks
from posecfg.runtimes.memory import OutOfMemory
from posecfg.runtimes.openmmlab import Session


def test_nothing_goes_on_standing_in_for_other_packages():
    compat.prepare()
    for name in ("torchvision", "xtcocotools"):
        assert getattr(sys.modules.get(name), "__file__", "real")
        assert f"{name}.transforms" not in sys.modules


def test_operations_that_are_not_there_say_so_when_they_are_called():
    import torch
    from mmcv.ops import soft_nms

    with pytest.raises(NotImplementedError, match="mmcv's operation 'softnms' is compiled code"):
        soft_nms(torch.zeros(1, 4), torch.ones(1), 0.5)


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.sampled_from([0.0, 0.3, 0.6, 1.0]))
def test_the_operation_keeps_the_same_boxes_as_our_own(seed, count, overlap):
    import torch

    chance = np.random.default_rng(seed)
    corners = chance.uniform(0, 50, (count, 2))
    xyxy = np.concatenate([corners, corners + chance.uniform(1, 40, (count, 2))], axis=1).astype(np.float32)
    scores = chance.uniform(0, 1, count).astype(np.float32)
    kept = compat.nms(torch.from_numpy(xyxy), torch.from_numpy(scores), overlap)
    assert kept.dtype == torch.int64
    assert kept.tolist() == distinct(xyxy, scores, overlap).tolist()


@pytest.mark.parametrize("name", [name for name, one in KNOWN.items() if one.package])
def test_every_configuration_file_is_where_it_should_be(name):
    assert networks.config_file(KNOWN[name], None).is_file()


def test_networks_are_ready_for_inference_only(forge):
    network = forge("rtmpose_m").network
    assert (network.size, network.outputs) == ((192, 256), ("simcc_x", "simcc_y"))
    assert not network.model.training
    assert not network.model.test_cfg.flip_test
    assert not any(one.requires_grad for one in network.graph.parameters())


def test_a_checkout_is_asked_for_where_packages_do_not_do(tmp_path, monkeypatch):
    monkeypatch.delenv("POSECFG_MMPOSE", raising=False)
    assert networks.named_checkout() is None
    with pytest.raises(ConfigError, match=r"'rtmw3d_l' with runtime=openmmlab .* models\.mmpose=FOLDER"):
        networks.build("rtmw3d_l", tmp_path / "x.pth")
    monkeypatch.setenv("POSECFG_MMPOSE", str(tmp_path))
    with pytest.raises(ConfigError, match=r"models\.mmpose to be a checkout of .*rtmw3d-l_8xb64.* is not there"):
        networks.build("rtmw3d_l", tmp_path / "x.pth", networks.named_checkout())


@pytest.mark.parametrize(
    ("package", "description", "reason"),
    [
        ("", "", "AttributeError"),
        ("", "model = dict(", "SyntaxError"),
        ("", "raise SystemExit(3)", "SystemExit: 3"),
        ("raise SystemExit", "", "SystemExit"),
        ("raise ValueError('one line\\nand another')", "", "ValueError: one line and another"),
        ("", "model = dict(type='NoSuchThing', backbone=dict(), test_cfg=dict())", "KeyError"),
    ],
)
# mmengine leaves files open that it could not read.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_checkout_that_is_another_is_one_sentence(tmp_path, monkeypatch, package, description, reason):
    monkeypatch.delitem(sys.modules, "rtmpose3d", raising=False)
    own = networks._package(tmp_path)
    own.parent.mkdir(parents=True)
    own.write_text(package)
    (tmp_path / KNOWN["rtmw3d_l"].file).parent.mkdir(parents=True)
    (tmp_path / KNOWN["rtmw3d_l"].file).write_text(description)
    with pytest.raises(ConfigError) as error:
        networks.blank("rtmw3d_l", tmp_path)
    sys.modules.pop("rtmpose3d", None)
    assert reason in str(error.value)
    assert "get it anew from https://github.com/open-mmlab/mmpose" in str(error.value)
    assert "\n" not in str(error.value)
    del error
    gc.collect()


def test_a_second_checkout_is_not_taken_for_the_first(tmp_path, monkeypatch):
    for folder in ("one", "two"):
        (tmp_path / folder / "rtmpose3d").mkdir(parents=True)
        (tmp_path / folder / "rtmpose3d" / "__init__.py").write_text("from . import inner\n")
        (tmp_path / folder / "rtmpose3d" / "inner.py").write_text("x = 1\n")
    monkeypatch.delitem(sys.modules, "rtmpose3d", raising=False)
    monkeypatch.delitem(sys.modules, "rtmpose3d.inner", raising=False)
    one, two = (tmp_path / folder / "rtmpose3d" / "__init__.py" for folder in ("one", "two"))
    before = dict(sys.modules)
    try:
        networks._import(one)
        networks._import(one)
        assert Path(sys.modules["rtmpose3d.inner"].__file__).parent == one.parent
        with pytest.raises(ConfigError, match=r"one/rtmpose3d' is in use already: start anew to use '.*two/rtmpose3d'"):
            networks._import(two)
    finally:
        for name in set(sys.modules) - set(before):
            del sys.modules[name]


def test_names_that_do_not_exist_are_answered_with_the_nearest():
    with pytest.raises(ConfigError, match=r"but got 'rtmdet_nan'\. Did you mean 'rtmdet_nano'\?"):
        networks.build("rtmdet_nan", Path("x.pth"))


@pytest.fixture
def session(forge):
    return Session(forge("rtmdet_nano").checkpoint, "rtmdet_nano", "cpu", 1)


def test_a_session_looks_like_that_of_a_graph(session, forge):
    from posecfg.runtimes.onnx import Session as Graph

    graph = Graph(forge("rtmdet_nano").graph, "rtmdet_nano", "cpu", 1)
    assert (session.takes, session.takes_many) == (graph.takes, graph.takes_many)
    assert session.shapes(3, 320, 320) == graph.shapes(3, 320, 320)
    assert [port.name for port in session.gives] == [port.name for port in graph.gives]
    assert "rtmdet_nano_torch" in str(session.unlike("a", "b"))


def test_a_number_of_threads_is_kept(forge):
    import torch

    for threads in (2, 1):
        Session(forge("rtmdet_nano").checkpoint, "rtmdet_nano", "cpu", threads)
        assert torch.get_num_threads() == threads
    with pytest.raises(ConfigError, match="threads to be at least 1, but got 0"):
        Session(forge("rtmdet_nano").checkpoint, "rtmdet_nano", "cpu", 0)


def test_a_device_that_is_not_there_is_an_error(forge, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    checkpoint = forge("rtmdet_nano").checkpoint
    assert Session(checkpoint, "rtmdet_nano").device == "cpu"
    with pytest.raises(BackendMissing, match=r"device=cuda was asked for, but the installed torch .*device=cpu"):
        Session(checkpoint, "rtmdet_nano", "cuda")
    with pytest.raises(ConfigError, match="auto, cpu or cuda with runtime=openmmlab, but got 'tensorrt'"):
        Session(checkpoint, "rtmdet_nano", "tensorrt")


def test_too_little_memory_is_told_from_other_failures(session, monkeypatch):
    import torch

    rows = np.zeros((1, 3, 320, 320), np.float32)
    monkeypatch.setattr(session, "_graph", lambda _: (torch.empty(1 << 50),))
    with pytest.raises(OutOfMemory):
        session(rows)

    def full(_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")

    monkeypatch.setattr(session, "_graph", full)
    with pytest.raises(OutOfMemory, match="Tried to allocate 2 GiB"):
        session(rows)
    monkeypatch.setattr(session, "_graph", lambda _: (torch.zeros(2) @ torch.zeros(3),))
    with pytest.raises(ClipError, match="'rtmdet_nano_torch' did not work: "):
        session(rows)
