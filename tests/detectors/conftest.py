"""Weights of detectors: files that become known for a test: tiny graphs, and real ones where they are here."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxgraphs
import pytest
import rcnnnets
import tinygraphs

from posecfg import backends
from posecfg.components.parts import parts
from posecfg.detectors import tflite
from posecfg.models import files, own_files, registry, store

SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"
SIDE = 64
# The beginnings of names of weights for which ``tiny`` has a graph.
STOOD_FOR = ("movenet", "yolox", "rtmdet", "rtmpose", "rtmw", "detectron2")


@pytest.fixture
def weights(monkeypatch):
    """Make a file known as the weights of a name."""
    known = dict(registry.load())
    monkeypatch.setattr(registry, "load", lambda: known)
    folders = [os.environ.get("POSECFG_MODELS", "")]

    def register(name: str, path: Path) -> str:
        sha, facts = files.digest(path), {"licence": "MIT", "commercial": True, "cite": "", "what": ""}
        known[name] = registry.Entry(name=name, file=path.name, sha256=sha, **facts)
        folders.insert(0, str(path.parent))
        monkeypatch.setenv("POSECFG_MODELS", os.pathsep.join(filter(None, folders)))
        return name

    return register


@pytest.fixture
def ready(monkeypatch, weights, tmp_path):
    """Return a function that gives an option all that it is built from, or skips the test with the reason.

    ``real`` weights are those of the shared folder; else tiny graphs stand in for what no package brings along.
    """

    def prepare(option, real=False):
        if option.node.get("weights") == "???":
            option = replace(option)
            option.node["weights"] = str(tiny(f"{option.name}.onnx", tmp_path))
        found = [part.facts for part in parts(option.node, option.group)]
        for package in [package for facts in found for package in facts.packages]:
            if not backends.present(package):
                pytest.skip(f"{package} is not installed")
        monkeypatch.setenv("POSECFG_MODELS", str(SHARED))
        for name in [name for facts in found for name in facts.weights]:
            if not real and not own_files.is_path(name) and name.startswith(STOOD_FOR):
                weights(name, tiny(name, tmp_path))
            elif store.problems([name]):
                pytest.skip(f"the weights {name} are not here")
            if not real and name.startswith("movenet"):
                monkeypatch.setattr(tflite, "load", lambda runtime, wanted_by: tinygraphs.Spots)
        return option

    return prepare


def tiny(name: str, folder: Path) -> Path:
    """Write a graph that stands in for the weights ``name``: it takes and gives what they do."""
    path = folder / name
    if name.startswith("movenet"):
        path.write_bytes(b"an interpreter made of Python reads nothing")
        return path
    if name.startswith("detectron2"):
        return rcnnnets.pickled(path, rcnnnets.weights(blocks=(3, 4, 23, 3)))
    pytest.importorskip("onnx")
    if name.startswith("rtmdet"):
        return onnxgraphs.glow(path, SIDE)
    if name.startswith("yolox"):
        raw = np.zeros((8 * 8 + 4 * 4 + 2 * 2, 6), np.float32)
        raw[[0, 70, 81]] = [0.5, 0.5, 1, 1, 0.9, 0.8]
        return onnxgraphs.constant(path, {"output": raw}, (SIDE, SIDE))
    if name.startswith(("vitpose", "synthpose")):
        return onnxgraphs.warm(path, (24, 32), 52 if name.startswith("synthpose") else 17)
    deep = np.eye(133, 576, dtype=np.float32) if name.startswith("rtmw3d") else None
    points = 26 if name.endswith("halpe26") else 17 if name.startswith("rtmpose") else 133
    return onnxgraphs.spots(path, (24, 32), points, deep)
