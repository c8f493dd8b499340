"""Cameras of Qualisys: XML whose cameras look along -z with y up, with 64 units a px."""

from __future__ import annotations

import math
from xml.etree import ElementTree

from posecfg.datasets.calibration.checks import camera
from posecfg.types import Camera

_SUBPIXELS = 64


def cameras(content: bytes, unit: float) -> dict[str, Camera]:
    """Return the cameras by serial, ``unit`` metres each unit; raise an error in words where they are none."""
    import numpy as np

    if b"\0" in content:
        raise ValueError("it is no UTF-8")
    if b"<!" in content.replace(b"<!--", b""):
        raise ValueError("it defines words of its own, which no calibration does")
    try:
        nodes = ElementTree.fromstring(content).findall("./cameras/camera")
    except ElementTree.ParseError as error:
        raise ValueError(f"it is no XML ({error})") from error
    found: dict[str, Camera] = {}
    for number, node in enumerate(nodes, 1):
        name = node.get("serial") or f"cam{number}"
        if name in found:
            raise ValueError(f"it has the camera '{name}' twice")
        place, lens, field = (_part(node, part, name) for part in ("transform", "intrinsic", "fov_video"))
        axes = np.array([[_number(place, f"r{i}{j}", name) for j in (1, 2, 3)] for i in (1, 2, 3)])
        rotation = np.diag([1.0, -1.0, -1.0]) @ axes
        focal, middle = (
            [_number(lens, f"{key}{a}", name) / _SUBPIXELS for a in "UV"] for key in ("focalLength", "centerPoint")
        )
        corner = [_number(field, side, name) for side in ("left", "top")]
        radial = [_number(lens, f"radialDistortion{n}", name) for n in (1, 2, 3)]
        tangential = [_number(lens, f"tangentalDistortion{n}", name) for n in (1, 2)]
        found[name] = camera(
            name,
            np.array([[focal[0], 0, middle[0] - corner[0]], [0, focal[1], middle[1] - corner[1]], [0, 0, 1]]),
            rotation,
            -rotation @ np.array([_number(place, axis, name) for axis in "xyz"]) * unit,
            np.array([*radial[:2], *tangential, radial[2]]),
            (
                int(_number(field, "right", name) - corner[0]) + 1,
                int(_number(field, "bottom", name) - corner[1]) + 1,
            ),
        )
    return found


def _part(node: ElementTree.Element, part: str, name: str) -> dict[str, str]:
    found = node.find(part)
    if found is None:
        raise ValueError(f"{name} has no <{part}>")
    return found.attrib


def _number(told: dict[str, str], key: str, name: str) -> float:
    try:
        number = float(told[key])
        if math.isfinite(number):
            return number
        raise ValueError
    except (KeyError, ValueError):
        raise ValueError(f"{name} has {told.get(key, 'nothing')!r} for {key}") from None
