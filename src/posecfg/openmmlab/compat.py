"""Make OpenMMLab's packages run with current versions of their dependencies, without compiled code."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from posecfg import backends
from posecfg.errors import BackendMissing

PACKAGES = ("torch", "mmengine", "mmcv", "mmdet", "mmpose")
# Modules that fill the registries of these packages; imported here, so that stand-ins are needed only briefly.
_PARTS = {
    "mmdet": ("apis", "datasets", "engine", "evaluation", "models", "visualization"),
    "mmpose": ("apis", "codecs", "datasets", "engine", "evaluation", "models", "visualization"),
}


@cache
def prepare() -> None:
    """Import mmengine, mmcv, mmdet and mmpose; call it before any other import of them."""
    for package in PACKAGES:
        if not backends.present(package):
            raise backends.missing(package, "runtime=openmmlab")
    with quiet():
        backends.require("torch", "runtime=openmmlab")
        _answer_for_pkg_resources()
        _give_mmcv_its_operation()
        with _standing_in({**_torchvision(), **_xtcocotools()}):
            for package, parts in _PARTS.items():
                for part in parts:
                    _import(f"{package}.{part}")


def _import(module: str) -> None:
    try:
        importlib.import_module(module)
    except Exception as error:
        # Any error is possible: they check each other's versions with assertions, for instance.
        raise BackendMissing(
            f"runtime=openmmlab needs '{module}', which cannot be imported ({' '.join(str(error).split())}): make an "
            f"environment for it alone, and there type: {backends.advice('mmpose')}"
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress the warnings of these packages, which are no longer maintained."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _answer_for_pkg_resources() -> None:
    """Let mmengine find packages through the import system: setuptools has removed the module that it uses."""
    names = ("utils.package_utils", "utils", "config.config", "hub.hub")
    for module in [importlib.import_module(f"mmengine.{name}") for name in names]:
        for answer in (is_installed, get_installed_path):
            if hasattr(module, answer.__name__):
                setattr(module, answer.__name__, answer)


def is_installed(package: str) -> bool:
    """Tell whether ``package`` can be imported."""
    return backends.present(package)


def get_installed_path(package: str) -> str:
    """Return the folder of ``package``."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"Expected the package '{package}' to be installed.", name=package)
    return str(Path(spec.origin).parent)


def _module(name: str, **contents: Any) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None, is_package=True)
    module.__path__ = []
    module.__dict__.update(contents)
    return module


def _torchvision() -> dict[str, ModuleType]:
    """Return a stand-in for torchvision, of which one class is imported, for drawing, and never used."""
    transforms = _module("torchvision.transforms", ToPILImage=object)
    return {"torchvision": _module("torchvision", transforms=transforms), transforms.__name__: transforms}


def _xtcocotools() -> dict[str, ModuleType]:
    """Return pycocotools under the name of xtcocotools, its fork, whose wheel is for NumPy 1."""
    parts = {name: importlib.import_module(f"pycocotools.{name}") for name in ("coco", "cocoeval", "mask")}
    own = importlib.import_module("pycocotools")
    return {"xtcocotools": own, **{f"xtcocotools.{name}": part for name, part in parts.items()}}


@contextmanager
def _standing_in(modules: dict[str, ModuleType]) -> Iterator[None]:
    """Replace ``modules`` for imports inside the block; afterwards the real ones, if any, can be imported again."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def _give_mmcv_its_operation() -> None:
    """Replace mmcv's compiled part if it is missing: inference needs only one of its operations."""
    if backends.present("mmcv._ext"):
        return
    operations = _Operations("mmcv._ext")
    operations.__spec__ = ModuleSpec("mmcv._ext", None)
    operations.__dict__["nms"] = nms
    sys.modules["mmcv._ext"] = operations


class _Operations(ModuleType):
    """Stand-in with every operation as an attribute; those that are not implemented raise an error when called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def missing(*arguments: Any, **named: Any) -> Any:
            raise NotImplementedError(
                f"mmcv's operation '{name}' is compiled code, which no model that posecfg knows needs: install mmcv "
                "2.1.0 itself instead of mmcv-lite, where you use it for something else."
            )

        return missing


def nms(bboxes: Any, scores: Any, iou_threshold: float, offset: int = 0) -> Any:
    """Return the rows of ``bboxes`` (N, 4) to keep, the best of ``scores`` (N,) first, as mmcv's operation does."""
    import numpy as np
    import torch

    corners, worth = bboxes.detach().cpu().numpy(), scores.detach().cpu().numpy()
    x0, y0, x1, y1 = corners.T
    areas = (x1 - x0 + offset) * (y1 - y0 + offset)
    waiting, kept = np.argsort(-worth, kind="stable"), []
    while waiting.size:
        best, rest = waiting[0], waiting[1:]
        kept.append(best)
        across = np.maximum(0, np.minimum(x1[best], x1[rest]) - np.maximum(x0[best], x0[rest]) + offset)
        down = np.maximum(0, np.minimum(y1[best], y1[rest]) - np.maximum(y0[best], y0[rest]) + offset)
        common = across * down
        with np.errstate(divide="ignore", invalid="ignore"):
            overlap = common / (areas[best] + areas[rest] - common)
        # Negated, so that boxes without area (NaN) do not count as duplicates.
        waiting = rest[~(overlap > iou_threshold)]
    return torch.as_tensor(np.array(kept, np.int64), device=bboxes.device)
