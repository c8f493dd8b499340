"""Networks with random weights that behave: their numbers depend on the picture, and some boxes pass the threshold."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posecfg import backends
from posecfg.models import files, registry

SHARED = Path(__file__).resolve().parents[3] / "shared"
NEEDED = ("torch", "mmengine", "mmcv", "mmdet", "mmpose", "onnxruntime", "onnx")


def pytest_collection_modifyitems(items):
    absent = [name for name in NEEDED if not backends.present(name)]
    if absent:
        reason = f"{', '.join(absent)} not installed here; `make test-openmmlab` has an environment that has them"
        for item in items:
            if Path(item.path).parent == Path(__file__).parent:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def packages():
    """Import the packages once, before anything else imports a part of them."""
    from posecfg.openmmlab import compat

    compat.prepare()


FIGURES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)


@pytest.fixture
def show(request):
    """Print figures below the results, whether tests are quiet or not."""
    lines = request.config.stash.setdefault(FIGURES, [])
    return lambda figures: lines.append(f"{request.node.callspec.id}: {figures}")


@dataclass(frozen=True)
class Forged:
    """One network three times over: as the packages build it, as a checkpoint, and as a graph."""

    name: str
    network: Any
    checkpoint: Path
    graph: Path


@pytest.fixture(scope="session")
def checkout():
    """The checkout of mmpose that the environment names, or None."""
    named = os.environ.get("POSECFG_MMPOSE")
    return Path(named) if named else None


@pytest.fixture(scope="session")
def forge(tmp_path_factory, checkout):
    """Make a network of a name, once."""
    folder, made = tmp_path_factory.mktemp("forged"), {}

    def make(name):
        if name not in made:
            from posecfg.export import worker
            from posecfg.openmmlab import networks

            checkpoint, graph = folder / f"{name}.pth", folder / f"{name}.onnx"
            save(random_model(name, checkout), checkpoint)
            network = networks.build(name, checkpoint, checkout)
            worker.write(network, graph)
            made[name] = Forged(name, network, checkpoint, graph)
        return made[name]

    return make


def random_model(name, checkout=None, seed=0):
    """Build the model with random weights."""
    import torch

    from posecfg.openmmlab import compat, networks

    torch.manual_seed(seed)
    # Several threads wait for each other by spinning, which takes far longer where cores are few.
    torch.set_num_threads(1)
    with compat.quiet(), torch.no_grad():
        network = networks.blank(name, checkout)
        model, pixels = network.model, _blobs(torch, network.size)
        _settle(torch, model, pixels)
        model.eval()
        if network.kind == "boxes":
            _spread_boxes(model, pixels)
        else:
            _spread_bins(torch, model, pixels)
    return model


def _blobs(torch, size, count=2):
    """Return inputs (count, 3, H, W) with large shapes and small ones."""
    width, height = size
    coarse = torch.randn(count, 3, height // 32, width // 32)
    wide = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    return 1.5 * wide + 0.3 * torch.randn(count, 3, height, width)


def _settle(torch, model, pixels):
    """Set what normalises activations to what it sees, layer by layer."""
    norms = [one for one in model.modules() if isinstance(one, torch.nn.modules.batchnorm._BatchNorm)]
    model.eval()
    for norm in norms:
        norm.train()
        norm.momentum = 0.7
    for _ in range(3):
        _forward(model, pixels)


def _forward(model, pixels):
    head = model.bbox_head if hasattr(model, "bbox_head") else model.head
    seen = model.backbone(pixels)
    return head(model.neck(seen) if model.with_neck else seen)


def _spread_boxes(model, pixels):
    """Let some cells in a hundred pass a score of 0.1, and boxes reach a few cells far."""
    head, strides = model.bbox_head, (8, 16, 32)
    for logits, far, cls, reg, stride in zip(
        *_forward(model, pixels), head.rtm_cls, head.rtm_reg, strides, strict=True
    ):
        gain = 1.3 / logits.std()
        cls.bias.copy_(-4 - gain * (logits.mean() - cls.bias))
        cls.weight.mul_(gain)
        cells = (far / stride).log() if head.exp_on_reg else far / stride
        reg.weight.mul_((0.2 if head.exp_on_reg else 1) / cells.std())
        reg.bias.fill_(1.1 if head.exp_on_reg else 3)


def _spread_bins(torch, model, pixels):
    """Let each axis of each keypoint have a peak of about 1."""
    bins = _forward(model, pixels)
    for axis, filled in zip("xyz", bins, strict=False):
        getattr(model.head, f"cls_{axis}").weight.div_(filled.max(dim=-1).values.mean())


def save(model, path, **more):
    """Write a checkpoint with what published ones carry beside the tensors."""
    import torch
    from mmengine.logging import HistoryBuffer

    statistics = {"train/loss": HistoryBuffer([0.5, 0.25], [1, 1]), "val/AP": HistoryBuffer([0.1], [1])}
    meta = {
        "epoch": 300,
        "cfg": "model = dict()",
        "seed": np.int64(7),
        "best": np.float64(0.5),
        "dataset_meta": {"classes": ("person",), "palette": [(220, 20, 60)], "sigmas": np.ones(17, np.float32)},
    }
    tensors = {**model.state_dict(), "data_preprocessor.mean": torch.zeros(3, 1, 1)}
    torch.save({"meta": meta, "state_dict": tensors, "message_hub": {"log_scalars": statistics}, **more}, path)


@pytest.fixture
def known_as(monkeypatch):
    """Make files known as the weights of names."""
    entries = dict(registry.load())
    monkeypatch.setattr(registry, "load", lambda: entries)

    def register(**paths):
        for name, path in paths.items():
            facts = {"licence": "MIT", "commercial": True, "cite": "", "what": ""}
            entries[name] = registry.Entry(name=name, file=path.name, sha256=files.digest(path), **facts)
        monkeypatch.setenv("POSECFG_MODELS", os.pathsep.join({str(path.parent) for path in paths.values()}))

    return register


@pytest.fixture(scope="session")
def pictures():
    """Pictures by name, (B, H, W, 3) uint8 RGB: shapes of all colours, and a photo where there is one."""
    found = {"shapes": np.stack([_shapes(seed, 480, 640) for seed in range(3)]), "tall": _shapes(9, 701, 333)[None]}
    photo = SHARED / "media" / "rtmlib_demo.jpg"
    if photo.is_file():
        import av

        with av.open(str(photo)) as file:
            found["photo"] = next(file.decode(video=0)).to_ndarray(format="rgb24")[None]
    return found


def _shapes(seed, height, width):
    chance = np.random.default_rng(seed)
    picture = np.broadcast_to(chance.integers(0, 256, 3), (height, width, 3)).astype(np.uint8).copy()
    for _ in range(60):
        x, y = chance.integers(0, width), chance.integers(0, height)
        across, down = chance.integers(8, 160, 2)
        picture[y : y + down, x : x + across] = chance.integers(0, 256, 3)
    noise = chance.integers(-12, 13, picture.shape)
    return np.clip(picture.astype(int) + noise, 0, 255).astype(np.uint8)
