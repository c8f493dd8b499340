"""runtime=detectron2 without Detectron2: what is known of it, and what is said where a part of it is missing."""

from __future__ import annotations

import re
import sys

import pytest

from posecfg import backends
from posecfg.detectors.rcnn import native
from posecfg.detectors.rcnn.detectron2 import Detectron2
from posecfg.errors import BackendMissing, ConfigError

R50 = "COCO-Keypoints/keypoint_rcnn_R_50_FPN_3x.yaml"
BUILT = "install --no-build-isolation git+https://github.com/facebookresearch/detectron2"


def facts(**how):
    given = {"score_thr": 0.3, "det_every": 1, "runtime": "detectron2", "device": "auto", "threads": 1}
    none = dict.fromkeys(("weights", "nms", "most", "short_side", "longest_side"))
    return Detectron2.facts(R50, **{**none, **given, **how})


@pytest.fixture
def standing_in(tmp_path, monkeypatch):
    """Return a function that writes a module of that text, found before any installed one."""
    names = set()

    def loaded():
        return [one for one in sys.modules if one.partition(".")[0] in names]

    def write(name, text=""):
        path = tmp_path.joinpath(*name.split(".")) / "__init__.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        # Stand-ins go for good; only what they stand in for comes back.
        for module in loaded():
            del sys.modules[module]
        names.add(name.partition(".")[0])
        for module in loaded():
            monkeypatch.delitem(sys.modules, module)

    monkeypatch.syspath_prepend(tmp_path)
    yield write
    for module in loaded():
        del sys.modules[module]


def test_what_is_known_of_each_engine():
    own, other = facts(), facts(runtime="onnx")
    assert own.packages == ("detectron2", "torchvision")
    assert own.devices == ("cpu", "cuda")
    assert own.weights == other.weights == ("detectron2_r50",)
    assert "openvino" in other.devices
    assert own.ready() is None


def test_another_engine_is_refused():
    with pytest.raises(ConfigError, match="Expected runtime to be onnx or detectron2, but got 'torch'"):
        facts(runtime="torch")


def test_without_detectron2_its_build_is_named(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    with pytest.raises(BackendMissing, match=rf"needs the package 'detectron2', .*: pip .*{re.escape(BUILT)}"):
        native.imported()


def test_a_detectron2_without_torch_is_built_again(standing_in):
    standing_in("detectron2", "raise ImportError('no torch')")
    with pytest.raises(BackendMissing, match=rf"cannot be imported \(no torch\): .*{re.escape(BUILT)}"):
        native.imported()


@pytest.mark.parametrize(
    "text",
    [
        "raise RuntimeError('operator torchvision::nms does not exist')",
        "class ops:\n    def nms(*given):\n        raise RuntimeError('operator torchvision::nms does not exist')",
    ],
)
def test_a_torchvision_without_operations_is_another_message(standing_in, text):
    standing_in("detectron2")
    standing_in("torch", "__version__ = '2.9.1+cpu'\nzeros = lambda *sides: sides\n")
    standing_in("torchvision", text)
    with pytest.raises(BackendMissing) as error:
        native.imported()
    assert str(error.value) == (
        "runtime=detectron2 needs torchvision's compiled operations, which do not load beside torch 2.9.1+cpu "
        "(operator torchvision::nms does not exist): install the two together, such as with pip install "
        "--force-reinstall torch==2.9.1 torchvision"
    )


def test_its_parts_are_asked_for_in_turn(standing_in):
    standing_in("detectron2")
    standing_in("torch", "__version__ = '2.9.1'\nzeros = lambda *sides: sides\n")
    standing_in("torchvision", "class ops:\n    nms = print")
    for part in ("config", "modeling", "structures", "data"):
        with pytest.raises(BackendMissing, match=f"No module named 'detectron2.{part}'"):
            native.imported()
        standing_in(f"detectron2.{part}")
    standing_in("detectron2.data.transforms")
    assert native.imported().__version__ == "2.9.1"
