"""Check which backends work on this machine, and say what to type for those that do not.

Every import runs in a separate process, where a broken package can crash or hang without harm to posecfg.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg import backends
from posecfg.components import plugins
from posecfg.config.options import files
from posecfg.models import registry, store
from posecfg.review import seen_gpus

TIMEOUT = 60.0
_MEDIAPIPE_PYTHONS = ((3, 9), (3, 12))


@dataclass(frozen=True)
class Backend:
    """A package that posecfg can use.

    ``probe`` is Python that imports it and may set ``providers`` to a list of names; empty, a plain import.
    """

    module: str
    distributions: tuple[str, ...]
    what: str
    required: bool = False
    probe: str = ""


BACKENDS = (
    Backend("numpy", ("numpy",), "arrays", required=True),
    Backend(
        "av",
        ("av",),
        "reads and writes video",
        required=True,
        probe="import av\nproviders = [n for n in ('libx264', 'libopenh264', 'h264_videotoolbox')"
        " if n in av.codecs_available]",
    ),
    Backend("hydra", ("hydra-core",), "composes the configuration", required=True),
    Backend("omegaconf", ("omegaconf",), "holds the configuration", required=True),
    Backend("rich", ("rich",), "tables and progress in the terminal", required=True),
    Backend(
        "mediapipe",
        ("mediapipe",),
        "detector=blazepose, detector=holistic",
        # MediaPipe's own __init__ needs packages that the pose graph does not.
        probe="from posecfg.detectors import mediapipe_bindings\nmediapipe_bindings.load('detector=blazepose')\n"
        "providers = ['cpu']",
    ),
    Backend(
        "ai_edge_litert",
        ("ai-edge-litert",),
        "detector=movenet, detector=yolox",
        probe="import ai_edge_litert.interpreter\nproviders = ['cpu']",
    ),
    Backend(
        "onnxruntime",
        tuple(backends.BUILDS["onnxruntime"]),
        "detector=rtmdet, detector=rtmw3d, detector=yolox, detector=detectron2, lifter=videopose3d",
        probe="from posecfg.runtimes.onnx import library\nproviders = library('doctor').get_available_providers()",
    ),
    Backend(
        "cv2",
        ("opencv-python-headless", "opencv-python"),
        "detector=rtmdet, detector=rtmw3d, detector=yolox, detector=detectron2",
    ),
    Backend(
        "mmpose",
        ("mmpose",),
        "detector.boxes.runtime=openmmlab",
        probe="from posecfg.openmmlab.compat import prepare\nprepare()\nimport torch\n"
        "providers = ['cuda', 'cpu'] if torch.cuda.is_available() else ['cpu']",
    ),
    Backend("scipy", ("scipy",), "refine=[smooth]", probe="import scipy.signal"),
    Backend("pyarrow", ("pyarrow",), "writer=[parquet]", probe="import pyarrow.parquet"),
    Backend("h5py", ("h5py",), "writer=[movement]"),
    Backend("ezc3d", ("ezc3d",), "writer=[c3d]"),
    Backend("rerun", ("rerun-sdk",), "writer=[rerun]"),
    Backend(
        "detectron2",
        ("detectron2",),
        "detector=detectron2 detector.runtime=detectron2",
        probe="from posecfg.detectors.rcnn.native import imported\n"
        "providers = ['cuda', 'cpu'] if imported().cuda.is_available() else ['cpu']",
    ),
    Backend("tensorflow", ("tensorflow-cpu", "tensorflow"), "detector=movenet detector.runtime=tensorflow"),
)


def examine(
    known: Sequence[Backend] = BACKENDS, timeout: float = TIMEOUT, names: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """Look at Python, the backends, the video encoder and the weights, those ``names`` or all, then plugins and GPUs.

    Each row has ``kind`` (python, backend, encoder, weights, plugin, gpus), ``name``, ``ok``, ``required``, ``detail``
    and ``advice`` (what to type, or ""); a backend also has ``installed``, ``version``, ``imports`` (None when not
    installed) and ``providers``. The exit code is that of ``exit_code``.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        rows = list(pool.map(lambda backend: _backend(backend, timeout), known))
    encoders = [_encoder(row) for row in rows if row["name"] == "av" and row["imports"]]
    weights = _weights(registry.names() if names is None else names)
    return [_python(), *rows, *encoders, *weights, *([*_plugins(), *seen_gpus.rows()] if names is None else [])]


def exit_code(rows: Iterable[dict[str, Any]]) -> int:
    """Return 0 if everything that posecfg requires works, else 1."""
    return 0 if all(row["ok"] for row in rows if row["required"]) else 1


def _python() -> dict[str, Any]:
    oldest, newest = _MEDIAPIPE_PYTHONS
    fits = oldest <= sys.version_info[:2] <= newest
    pinned = backends.PINS["mediapipe"]
    unfit = f"; MediaPipe {pinned} has wheels for Python 3.9-3.12 only, so blazepose and holistic cannot run"
    note = "" if fits else unfit
    return {
        "kind": "python",
        "name": "python",
        "ok": True,
        "required": True,
        "detail": f"{platform.python_version()}, {platform.system()} {platform.machine()}{note}",
        "advice": "" if fits else "make an environment with Python 3.12, or choose another detector",
    }


def _backend(backend: Backend, timeout: float) -> dict[str, Any]:
    installed = backends.present(backend.module)
    imports, providers, detail = _try(backend, timeout) if installed else (None, [], "not installed")
    mixed = backends.clash(backend.module)
    advice = "" if imports else _advice(backend)
    if mixed is not None:
        detail, advice = mixed
    return {
        "kind": "backend",
        "name": backend.module,
        "what": backend.what,
        "ok": imports is True and mixed is None,
        "required": backend.required,
        "installed": installed,
        "version": _version(backend.distributions) if installed else None,
        "imports": imports,
        "providers": providers,
        "detail": detail,
        "advice": advice,
    }


def _try(backend: Backend, timeout: float) -> tuple[bool, list[str], str]:
    code = (
        f"providers = []\n{backend.probe or 'import ' + backend.module}\n"
        "import json, sys\nsys.stdout.write('\\n' + json.dumps(providers))\n"
    )
    home = str(Path(__file__).resolve().parents[2])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    # -P: a file in the working directory with the name of a package is not imported.
    command = [sys.executable, "-P", "-c", code]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    except subprocess.TimeoutExpired:
        return False, [], f"its import did not end within {timeout:g} s"
    if done.returncode < 0:
        return False, [], f"its import was killed by signal {-done.returncode}"
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return False, [], lines[-1].strip() if lines else f"its import ended with code {done.returncode}"
    providers: list[str] = json.loads(done.stdout.splitlines()[-1])
    return True, providers, ", ".join(providers)


def _advice(backend: Backend) -> str:
    return backends.INSTALL.get(backend.module) or f"pip install {backend.distributions[0]}"


def _version(distributions: Sequence[str]) -> str | None:
    return next((found for found in map(backends.version, distributions) if found), None)


def _encoder(av: dict[str, Any]) -> dict[str, Any]:
    found = bool(av["providers"])
    return {
        "kind": "encoder",
        "name": "h264",
        "ok": found,
        "required": False,
        "detail": ", ".join(av["providers"]) or "this PyAV cannot write H.264",
        "advice": "" if found else "pip install --force-reinstall --only-binary=av av",
    }


def _plugins() -> list[dict[str, Any]]:
    """Return a row for each package that is registered: its version, and which options it brings, or why none."""
    lacks = plugins.without_options()
    brought: dict[str, list[str]] = {package: [] for package in plugins.packages()}
    for package, folder in plugins.folders().items():
        brought[package] += [f"{group}={name}" for group, name, file in files() if file.is_relative_to(folder)]
    return [
        {
            "kind": "plugin",
            "name": package,
            "ok": package not in lacks,
            "required": False,
            "version": backends.version(package),
            "detail": lacks.get(package) or ", ".join(options),
            "advice": "",
        }
        for package, options in brought.items()
    ]


def _weights(names: Iterable[str]) -> list[dict[str, Any]]:
    found = [store.status(name) for name in names]
    return [
        {
            "kind": "weights",
            "name": status.name,
            "ok": status.state == "present",
            "required": False,
            "path": None if status.path is None else str(status.path),
            "detail": status.state,
            "advice": status.advice,
        }
        for status in found
    ]
