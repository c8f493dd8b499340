from __future__ import annotations

import shutil

import pytest

from posecfg import backends
from posecfg.config.options import options
from posecfg.review import doctor, readiness


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("POSECFG_MODELS", raising=False)
    monkeypatch.chdir(tmp_path)


def row(group, name, examined=()):
    (found,) = readiness.rows([readiness.needs(group, name)], examined)
    return found


@pytest.fixture
def installed(monkeypatch):
    """All packages are here, but those that the test names."""
    absent = set()
    monkeypatch.setattr(backends, "present", lambda module: module not in absent)
    return absent


def test_every_option_of_the_groups_of_models_is_known():
    for group in (*readiness.GROUPS, *readiness.HALVES):
        assert [name for one, name in readiness.known([group]) if one == group] == list(options()[group])


@pytest.mark.parametrize(("group", "name"), [("detector/boxes", "rtmdet"), ("detector/pose", "movenet")])
def test_a_half_of_a_detector_is_looked_at_by_itself(group, name):
    found = readiness.needs(group, name)
    assert (found.refusal, found.parts[0].where) == ("", group.replace("/", "."))
    assert found.example.startswith("python run.py")
    assert found.what


@pytest.mark.parametrize("name", ["annotations", "stored", "synthetic"])
def test_what_needs_nothing_is_ready(name):
    found = row("detector", name)
    assert (found["ok"], found["detail"], found["advice"]) == (True, "", "")
    assert found["settings"] == (["detector.path"] if name == "stored" else [])


def test_missing_weights_are_told_with_their_size_and_the_commands(installed):
    found = row("detector", "movenet")
    assert not found["ok"]
    assert found["detail"] == "weights missing, 2.9 MB"
    assert found["advice"] == "posecfg models fetch movenet_lightning_int8"
    assert (found["instead"], found["devices"]) == ("detector=blazepose", ["cpu"])
    found = row("detector", "rtmdet")
    assert found["detail"] == "2 files of weights missing, ~163 MB"
    assert found["advice"] == "posecfg models fetch rtmpose_m && posecfg models export rtmdet_m"
    assert row("lifter", "videopose3d")["advice"] == "posecfg models fetch videopose3d_coco"


def test_a_missing_package_comes_first_and_takes_its_weights_along(installed):
    installed |= {"mediapipe", "ai_edge_litert"}
    found = row("detector", "movenet")
    assert found["detail"] == "ai_edge_litert: not installed; weights missing, 2.9 MB"
    assert found["advice"] == f"{backends.advice('ai_edge_litert')} && posecfg models fetch movenet_lightning_int8"
    found = row("detector", "blazepose")
    assert found["detail"].startswith("mediapipe: ")
    assert "weights" not in found["detail"]


def test_a_python_without_a_wheel_is_no_command(installed, monkeypatch):
    installed.add("mediapipe")
    monkeypatch.setattr(readiness.sys, "version_info", (3, 13, 0))
    found = row("detector", "blazepose")
    assert found["detail"] == ("mediapipe: it has no wheel for Python 3.13, so make an environment with Python 3.12")
    assert found["advice"] == ""


def test_a_package_that_is_there_and_broken_is_not_ready(installed):
    broken = {
        "kind": "backend",
        "name": "ai_edge_litert",
        "ok": False,
        "detail": "killed by signal 11",
        "advice": "pip x",
    }
    found = row("detector", "movenet", [broken])
    assert found["detail"].startswith("ai_edge_litert: killed by signal 11; ")
    assert found["advice"].startswith("pip x && posecfg models fetch")


def test_devices_are_those_for_which_the_runtime_is_built(installed):
    built = {
        "kind": "backend",
        "name": "onnxruntime",
        "ok": True,
        "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    }
    found = row("detector", "rtmdet", [built])
    assert found["devices"] == ["cpu", "cuda"]
    assert "tensorrt" in found["elsewhere"]
    assert row("detector", "movenet", [built])["elsewhere"] == []


def test_a_file_with_another_hash_is_told_as_what_it_is(installed, tmp_path):
    place = tmp_path / "posecfg" / "models"
    place.mkdir(parents=True)
    (place / "lite-model_movenet_singlepose_lightning_tflite_int8_4.tflite").write_bytes(b"something else")
    found = row("detector", "movenet")
    assert (found["ok"], found["detail"]) == (False, "movenet_lightning_int8 is wrong")
    assert found["advice"] == "posecfg models fetch movenet_lightning_int8"
    shutil.rmtree(place)
    assert row("detector", "movenet")["detail"] == "weights missing, 2.9 MB"


def test_related_weights_are_those_of_the_option_and_its_settings():
    found = readiness.related([readiness.needs("detector", "movenet")])
    assert found == [
        "movenet_lightning_int8",
        "movenet_lightning_float16",
        "movenet_thunder_int8",
        "movenet_thunder_float16",
    ]


def test_doctor_names_every_model_that_needs_a_package():
    told = {backend.module: backend.what for backend in doctor.BACKENDS}
    for group, name in readiness.known(("detector", "lifter")):
        if name not in ("synthetic", "stored", "annotations", "none"):
            for package in readiness.needs(group, name).packages:
                assert f"{group}={name}" in told[package].split(", "), package
