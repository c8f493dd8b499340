"""Files of the user's own as weights: an argument that names weights may be a path instead."""

from __future__ import annotations

import os
from pathlib import Path


def is_path(name: str) -> bool:
    """Tell whether ``name`` is the path of a file rather than the name of known weights, which has no dot or slash."""
    return os.sep in name or "." in name or name.startswith("~")


def located(name: str) -> str:
    """Return a path as an absolute one, so that it means the same in every process."""
    return os.path.abspath(os.path.expanduser(name))


def label(name: str) -> str:
    """Return what records call weights: their name, or that of the user's own file, which tells no folder."""
    return Path(name).name if is_path(name) else name
