"""Choose the device on which torch runs a network, and make its numbers repeat."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from posecfg.errors import BackendMissing, ConfigError

DEVICES = ("cpu", "cuda")


def chosen(torch: Any, device: str, runtime: str) -> str:
    """Return the device that ``device`` means for ``runtime``: ``auto`` is cuda where torch sees one, else cpu."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device not in DEVICES:
        raise ConfigError(
            f"Expected device to be auto, cpu or cuda with runtime={runtime}, but got '{device}': type one of them, or "
            "runtime=onnx, which knows more."
        )
    if device == "cuda" and not torch.cuda.is_available():
        raise BackendMissing(
            f"device=cuda was asked for, but the installed torch {torch.__version__} sees no such device (is there one "
            "here, with its driver, and is this torch a build for it?): see https://pytorch.org/get-started, or type "
            "device=cpu"
        )
    return device


def exact(torch: Any) -> AbstractContextManager[Any]:
    """Return a context of full float32, with fixed algorithms instead of those that a benchmark chooses."""
    flags: AbstractContextManager[Any] = torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )
    return flags
