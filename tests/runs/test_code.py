"""Detections depend on all code between a film and them, not only on the file that names the component."""

from __future__ import annotations

import importlib
import sys

import pytest

from posecfg.detectors.synthetic import Synthetic
from posecfg.runs import code


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Return a component of a package of several files, and the folder of the package."""
    place = tmp_path / "posecfg_bench"
    (place / "deep").mkdir(parents=True)
    texts = {"__init__.py": "", "net.py": "class Net: ...\n", "core.py": "SHIFT = 0\n", "deep/late.py": "SHIFT = 0\n"}
    for name, text in texts.items():
        (place / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == place.name]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    return importlib.import_module("posecfg_bench.net").Net, place


def now(*components):
    """Return what a new process would see."""
    code._package.cache_clear()
    return code.code_of(components)


@pytest.mark.parametrize("name", ["net.py", "core.py", "deep/late.py"])
def test_every_file_of_a_plugin_counts(lab, name):
    net, place = lab
    before = now(net, Synthetic)
    assert set(before) == {"posecfg", "posecfg_bench"}
    (place / name).write_text("SHIFT = 1\n")
    after = now(net, Synthetic)
    assert after["posecfg"] == before["posecfg"]
    assert after["posecfg_bench"] != before["posecfg_bench"]


def test_what_is_no_source_of_it_does_not_count(lab):
    net, place = lab
    before = now(net)
    (place / "__pycache__").mkdir(exist_ok=True)
    (place / "__pycache__" / "net.cpython-311.pyc").write_bytes(b"compiled")
    (place / "notes.txt").write_text("seen")
    assert now(net) == before


def test_every_part_of_posecfg_that_is_named_is_there():
    code._package.cache_clear()
    root = code.Path(code.sys.modules["posecfg"].__file__).parent
    for part in code._OWN:
        assert list(code._sources(root / part)), part
