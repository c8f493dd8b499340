"""Build a network of OpenMMLab from a checkpoint: as the package's own model, and as a graph to run or to export."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.models import settings
from posecfg.models.architectures import PROJECT, Known, known
from posecfg.openmmlab.checkpoints import fill
from posecfg.openmmlab.compat import prepare, quiet

STRIDES = (8, 16, 32)
_LONGEST = 300


@dataclass(frozen=True)
class Network:
    """One network in evaluation mode.

    ``model`` is what the package's own inference functions take. ``graph`` is a ``torch.nn.Module`` that takes
    (B, 3, H, W) float32, normalised, of ``size`` (width, height), and gives ``outputs``. Where ``kind`` is boxes, they
    are boxes (B, N, 4) in px of the input and scores (B, N, C), head after head; else bins of x, y and maybe z.
    """

    name: str
    kind: str
    model: Any
    graph: Any
    size: tuple[int, int]
    outputs: tuple[str, ...]


def named_checkout() -> Path | None:
    """Return the checkout of mmpose that the settings name, if any."""
    named = settings.current().mmpose
    return Path(os.path.expanduser(named)) if named else None


def build(
    name: str, checkpoint: Path, checkout: Path | None = None, device: str = "cpu", points: int | None = None
) -> Network:
    """Build the network ``name`` with the weights of ``checkpoint`` on ``device`` (cpu or cuda).

    Some networks need a ``checkout`` of mmpose's repository, whose code is then run. ``points`` is the number of
    keypoints that a pose network was trained for, None for the published one.
    """
    network = blank(name, checkout, points)
    with quiet():
        fill(network.model, checkpoint, name, known(name).weights)
    # The graph contains the model, so this applies to both.
    network.graph.eval().requires_grad_(False).to(device)
    return network


def blank(name: str, checkout: Path | None = None, points: int | None = None) -> Network:
    """Build the network ``name`` with random weights."""
    architecture = known(name)
    prepare()
    with quiet():
        model = _model(architecture, checkout, points)
    graph = (_boxes if architecture.kind == "boxes" else _pose)(model, architecture.size)
    graph.eval()
    return Network(name, architecture.kind, model, graph, architecture.size, architecture.outputs)


def _model(architecture: Known, checkout: Path | None, points: int | None) -> Any:
    """Build the model with random weights; no checkpoint is loaded."""
    path = config_file(architecture, checkout)
    if checkout is not None and architecture.package is None:
        _import(_package(checkout).resolve())
    try:
        return _built(architecture, path, points)
    except (Exception, SystemExit) as error:
        if architecture.package is not None:
            raise
        # The code of a checkout can raise any error.
        raise ConfigError(
            f"Expected '{path}' to describe {architecture.name}, as mmpose's own repository does, but it cannot be "
            f"built ({_line(error)}): get it anew from https://github.com/open-mmlab/mmpose"
        ) from error


def _built(architecture: Known, path: Path, points: int | None) -> Any:
    from mmengine.config import Config
    from mmengine.model import revert_sync_batchnorm
    from mmengine.registry import DefaultScope

    config = Config.fromfile(path)
    config.merge_from_dict(dict(architecture.changes))
    config.model.backbone.init_cfg = None
    config.model.train_cfg = None
    if architecture.kind == "pose":
        config.model.test_cfg.flip_test = False
        if points is not None:
            config.model.head.out_channels = points
    else:
        # Without this, the package's inference function finds its steps only while its own scope is active.
        config = importlib.import_module("mmpose.utils").adapt_mmdet_pipeline(config)
    registry = importlib.import_module(f"{architecture.scope}.registry").MODELS
    with DefaultScope.overwrite_default_scope(architecture.scope):
        model = revert_sync_batchnorm(registry.build(config.model))
        model.dataset_meta = _dataset(architecture, config)
    model.cfg = config
    return model


def _dataset(architecture: Known, config: Any) -> Any:
    """Return the facts of the training data that the package's inference functions need."""
    if architecture.kind == "boxes":
        return {"classes": ("person",) if config.model.bbox_head.num_classes == 1 else (), "palette": "random"}
    from mmpose.apis.inference import dataset_meta_from_config

    return dataset_meta_from_config(config)


def config_file(architecture: Known, checkout: Path | None) -> Path:
    """Return the configuration file of a network, in a package, or in ``checkout`` if it is only there."""
    if architecture.package is not None:
        spec = importlib.util.find_spec(architecture.package)
        return Path(str(spec and spec.origin)).parent / ".mim" / architecture.file
    if checkout is None:
        raise ConfigError(
            f"'{architecture.name}' with runtime=openmmlab is built by code that only mmpose's repository has: type "
            "git clone https://github.com/open-mmlab/mmpose, and then models.mmpose=FOLDER"
        )
    path = checkout / architecture.file
    for file in (path, _package(checkout)):
        if not file.is_file():
            raise ConfigError(
                f"Expected models.mmpose to be a checkout of https://github.com/open-mmlab/mmpose, but '{file}' is "
                "not there: type models.mmpose=FOLDER, with the folder that holds projects"
            )
    return path


def _package(checkout: Path) -> Path:
    return checkout / PROJECT / "rtmpose3d" / "__init__.py"


def _import(package: Path) -> None:
    """Import the package of a checkout, which its configuration files import by name."""
    name = package.parent.name
    if name in sys.modules:
        other = Path(str(sys.modules[name].__file__))
        if other != package:
            raise ConfigError(f"'{other.parent}' is in use already: start anew to use '{package.parent}' instead.")
        return
    spec = importlib.util.spec_from_file_location(name, package, submodule_search_locations=[str(package.parent)])
    if spec is None or spec.loader is None:
        raise ConfigError(f"Expected '{package}' to be a file of Python.")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        # The code of a checkout can raise any error.
        del sys.modules[name]
        raise ConfigError(
            f"Expected '{package.parent}' to be mmpose's own package, but it cannot be imported ({_line(error)}): get "
            "it anew from https://github.com/open-mmlab/mmpose"
        ) from error


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".")[:_LONGEST]


def _boxes(model: Any, size: tuple[int, int]) -> Any:
    import torch

    class Boxes(torch.nn.Module):  # type: ignore[misc]
        """Graph from pixels to boxes and scores; distances to edges count from ``corners`` (1, N, 2) px."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model
            grids = []
            for stride in STRIDES:
                rows, columns = (torch.arange(side // stride) * float(stride) for side in size[::-1])
                y, x = torch.meshgrid(rows, columns, indexing="ij")
                grids.append(torch.stack([x, y], dim=-1).reshape(1, -1, 2))
            self.register_buffer("corners", torch.cat(grids, dim=1), persistent=False)

        def forward(self, pixels: Any) -> Any:
            logits, distances = self.model.bbox_head(self.model.neck(self.model.backbone(pixels)))
            scores = torch.cat([one.permute(0, 2, 3, 1).flatten(1, 2) for one in logits], dim=1).sigmoid()
            edges = torch.cat([one.permute(0, 2, 3, 1).flatten(1, 2) for one in distances], dim=1)
            return torch.cat([self.corners - edges[..., :2], self.corners + edges[..., 2:]], dim=-1), scores

    return Boxes()


def _pose(model: Any, size: tuple[int, int]) -> Any:
    import torch

    class Bins(torch.nn.Module):  # type: ignore[misc]
        """Graph from pixels to bins along each axis."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixels: Any) -> Any:
            seen = self.model.backbone(pixels)
            return tuple(self.model.head(self.model.neck(seen) if self.model.with_neck else seen))

    return Bins()
