from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from posecfg.commands import models as verbs
from posecfg.errors import WeightsError
from posecfg.models import describe, registry, store

NAMES = ("rtmdet_nano", "rtmpose_m")


@pytest.fixture
def published(forge, monkeypatch, tmp_path):
    """Let the forged checkpoints be the ones that the registry knows, and this environment the exporter's."""
    known = dict(registry.load())
    monkeypatch.setattr(registry, "load", lambda: known)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("POSECFG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("POSECFG_OPENMMLAB", sys.executable)
    (tmp_path / "models").mkdir()

    def publish(name):
        checkpoint = forge(name).checkpoint
        source = registry.entry(f"{name}_torch")
        content = checkpoint.read_bytes()
        (tmp_path / "models" / source.file).write_bytes(content)
        known[source.name] = registry.Entry(
            **{**vars(source), "sha256": hashlib.sha256(content).hexdigest(), "bytes": 0}
        )

    return publish


@pytest.mark.parametrize("name", NAMES)
def test_a_checkpoint_becomes_a_graph_that_is_found(published, name, capsys):
    from posecfg.runtimes.onnx import Session

    published(name)
    said = []
    (row,) = verbs.export([name], None, said.append)
    assert (row["ok"], row["error"]) == (True, None)
    session = Session(store.find(name), name, "cpu")
    assert session.takes_many
    parity = describe.origin(store.find(name))["parity"]
    print(f"{name}: {parity}")
    assert parity["boxes"] >= 5
    assert parity["px"] <= 0.01
    assert parity["elsewhere"] <= 0.01 * parity["results"]
    assert [line.split()[0] for line in said] == ["loading", "writing", "comparing", "the", name]


def test_another_network_than_that_of_the_graph_is_noticed(forge, tmp_path):
    import torch

    from posecfg.export import parity
    from posecfg.openmmlab import networks

    forged = forge("rtmdet_nano")
    other = networks.build(forged.name, forged.checkpoint)
    with torch.no_grad():
        other.model.bbox_head.rtm_cls[0].bias.add_(0.5)
    with pytest.raises(WeightsError, match=r"thrown away: expected outputs that differ by .* at most, but got"):
        parity.check(other, forged.graph)


def test_boxes_that_lie_beside_those_of_the_package_are_noticed(forge, tmp_path):
    from posecfg.export import parity, worker
    from posecfg.openmmlab import networks

    forged = forge("rtmdet_nano")
    shifted = networks.build(forged.name, forged.checkpoint)
    shifted.graph.corners += 0.05
    worker.write(shifted, tmp_path / "shifted.onnx")
    with pytest.raises(WeightsError, match=r"expected boxes within 0\.01 px, but got (\d+) of \1 that are elsewhere"):
        parity.check(shifted, tmp_path / "shifted.onnx")


def test_a_network_that_finds_nothing_is_refused(forge, tmp_path):
    import torch

    from posecfg.export import parity, worker
    from posecfg.openmmlab import networks

    forged = forge("rtmdet_nano")
    blind = networks.build(forged.name, forged.checkpoint)
    with torch.no_grad():
        for layer in blind.model.bbox_head.rtm_reg:
            layer.weight.zero_()
            layer.bias.fill_(-60 if blind.model.bbox_head.exp_on_reg else 0)
    worker.write(blind, tmp_path / "blind.onnx")
    with pytest.raises(WeightsError, match="at least 5 boxes to compare on, but got 0"):
        parity.check(blind, tmp_path / "blind.onnx")


def test_keypoints_that_lie_elsewhere_are_noticed(forge, tmp_path):
    from posecfg.export import parity, worker
    from posecfg.openmmlab import networks

    forged = forge("rtmpose_m")
    mirrored = networks.build(forged.name, forged.checkpoint)
    forward = mirrored.graph.forward
    mirrored.graph.forward = lambda pixels: tuple(bins.flip(-1) for bins in forward(pixels))
    worker.write(mirrored, tmp_path / "mirrored.onnx")
    with pytest.raises(WeightsError, match=r"expected keypoints within 0\.01 px, but got \d+ of \d+"):
        parity.check(mirrored, tmp_path / "mirrored.onnx")


@pytest.mark.skipif(sys.platform != "linux", reason="no /dev/full here")
def test_a_full_disk_and_a_bad_checkpoint_are_told_by_the_protocol(forge, tmp_path):
    (tmp_path / "bad.pth").write_bytes(b"no checkpoint")
    for checkpoint, reason in (
        (forge("rtmdet_nano").checkpoint, "No space left on device"),
        (tmp_path / "bad.pth", "no checkpoint that can be read safely"),
    ):
        job = {"name": "rtmdet_nano", "checkpoint": str(checkpoint), "checkout": None, "graph": "/dev/full"}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "posecfg.export.worker", json.dumps(job)],
            capture_output=True,
            text=True,
            check=False,
        )
        *_, last = [json.loads(line) for line in done.stdout.splitlines()]
        assert reason in last["error"], done.stderr[-2000:]
        assert done.returncode == 1
