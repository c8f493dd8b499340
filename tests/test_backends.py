"""Packages of which several builds put their files into one place."""

from __future__ import annotations

import pytest

from posecfg import backends
from posecfg.errors import BackendMissing

MIXED = (
    " needs one build of 'onnxruntime', but onnxruntime and onnxruntime-gpu are installed together, and overwrite each "
    "other's files: pip uninstall -y onnxruntime onnxruntime-gpu && pip install 'posecfg[onnx-gpu]'"
)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put distributions of ONNX Runtime beside each other: their records, and one package for all."""
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").write_text("raise ImportError('half of each')\n")

    def put(*names):
        for name in names:
            folder = tmp_path / f"{name.replace('-', '_')}-1.20.0.dist-info"
            folder.mkdir()
            (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.20.0\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    return put


def test_one_build_has_no_rivals(install):
    install("onnxruntime")
    assert backends.clash("onnxruntime") is None
    backends.check("onnxruntime", "a test")


@pytest.mark.parametrize("ask", [backends.check, backends.require])
def test_two_builds_are_refused_before_anything_is_imported(install, ask):
    install("onnxruntime", "onnxruntime-gpu")
    with pytest.raises(BackendMissing) as error:
        ask("onnxruntime", "a test")
    assert str(error.value) == "a test" + MIXED


def test_packages_of_one_build_are_left_alone(install):
    install("onnxruntime", "onnxruntime-gpu")
    assert backends.clash("numpy") is None
    backends.check("numpy", "a test")
