"""Which engine runs a network, and what is known of it before anything is built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from told import facts

from posecfg import backends
from posecfg.components.parts import parts
from posecfg.detectors.topdown.graph import opened
from posecfg.detectors.topdown.rtmdet import RtmDet
from posecfg.detectors.topdown.simcc2d import SimCC2D
from posecfg.detectors.topdown.simcc3d import SimCC3D
from posecfg.detectors.topdown.yolox import YoloX
from posecfg.errors import BackendMissing, ConfigError
from posecfg.models.architectures import KNOWN, PROJECT
from posecfg.openmmlab.compat import PACKAGES

DEEP = ("rtmw3d_l", "rtmw3d_x")
INSTALL = "pip install 'posecfg[openmmlab]' && pip install --no-deps mmpose==1.3.2"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Name a folder that looks like mmpose's repository."""
    for file in ("rtmpose3d/__init__.py", *(f"configs/{Path(KNOWN[name].file).name}" for name in DEEP)):
        path = tmp_path / "mmpose" / PROJECT / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    monkeypatch.setenv("POSECFG_MMPOSE", str(tmp_path / "mmpose"))


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("kind", [RtmDet, SimCC2D, SimCC3D])
def test_the_engine_decides_what_is_needed(kind):
    (own,) = facts(kind).weights
    other = facts(kind, runtime="openmmlab", device="cuda")
    assert other.weights == (f"{own}_torch",)
    assert facts(kind).packages == ("onnxruntime", "cv2")
    assert other.packages == ("torch", "mmengine", "mmcv", "mmdet", "mmpose", "cv2")
    assert "tensorrt" in facts(kind).devices
    assert other.devices == ("cpu", "cuda")
    other.ready()


def test_a_class_that_openmmlab_does_not_have_has_no_choice_of_engine():
    assert (facts(YoloX).packages, facts(YoloX).weights) == (("onnxruntime", "cv2"), ("yolox_nano",))


@pytest.mark.parametrize("ask", [lambda: facts(RtmDet, runtime="torch"), lambda: opened("rtmdet_m", "torch", "cpu", 1)])
def test_an_engine_that_does_not_exist_is_refused(ask):
    with pytest.raises(ConfigError, match="Expected runtime to be onnx or openmmlab, but got 'torch'"):
        ask()


def test_a_model_that_openmmlab_does_not_have_is_refused():
    with pytest.raises(ConfigError, match=r"network of OpenMMLab among rtmdet_m, .*, but got 'yolox_nano'"):
        facts(RtmDet, model="yolox_nano", runtime="openmmlab")


def test_code_that_is_wanted_and_not_there_is_known_before_anything_is_built(monkeypatch, tmp_path):
    monkeypatch.delenv("POSECFG_MMPOSE", raising=False)
    ready = facts(SimCC3D, runtime="openmmlab").ready
    with pytest.raises(ConfigError, match=r"is built by code that only .* type git clone .* models\.mmpose=FOLDER"):
        ready()
    monkeypatch.setenv("POSECFG_MMPOSE", str(tmp_path))
    with pytest.raises(ConfigError, match=r"Expected models\.mmpose to be a checkout of"):
        ready()
    assert facts(SimCC3D).weights == ("rtmw3d_l",)


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("name", ["rtmdet_m", "rtmpose_m", "rtmw3d_x"])
def test_names_are_the_same_for_both_engines(name):
    assert KNOWN[name].weights == f"{name}_torch"
    assert name in KNOWN


def test_absent_packages_are_two_commands_to_type():
    node = {"_target_": "posecfg.detectors.topdown.rtmdet.RtmDet", "model": "rtmdet_m", "runtime": "openmmlab"}
    (part,) = parts(node, "detector.boxes")
    own = [package for package in part.facts.packages if package != "cv2"]
    assert all(str(backends.missing(package, "RtmDet")).endswith(INSTALL) for package in own)


@pytest.mark.skipif(all(backends.present(name) for name in (*PACKAGES, "cv2")), reason="all of it is here")
def test_a_session_without_its_packages_says_what_to_type(weights, tmp_path):
    path = tmp_path / "x.pth"
    path.write_bytes(b"")
    weights("rtmpose_m_torch", path)
    pytest.importorskip("cv2", reason="cv2 is not installed")
    with pytest.raises(BackendMissing) as caught:
        SimCC2D(runtime="openmmlab")
    assert str(caught.value).endswith(INSTALL)


def test_importing_the_modules_loads_no_backend():
    heavy = ("numpy", "cv2", "onnxruntime", *PACKAGES)
    names = ("detectors.topdown.rtmdet", "detectors.topdown.simcc3d", "openmmlab.networks", "runtimes.openmmlab")
    code = f"import sys, {', '.join(f'posecfg.{name}' for name in names)}; print(set(sys.modules) & set({heavy}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
