"""Import optional packages at the moment they are needed, and say how to get them."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from posecfg.errors import BackendMissing

INSTALL = {
    "mediapipe": "pip install 'posecfg[blazepose]' && pip install --no-deps mediapipe==0.10.21",
    "hydra": "pip install hydra-core",
}


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
    """Build the error for an absent package."""
    return BackendMissing(f"{wanted_by} needs the package '{module}', which is not installed: {advice(module)}")


def require(module: str, wanted_by: str) -> ModuleType:
    """Import ``module``, or raise the sentence that ends in the command to type."""
    if not present(module):
        raise missing(module, wanted_by)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BackendMissing(
            f"{wanted_by} needs '{module}', which is installed but cannot be imported ({error}): {advice(module)}"
        ) from error
