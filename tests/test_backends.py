"""Packages of which several builds put their files into one place."""

from __future__ import annotations

import importlib.metadata
import os

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


def test_versions_are_those_that_python_itself_finds():
    found = {one.metadata["Name"]: one.version for one in reversed([*importlib.metadata.distributions()])}
    assert {"numpy", "hydra-core", "PyYAML"} <= found.keys()
    assert {name: backends.version(name) for name in found} == found


@pytest.mark.parametrize("name", ["Some.Thing", "some-thing", "SOME__thing"])
def test_a_distribution_is_found_however_its_name_is_spelt(name, install):
    install("Some-Thing")
    assert backends.version(name) == importlib.metadata.version(name) == "1.20.0"


def test_a_distribution_that_no_installer_noted_down_is_found_too(tmp_path, monkeypatch):
    (tmp_path / "old_way.egg-info").mkdir()
    (tmp_path / "old_way.egg-info/PKG-INFO").write_text("Metadata-Version: 2.1\nName: old-way\nVersion: 0.3\n")
    (tmp_path / "bare-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert backends.version("old-way") == "0.3"
    assert backends.version("never-installed") is None


def test_a_record_in_another_encoding_is_read_for_its_version(tmp_path, monkeypatch):
    for number, line in (("1.0", "Version: 1.0\n"), ("2.0", "")):
        folder = tmp_path / f"{'lacking' if not line else 'latin'}-{number}.dist-info"
        folder.mkdir()
        text = f"Metadata-Version: 2.1\nAuthor: Andr\xe9\nName: latin\n{line}\n"
        (folder / "METADATA").write_bytes(text.encode("latin-1"))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert backends.version("latin") == "1.0"
    assert backends.version("lacking") is None


@pytest.mark.parametrize("kind", ["egg-info", "dist-info"])
def test_what_is_imported_first_counts_whoever_installed_it(install, tmp_path, monkeypatch, kind):
    install("thing")
    early = tmp_path / "early" / f"thing.{kind}"
    early.mkdir(parents=True)
    (early / ("PKG-INFO" if kind == "egg-info" else "METADATA")).write_text("Name: thing\nVersion: 99.0\n")
    monkeypatch.syspath_prepend(str(tmp_path / "early"))
    assert backends.version("thing") == importlib.metadata.version("thing") == "99.0"


@pytest.mark.parametrize("kind", ["pipe", "endless"])
def test_a_record_that_is_no_file_is_not_waited_for(tmp_path, monkeypatch, kind):
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    if kind == "pipe":
        os.mkfifo(folder / "METADATA")
    else:
        (folder / "METADATA").symlink_to("/dev/zero")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert backends.version("thing") is None


def test_what_lies_on_the_path_first_counts(tmp_path, monkeypatch):
    for place, number in (("late", "1.0"), ("early", "2.0")):
        folder = tmp_path / place / f"thing-{number}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: thing\nVersion: {number}\n\nVersion: 9\n")
        monkeypatch.syspath_prepend(str(tmp_path / place))
    assert backends.version("thing") == importlib.metadata.version("thing") == "2.0"
