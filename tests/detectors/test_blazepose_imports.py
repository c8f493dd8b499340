from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from told import facts

from posecfg import backends
from posecfg.detectors import mediapipe_bindings
from posecfg.detectors.blazepose import BlazePose
from posecfg.errors import BackendMissing, ConfigError

installed = pytest.mark.skipif(importlib.util.find_spec("mediapipe") is None, reason="mediapipe is not installed")
needs_full = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("mediapipe", "cv2", "matplotlib")),
    reason="`import mediapipe` needs cv2 and matplotlib, which are not installed",
)
BLANK = """
import numpy as np
from pathlib import Path
from posecfg.types import Clip

class Blank:
    indices, times, size = np.array([0]), np.array([0.0]), (8, 8)
    def rgb(self, width=None, height=None):
        return np.zeros((1, 8, 8, 3), np.uint8)

def people(detector):
    return [len(pose) for pose in detector([Blank()], Clip("blank", Path("blank")))]
"""


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_the_module_loads_no_backend():
    code = """
import sys
import posecfg.detectors.blazepose
sys.stdout.write(" ".join(sorted({"numpy", "mediapipe", "google", "cv2", "av"} & set(sys.modules))))
"""
    assert python(code) == []


@installed
def test_the_bindings_need_neither_opencv_nor_matplotlib_and_leave_the_name_free():
    code = f"""
import sys
from posecfg.detectors.blazepose import BlazePose
{BLANK}
assert people(BlazePose()) == [0]
assert people(BlazePose()) == [0]
heavy = {{"cv2", "matplotlib", "jax", "mediapipe", "mediapipe.python", "mediapipe.tasks"}}
sys.stdout.write(" ".join(sorted(heavy & set(sys.modules))))
"""
    assert python(code) == []


@needs_full
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_the_real_package_works_beside_ours_in_either_order(first):
    ours = "from posecfg.detectors.blazepose import BlazePose; assert people(BlazePose()) == [0]"
    theirs = """
import mediapipe as mp
import mediapipe.python.solutions.pose
assert mp.solutions.pose.Pose().process(np.zeros((8, 8, 3), np.uint8)).pose_landmarks is None
assert mp.__version__ and mp.tasks.vision.PoseLandmarker and mp.Image
"""
    steps = (ours, theirs, ours) if first == "ours" else (theirs, ours, theirs)
    python("\n".join((BLANK, *steps)))


def test_absent_mediapipe_is_a_command_to_type(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    with pytest.raises(
        BackendMissing, match=r"detector=blazepose needs the package 'mediapipe'.*mediapipe==0\.10\.21$"
    ):
        BlazePose()


def test_new_pythons_learn_that_there_is_no_wheel(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    with pytest.raises(
        BackendMissing, match=r"no wheel for Python 3\.13: make an environment with Python 3\.12.*everything else works"
    ):
        BlazePose()


def test_a_mediapipe_without_the_graph_is_a_command_to_type(monkeypatch, tmp_path):
    spec = ModuleSpec("mediapipe", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(backends, "present", lambda module: True)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    monkeypatch.setattr(mediapipe_bindings, "version", lambda: "1.2.2")
    monkeypatch.setattr(sys, "version_info", (3, 11, 0))
    with pytest.raises(BackendMissing, match=r"but 1\.2\.2 is installed.*pip install --no-deps mediapipe==0\.10\.21$"):
        BlazePose()


@installed
def test_a_graph_of_other_names_is_refused(monkeypatch):
    from posecfg.detectors import mediapipe_graph

    monkeypatch.setattr(mediapipe_graph, "_PRESENCE", "another_name")
    with pytest.raises(BackendMissing, match="to have 'another_name', but it has not"):
        BlazePose()


@pytest.mark.parametrize(
    ("complexity", "names"),
    [(0, "pose_detection blazepose_lite"), (1, "pose_detection blazepose_full"), (2, "pose_detection blazepose_heavy")],
)
def test_weights_are_named_before_anything_is_built(complexity, names):
    assert facts(BlazePose, complexity=complexity, device="auto").weights == tuple(names.split())


def test_the_folder_is_that_of_the_package():
    if importlib.util.find_spec("mediapipe") is None:
        pytest.skip("mediapipe is not installed")
    assert (Path(mediapipe_bindings.package("test")) / mediapipe_bindings.GRAPH).is_file()


def test_a_process_that_was_forked_off_one_with_mediapipe_is_refused_instead_of_waiting(monkeypatch, tmp_path):
    monkeypatch.setattr(mediapipe_bindings, "package", lambda wanted_by: tmp_path)
    monkeypatch.setattr(mediapipe_bindings, "_load", lambda folder: object())
    for name in ("_loaded", "_process"):
        monkeypatch.setattr(mediapipe_bindings, name, None)
    first = mediapipe_bindings.load("detector=blazepose")
    assert mediapipe_bindings.load("detector=blazepose") is first
    process = mediapipe_bindings.os.getpid()
    monkeypatch.setattr(mediapipe_bindings.os, "getpid", lambda: process + 1)
    with pytest.raises(ConfigError, match=r"forked after MediaPipe was loaded: .*get_context\('spawn'\)"):
        mediapipe_bindings.load("detector=blazepose")


def test_a_thread_that_asks_while_another_loads_is_told_that_it_is_installed(monkeypatch, tmp_path):
    (tmp_path / "mediapipe" / mediapipe_bindings.GRAPH).parent.mkdir(parents=True)
    (tmp_path / "mediapipe" / mediapipe_bindings.GRAPH).touch()
    (tmp_path / "mediapipe" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mediapipe", raising=False)
    asked = []
    monkeypatch.setattr(mediapipe_bindings, "_import", lambda folder: asked.append(mediapipe_bindings.package("test")))
    mediapipe_bindings._load(tmp_path / "mediapipe")
    assert asked == [tmp_path / "mediapipe"]
    assert "mediapipe" not in sys.modules
