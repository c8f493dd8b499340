"""Import optional packages at the moment they are needed, and say how to get them."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType

from posecfg.errors import BackendMissing

# Versions that were tested together; a test checks that pyproject.toml and the Makefile have the same.
PINS = {
    "mediapipe": "0.10.21",
    "torch": "2.13.0",
    "mmengine": "0.10.7",
    "mmcv-lite": "2.1.0",
    "mmdet": "3.3.0",
    "mmpose": "1.3.2",
}


def pinned(name: str) -> str:
    """Return a package with its pinned version, as pip takes it."""
    return f"{name}=={PINS[name]}"


# mmpose declares dependencies that are no longer built; the extra installs those that it really needs.
_OPENMMLAB = f"pip install 'posecfg[openmmlab]' && pip install --no-deps {pinned('mmpose')}"
INSTALL = {
    "mediapipe": f"pip install 'posecfg[blazepose]' && pip install --no-deps {pinned('mediapipe')}",
    "ai_edge_litert": "pip install 'posecfg[movenet]'",
    # For macOS there is no package tensorflow-cpu.
    "tensorflow": "pip install tensorflow" if sys.platform == "darwin" else "pip install tensorflow-cpu",
    "onnxruntime": "pip install 'posecfg[onnx]'",
    "cv2": "pip install 'posecfg[onnx]'",
    **dict.fromkeys(("torch", "mmengine", "mmcv", "mmdet", "mmpose"), _OPENMMLAB),
    "scipy": "pip install 'posecfg[smooth]'",
    "pyarrow": "pip install 'posecfg[parquet]'",
    "h5py": "pip install 'posecfg[movement]'",
    "ezc3d": "pip install 'posecfg[c3d]'",
    "rerun": "pip install 'posecfg[rerun]'",
    "ray": "pip install 'posecfg[ray]'",
    # Detectron2 is in no index, and its build imports the torch that is installed.
    "detectron2": "pip install torch torchvision 'setuptools<81' && pip install --no-build-isolation "
    "git+https://github.com/facebookresearch/detectron2",
    "torchvision": "pip install torch torchvision",
    "hydra": "pip install hydra-core",
}
# Builds of one package that overwrite each other's files, and what to install for each.
BUILDS = {
    "onnxruntime": {
        "onnxruntime": "'posecfg[onnx]'",
        "onnxruntime-gpu": "'posecfg[onnx-gpu]'",
        "onnxruntime-openvino": "'posecfg[onnx-openvino]'",
        "onnxruntime-directml": "onnxruntime-directml",
    }
}
# Distributions that a module may come from, where their name is another one.
DISTRIBUTIONS = {
    "onnxruntime": tuple(BUILDS["onnxruntime"]),
    "cv2": tuple(f"opencv-{kind}python{end}" for kind in ("", "contrib-") for end in ("", "-headless")),
    "mmcv": ("mmcv", "mmcv-lite"),
    "rerun": ("rerun-sdk",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-macos"),
}
# Bytes of a record in which a version stands.
_HEAD = 1 << 16
# Newest Python for which a package has wheels.
NEWEST = {"mediapipe": (3, 12)}


def present(module: str) -> bool:
    """Tell whether ``module`` is installed, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def version(distribution: str) -> str | None:
    """Return the version of a distribution, or None where it is not installed.

    What Python's own ``importlib.metadata`` would say, which takes long to import: it is asked only where no folder of
    ``sys.path`` has the distribution's own, as in a zip file.
    """
    for path in _records(_normal(distribution)):
        for line in _head(path).splitlines():
            name, _, value = line.partition(":")
            if not value:
                break
            if name == "Version":
                return value.strip()
        return None  # no record, or one that tells no version: others are of what is not imported
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except (metadata.PackageNotFoundError, LookupError, ValueError):  # absent, or a record that cannot be read
        return None


def _records(name: str) -> Iterator[str]:
    """Yield where installers noted down what they know of a distribution, in the order of ``sys.path``."""
    for folder in sys.path:
        try:
            entries = os.listdir(folder or os.curdir)
        except NotADirectoryError:
            return  # a zip file, which Python looks into
        except OSError:
            continue
        for entry in entries:
            stem, _, kind = entry.rpartition(".")
            if kind in ("dist-info", "egg-info") and _normal(stem.partition("-")[0]) == name:
                path = os.path.join(folder, entry)
                inside = os.path.join(path, "METADATA" if kind == "dist-info" else "PKG-INFO")
                yield inside if os.path.isdir(path) else path


def _head(path: str) -> str:
    """Return the beginning of a regular file, "" for anything else; a name or a summary may be in any encoding."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return stream.read(_HEAD).decode("utf-8", "replace")
    return ""


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "_", distribution).lower()


def clash(module: str) -> tuple[str, str] | None:
    """Return what is wrong and what to type if several builds of ``module`` are installed together, else None."""
    builds = BUILDS.get(module, {})
    found = [name for name in builds if version(name) is not None]
    if len(found) < 2:
        return None
    wrong = f"{' and '.join(found)} are installed together, and overwrite each other's files"
    return wrong, f"pip uninstall -y {' '.join(found)} && pip install {builds[found[-1]]}"


def check(module: str, wanted_by: str) -> None:
    """Raise ``BackendMissing`` if a package is missing or several builds of it are installed; import nothing."""
    if not present(module):
        raise missing(module, wanted_by)
    mixed = clash(module)
    if mixed is not None:
        raise BackendMissing(f"{wanted_by} needs one build of '{module}', but {': '.join(mixed)}")


def advice(module: str) -> str:
    """Return the command that installs ``module``."""
    return INSTALL.get(module, f"pip install {module}")


def missing(module: str, wanted_by: str) -> BackendMissing:
    """Return the error for a missing package; it says so if this Python is too new for the package."""
    newest, here = NEWEST.get(module), sys.version_info[:2]
    if newest is not None and here > newest:
        return BackendMissing(
            f"{wanted_by} needs {module} ({advice(module).rsplit(' ', 1)[-1]}), which has no wheel for Python "
            f"{here[0]}.{here[1]}: make an environment with Python {newest[0]}.{newest[1]}, or choose another detector="
            " (everything else works here)."
        )
    return BackendMissing(f"{wanted_by} needs the package '{module}', which is not installed: {advice(module)}")


def require(module: str, wanted_by: str) -> ModuleType:
    """Import ``module`` (a package or a part of one), or raise ``BackendMissing`` with the command to type."""
    package = module.partition(".")[0]
    check(package, wanted_by)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BackendMissing(
            f"{wanted_by} needs '{package}', which is installed but cannot be imported ({error}): {advice(package)}"
        ) from error
