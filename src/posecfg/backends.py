"""Import optional packages at the moment they are needed, and say how to get them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

from posecfg.errors import BackendMissing

# mmpose itself declares packages that are no longer built; what it really needs comes with the extra.
_OPENMMLAB = "pip install 'posecfg[openmmlab]' && pip install --no-deps mmpose==1.3.2"
INSTALL = {
    "mediapipe": "pip install 'posecfg[blazepose]' && pip install --no-deps mediapipe==0.10.21",
    "ai_edge_litert": "pip install 'posecfg[movenet]'",
    # The builds for macOS have no other name.
    "tensorflow": "pip install tensorflow" if sys.platform == "darwin" else "pip install tensorflow-cpu",
    "onnxruntime": "pip install 'posecfg[onnx]'",
    "cv2": "pip install 'posecfg[onnx]'",
    **dict.fromkeys(("torch", "mmengine", "mmcv", "mmdet", "mmpose"), _OPENMMLAB),
    "hydra": "pip install hydra-core",
}
# The last Python that a package has wheels for.
NEWEST = {"mediapipe": (3, 12)}


def present(module: str) -> bool:
    """Tell whether ``module`` is installed, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def advice(module: str) -> str:
    """Return the command that installs ``module``."""
    return INSTALL.get(module, f"pip install {module}")


def missing(module: str, wanted_by: str) -> BackendMissing:
    """Build the error for an absent package; one that this Python is too new for cannot be installed."""
    newest, here = NEWEST.get(module), sys.version_info[:2]
    if newest is not None and here > newest:
        return BackendMissing(
            f"{wanted_by} needs {module} ({advice(module).rsplit(' ', 1)[-1]}), which has no wheel for Python "
            f"{here[0]}.{here[1]}: make an environment with Python {newest[0]}.{newest[1]}, or choose another detector="
            " (everything else works here)."
        )
    return BackendMissing(f"{wanted_by} needs the package '{module}', which is not installed: {advice(module)}")


def require(module: str, wanted_by: str) -> ModuleType:
    """Import ``module`` (a package, or a part of one), or raise the sentence that ends in the command to type."""
    package = module.partition(".")[0]
    if not present(package):
        raise missing(package, wanted_by)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BackendMissing(
            f"{wanted_by} needs '{package}', which is installed but cannot be imported ({error}): {advice(package)}"
        ) from error
