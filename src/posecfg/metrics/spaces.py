"""Poses in space and true ones in the same space and unit: metres along the camera's axes, from the hips."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from posecfg.errors import ClipError

if TYPE_CHECKING:
    from posecfg.arrays import F64
    from posecfg.types import Extraction, Truth

UNIT, AXES = "metres", "y down"
PELVIS, HIPS = "pelvis", ("left_hip", "right_hip")

_ALONE = "type 'metric.mpjpe.measures=[p_mpjpe]', which turns and scales each pose as a whole"


def found(extraction: Extraction, columns: list[int], free: bool) -> F64:
    """Return the points (N, T, K, 3) of all tracks.

    ``free`` says that neither their unit nor their axes matter; otherwise a ClipError tells what they are instead.
    """
    import numpy as np

    rows = len(extraction.clock)
    points = np.full((len(extraction.tracks), rows, len(columns), 3), np.nan)
    for place, track in enumerate(extraction.tracks):
        if not (track.valid | track.made).any():
            continue
        if track.xyz is None:
            raise ClipError(
                "MPJPE compares poses in space, but those of this clip have none: type lifter=videopose3d, or "
                "detector=blazepose."
            )
        said = track.meaning.xyz or "nothing"
        if not free and (not said.startswith(UNIT) or AXES not in said):
            raise ClipError(
                "MPJPE needs poses in metres, x to the right, y down and z away from the camera, but their model says "
                f"of them: {said}. Leave it out, or {_ALONE}."
            )
        points[place] = track.xyz[:, columns]
    return points


def known(truth: Truth, columns: list[int], free: bool) -> F64:
    """Return the true points (P, T, K, 3) along the camera's axes; of the world they are turned by the camera.

    ``free`` says that the axes do not matter; otherwise a ClipError tells that there is no camera.
    """
    import numpy as np

    assert truth.xyz is not None
    points = truth.xyz[:, :, columns].astype(np.float64)
    if truth.space != "world" or (truth.camera is None and free):
        return points
    if truth.camera is None:
        raise ClipError(
            "MPJPE needs the camera of the clip, as its true points are those of the world, but the dataset knows "
            f"none: add its files of cameras, or {_ALONE}."
        )
    turned: F64 = points @ truth.camera.rotation.T + truth.camera.translation
    return turned


def root(points: F64, names: Collection[str]) -> F64:
    """Return the root (..., 3) of poses (..., K, 3): the pelvis, or the middle of the hips."""
    import numpy as np

    listed = list(names)
    if PELVIS in listed:
        pelvis: F64 = points[..., listed.index(PELVIS), :]
        return pelvis
    if not set(HIPS) <= set(listed):
        raise ClipError(
            "MPJPE compares poses from the hips, but they and the true ones have neither a pelvis nor both hips in "
            f"common: {_ALONE}."
        )
    hips: F64 = np.mean([points[..., listed.index(hip), :] for hip in HIPS], axis=0)
    return hips
