"""Cameras of Pose2Sim: a TOML file with a table for each."""

from __future__ import annotations

import tomllib
from typing import Any

from posecfg.datasets.calibration.listed_json import described
from posecfg.types import Camera

# Points in one line: the time that a key takes grows with the square of its parts.
_POINTS = 1000
# Tables of such files that are no cameras.
_OTHERS = ("metadata", "capture_volume", "charuco", "checkerboard")


def cameras(content: bytes, unit: float) -> dict[str, Camera]:
    """Return the cameras by name, ``unit`` metres each unit; raise an error in words where they are none."""
    if any(line.count(b".") > _POINTS for line in content.splitlines()):
        raise ValueError(f"it has a line with more than {_POINTS} points")
    try:
        told = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"it is no TOML ({error})") from error
    found: dict[str, Camera] = {}
    for key, table in told.items():
        if key in _OTHERS or not isinstance(table, dict):
            continue
        if table.get("fisheye"):
            raise ValueError(f"the lens of {key} is a fisheye, which is not understood")
        name = _name(key, table)
        if name in found:
            raise ValueError(f"it has the camera '{name}' twice")
        found[name] = described(name, table, unit)
    return found


def _name(key: str, table: dict[str, Any]) -> str:
    name = table.get("name", key)
    return name if isinstance(name, str) and name else key
