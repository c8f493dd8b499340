"""Open the network of a box detector or a pose head on the chosen runtime, and find the size of its input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from posecfg.detectors.topdown.pixels import opencv
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.models import own_files, store
from posecfg.models.architectures import known
from posecfg.openmmlab.compat import PACKAGES
from posecfg.openmmlab.networks import config_file, named_checkout
from posecfg.runtimes import onnx, openmmlab, providers, torch_device
from posecfg.runtimes.session import Session

RUNTIMES = ("onnx", "openmmlab")
TORCH = (".pth", ".pt")
# Default number of pictures at once: a processor gains nothing from more.
_CPU, _GPU = 1, 16
_LARGEST = 1 << 14


@dataclass(frozen=True)
class Opened:
    """An open network: ``size`` is the (width, height) px of its input, ``weights`` maps names to SHA-256."""

    opencv: ModuleType
    session: Session
    size: tuple[int, int]
    weights: Mapping[str, str]


def opened(
    model: str,
    runtime: str,
    device: str,
    threads: int,
    side: int | None = None,
    weights: str | None = None,
    points: int | None = None,
) -> Opened:
    """Open ``model`` with ``runtime``; ``side`` (px) is that of the input if an ONNX graph leaves it open.

    ``weights`` is the path of a file of the user's own in place of the known ones, and ``points`` the number of
    keypoints that such a checkpoint was trained for.
    """
    _check(threads)
    name = _weights(model, runtime, weights)
    _ready(model, runtime, device, threads)
    library = opencv(threads, f"'{name}'")
    session: Session
    with store.loading(name) as found:
        if runtime == "onnx":
            session = onnx.Session(found.path, weights or model, device, threads)
        else:
            session = openmmlab.Session(found.path, model, device, threads, points if weights else None)
    return Opened(library, session, input_size(session, side, side), found.weights)


def facts(
    model: str, runtime: str, device: str, threads: int, batch: int | None, weights: str | None, **own: Any
) -> Facts:
    """Return what is known of a network before it is opened; ``own`` are facts of the box detector or pose head.

    Raise ``ConfigError`` for arguments that are wrong for any network.
    """
    _check(threads, batch)
    return Facts(
        packages=(*(PACKAGES if runtime == "openmmlab" else ("onnxruntime",)), "cv2"),
        weights=(_weights(model, runtime, weights),),
        devices=torch_device.DEVICES if runtime == "openmmlab" else providers.DEVICES,
        ready=partial(_ready, model, runtime, device, threads),
        operational=("threads", "batch"),
        **own,
    )


def _check(threads: int = 1, batch: int | None = None) -> None:
    if threads < 1:
        raise ConfigError(f"Expected threads to be at least 1, but got {threads}.")
    if batch is not None and batch < 1:
        raise ConfigError(f"Expected batch to be at least 1, or null, but got {batch}.")


def _weights(model: str, runtime: str, own: str | None) -> str:
    """Return the name of the weights of ``model`` for ``runtime``, or the path of the user's ``own``."""
    if runtime not in RUNTIMES:
        raise ConfigError(f"Expected runtime to be onnx or openmmlab, but got '{runtime}'.")
    published = model if runtime == "onnx" else known(model).weights
    if own is None:
        return published
    is_torch = Path(own).suffix.lower() in TORCH
    if runtime == "onnx" and (is_torch or not own_files.is_path(own)):
        advice = "export it first" if is_torch else "or null for the published one"
        raise ConfigError(f"Expected weights to be the path of an ONNX graph, but got '{own}': name one, {advice}.")
    if runtime == "openmmlab" and not is_torch:
        raise ConfigError(
            f"Expected weights to be the path of a checkpoint ({' or '.join(TORCH)}), but got '{own}': name one, or "
            "type runtime=onnx for a graph."
        )
    return own


def _ready(model: str, runtime: str, device: str, threads: int) -> None:
    """Raise ``ConfigError`` for a device that this ONNX Runtime lacks, and for a network whose code is missing."""
    if runtime == "onnx" and device not in ("auto", "cpu"):
        library = onnx.library(f"device={device}")
        providers.requested(library, providers.chosen(library, device), threads)
    if runtime == "openmmlab" and known(model).package is None:
        config_file(known(model), named_checkout())


def input_size(session: Session, width: int | None = None, height: int | None = None) -> tuple[int, int]:
    """Return the (width, height) px of the graph's input; the arguments fill in lengths that it leaves open."""
    shape = session.takes.shape
    if len(shape) != 4 or shape[0] not in (None, 1) or shape[1] != 3:
        raise session.unlike("an input of Nx3xHxW (N open or 1)", f"takes {session.takes}")
    sides = []
    for name, own, given in (("width", shape[3], width), ("height", shape[2], height)):
        side = own if given is None else given
        if side is None:
            raise ConfigError(f"'{session.name}' takes pictures of any {name}: say which with side, such as side=640.")
        if own not in (None, side):
            raise ConfigError(f"'{session.name}' takes pictures of {name} {own} only, but got {side}: leave side null.")
        if not 0 < side <= _LARGEST:
            raise ConfigError(f"Expected side to be from 1 to {_LARGEST}, but got {side}.")
        sides.append(side)
    return sides[0], sides[1]


def at_once(session: Session, batch: int | None) -> int:
    """Return the batch size: 1 if the graph takes only one picture, else ``batch``, or the device's default."""
    _check(batch=batch)
    if not session.takes_many:
        return 1
    return batch or (_CPU if session.device == "cpu" else _GPU)
