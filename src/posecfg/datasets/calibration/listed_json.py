"""Cameras of aniposelib and AIST++: a JSON list with a table for each."""

from __future__ import annotations

import json
from typing import Any

from posecfg.datasets.aist_cameras import turned
from posecfg.datasets.calibration.checks import camera
from posecfg.types import Camera

# Radians of a rotation; one turn is 6.3.
_TURNS = 1000


def cameras(content: bytes, unit: float) -> dict[str, Camera]:
    """Return the cameras by name, ``unit`` metres each unit; raise an error in words where they are none."""
    try:
        told = json.loads(content)
    except ValueError as error:
        raise ValueError(f"it is no JSON ({error})") from error
    listed = list(told.values()) if isinstance(told, dict) else told
    if not isinstance(listed, list):
        raise ValueError("it is no list of cameras")
    found: dict[str, Camera] = {}
    for number, table in enumerate(listed, 1):
        if not isinstance(table, dict):
            raise ValueError(f"its entry number {number} is no camera")
        name = str(table.get("name") or f"cam{number}")
        if name in found:
            raise ValueError(f"it has the camera '{name}' twice")
        if table.get("fisheye"):
            raise ValueError(f"the lens of {name} is a fisheye, which is not understood")
        found[name] = described(name, table, unit)
    return found


def described(name: str, table: dict[str, Any], unit: float) -> Camera:
    """Return the camera of a table with size, matrix, distortions, rotation (a vector or a matrix) and translation."""
    import numpy as np

    if lost := [key for key in ("size", "matrix", "rotation", "translation") if key not in table]:
        raise ValueError(f"{name} has no {lost[0]}")
    try:
        size = [int(side) for side in table["size"]]
        arrays = [
            np.array(table.get(key, ()), np.float64) for key in ("matrix", "rotation", "translation", "distortions")
        ]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} has something else than numbers for its size, matrix, place or lens") from None
    matrix, rotation, place, lens = arrays
    if len(size) != 2:
        raise ValueError(f"the size of {name} is not a width and a height")
    if rotation.size == 3 and np.isfinite(rotation).all():
        if np.abs(rotation).max() > _TURNS:
            raise ValueError(f"the rotation of {name} is no turn")
        rotation = turned(rotation.reshape(3))
    return camera(name, matrix, rotation, place.reshape(-1) * unit, lens.reshape(-1), (size[0], size[1]))
