"""Map device names to execution providers of ONNX Runtime, and say how to install a missing one."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from posecfg.backends import BUILDS
from posecfg.errors import BackendMissing, ConfigError

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "mps": "CoreMLExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}
DEVICES = tuple(PROVIDERS)
# Builds of ONNX Runtime overwrite each other's files: uninstall the old one before installing another.
_CLEAR = f"pip uninstall -y {' '.join(BUILDS['onnxruntime'])} && pip install"
_INSTALL = {
    "cpu": f"{_CLEAR} 'posecfg[onnx]'",
    "cuda": f"{_CLEAR} 'posecfg[onnx-gpu]'",
    "tensorrt": f"{_CLEAR} 'posecfg[onnx-gpu]' tensorrt",
    "openvino": f"{_CLEAR} 'posecfg[onnx-openvino]'",
    "mps": f"on macOS, {_CLEAR} 'posecfg[onnx]'",
    "coreml": f"on macOS, {_CLEAR} 'posecfg[onnx]'",
}
# Full float32, and fixed algorithms instead of those that a benchmark chooses.
_CUDA = {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}


def chosen(runtime: ModuleType, device: str) -> str:
    """Return the device that ``device`` means here: ``auto`` is cuda if this build supports it, else cpu."""
    if device == "auto":
        return "cuda" if PROVIDERS["cuda"] in runtime.get_available_providers() else "cpu"
    if device not in PROVIDERS:
        raise ConfigError(f"Expected device to be auto or one of {', '.join(DEVICES)}, but got '{device}'.")
    return device


def requested(runtime: ModuleType, device: str, threads: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the providers to request, with options; raise an error if this build lacks that of the device."""
    provider = PROVIDERS[device]
    if provider not in runtime.get_available_providers():
        raise BackendMissing(
            f"device={device} was asked for, but the installed ONNX Runtime {runtime.__version__} is a build without "
            f"{provider}: {_INSTALL[device]}, or type device=cpu"
        )
    options: dict[str, dict[str, Any]] = {
        "cuda": _CUDA,
        "openvino": {"device_type": "CPU", "precision": "FP32", "num_of_threads": str(threads)},
    }
    wanted = [(provider, dict(options.get(device, {})))]
    if device == "tensorrt":
        wanted.append((PROVIDERS["cuda"], dict(_CUDA)))
    if device != "cpu":
        wanted.append((PROVIDERS["cpu"], {}))
    return wanted


def check_loaded(device: str, loaded: Sequence[str]) -> None:
    """Raise an error if a session runs on another provider than requested: it would only be slow."""
    if PROVIDERS[device] not in loaded:
        raise BackendMissing(
            f"device={device} was asked for, but ONNX Runtime could not load its {PROVIDERS[device]} and would run on "
            f"{', '.join(loaded)} (is there such a device here, with its driver and libraries?): `posecfg doctor` "
            "shows what works, or type device=cpu"
        )
