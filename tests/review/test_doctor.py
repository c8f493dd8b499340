from __future__ import annotations

import json
import sys

import pytest

from posecfg.models import registry
from posecfg.review import doctor
from posecfg.review.doctor import Backend

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def rows():
    return {(row["kind"], row["name"]): row for row in doctor.examine()}


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Packages that are installed and do not work, each in its own way."""
    (tmp_path / "crashing.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    (tmp_path / "hanging.py").write_text("import time\ntime.sleep(60)\n")
    (tmp_path / "raising.py").write_text("raise ImportError('libfoo.so.1 is missing')\n")
    (tmp_path / "quitting.py").write_text("import sys\nsys.stdout.write('chatter')\nsys.exit(5)\n")
    (tmp_path / "chatting.py").write_text("import sys\nsys.stdout.write('no newline')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def examine(module, timeout=30.0, **options):
        found = doctor.examine([Backend(module, (module,), "a test", **options)], timeout)
        return next(row for row in found if row["name"] == module)

    return examine


def test_the_backends_that_run_these_tests_work(rows):
    for name in ("numpy", "av", "hydra", "omegaconf", "rich"):
        row = rows["backend", name]
        assert row["ok"], row
        assert row["version"]
        assert row["advice"] == ""
    assert doctor.exit_code(rows.values()) == 0


def test_the_answer_is_plain_data_with_the_same_keys(rows):
    json.dumps(list(rows.values()))
    for row in rows.values():
        assert {"kind", "name", "ok", "required", "detail", "advice"} <= set(row)


def test_every_weight_is_listed_with_its_state(rows):
    for name in registry.names():
        row = rows["weights", name]
        assert row["ok"] == row["detail"].startswith("present")
        assert bool(row["advice"]) != row["ok"]


def test_the_encoder_is_asked_for(rows):
    import av

    assert rows["encoder", "h264"]["ok"] == bool({"libx264", "libopenh264", "h264_videotoolbox"} & av.codecs_available)


def test_looking_imports_nothing_here(broken):
    broken("raising")
    assert "raising" not in sys.modules


@pytest.mark.parametrize(
    ("module", "timeout", "detail"),
    [
        ("crashing", 30, "killed by signal 11"),
        ("hanging", 0.5, "did not end within 0.5 s"),
        ("raising", 30, "ImportError: libfoo.so.1 is missing"),
        ("quitting", 30, "ended with code 5"),
    ],
)
def test_a_broken_package_is_a_sentence(broken, module, timeout, detail):
    row = broken(module, timeout, required=True)
    assert (row["installed"], row["imports"], row["ok"]) == (True, False, False)
    assert detail in row["detail"]
    assert row["advice"] == f"pip install {module}"
    assert doctor.exit_code([row]) == 1


def test_an_absent_optional_package_is_no_fault(broken):
    row = broken("surely_not_installed")
    assert (row["installed"], row["imports"], row["version"]) == (False, None, None)
    assert doctor.exit_code([row]) == 0


def test_providers_survive_what_a_package_prints(broken):
    row = broken("chatting", probe="import chatting\nproviders = ['one', 'two']")
    assert row["providers"] == ["one", "two"]


def test_advice_names_the_distribution_not_the_module(monkeypatch):
    monkeypatch.setattr(doctor.backends, "present", lambda module: False)
    found = {row["name"]: row["advice"] for row in doctor.examine()}
    assert found["hydra"] == "pip install hydra-core"
    assert found["mediapipe"].endswith("mediapipe==0.10.21")


def test_builds_that_overwrite_each_other_are_a_fault(broken, monkeypatch):
    monkeypatch.setattr(doctor.backends, "version", lambda name: "1.0")
    monkeypatch.setitem(doctor.backends.BUILDS, "json", {"json": "json", "json-gpu": "json-gpu"})
    backend = Backend("json", ("json", "json-gpu"), "a test")
    row = next(row for row in doctor.examine([backend]) if row["name"] == "json")
    assert (row["ok"], row["imports"]) == (False, True)
    assert row["detail"] == "json and json-gpu are installed together, and overwrite each other's files"
    assert row["advice"] == "pip uninstall -y json json-gpu && pip install json-gpu"


@pytest.mark.parametrize(("version", "fits"), [((3, 12, 3), True), ((3, 13, 0), False)])
def test_new_pythons_are_told_about_mediapipe(monkeypatch, version, fits):
    monkeypatch.setattr(sys, "version_info", version)
    row = doctor.examine([])[0]
    assert row["kind"] == "python"
    assert ("3.9-3.12 only" in row["detail"]) is not fits
    assert bool(row["advice"]) is not fits
