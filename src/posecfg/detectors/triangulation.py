"""Find points in space from what calibrated cameras saw of them at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from posecfg.types import Camera
from posecfg.types.projection import rays, seen

if TYPE_CHECKING:
    from posecfg.arrays import F64, Bools

# Nearer than this (m) to the plane of a camera nothing was seen by it.
_NEAREST = 1e-6


@dataclass(frozen=True, eq=False)
class Found:
    """Points (N, 3) m, NaN where cameras do not agree; which cameras ``used`` (C, N) tell of each; ``apart`` (C, N) px.

    ``apart`` is how far each camera's own keypoint is from the point as that camera sees it, also where it was left
    out; NaN where there is none.
    """

    points: F64
    used: Bools
    apart: F64


def triangulated(
    cameras: Sequence[Camera], pixels: F64, weights: F64, score_thr: float, max_error: float, least: int
) -> Found:
    """Put together what cameras saw: ``pixels`` (C, N, 2) and ``weights`` (C, N), the scores.

    Cameras that score below ``score_thr`` are left out. Of the others as few as possible are left out, and never so
    many that fewer than ``least`` stay, until the mean distance in px of the point from what they saw is at most
    ``max_error``; of equally many the choice with the smallest distance counts.
    """
    import numpy as np

    count, points = weights.shape
    there = np.isfinite(pixels).all(axis=2) & (np.nan_to_num(weights) >= max(score_thr, 1e-9))
    straight = np.stack([rays(one, camera) for one, camera in zip(pixels, cameras, strict=True)])
    there &= np.isfinite(straight).all(axis=2)
    place = np.full((points, 3), np.nan)
    used = np.zeros((count, points), bool)
    open_ = there.sum(axis=0) >= least
    for size in range(count, least - 1, -1):
        best = np.full(points, np.inf)
        for chosen in combinations(range(count), size):
            rows = list(chosen)
            asked = np.flatnonzero(open_ & there[rows].all(axis=0))
            if not len(asked):
                continue
            some = [cameras[row] for row in rows]
            xyz = solved(some, straight[rows][:, asked], weights[rows][:, asked])
            errors = _apart(some, xyz, pixels[rows][:, asked]).mean(axis=0)
            better = asked[(errors < best[asked]) & (errors <= max_error)]
            here = np.isin(asked, better)
            best[better], place[better] = errors[here], xyz[here]
            used[:, better] = False
            used[np.ix_(rows, better)] = True
        open_ &= ~np.isfinite(best)
    apart = _apart(cameras, place, pixels)
    apart[~np.isfinite(apart) | ~there] = np.nan
    return Found(place, used, apart)


def solved(cameras: Sequence[Camera], straight: F64, weights: F64) -> F64:
    """Return points (N, 3) by linear least squares, weighted by scores: ``straight`` (C, N, 2) are undistorted rays.

    Rows are in px, by the focal length. A point behind a camera that saw it is NaN.
    """
    import numpy as np

    rows = []
    for camera, ray, weight in zip(cameras, straight, weights, strict=True):
        pose = np.concatenate([camera.rotation, camera.translation[:, None]], axis=1)
        for axis in (0, 1):
            scale = weight * camera.matrix[axis, axis]
            rows.append((ray[:, axis, None] * pose[2] - pose[axis]) * scale[:, None])
    last = np.linalg.svd(np.stack(rows, axis=1))[2][:, 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        points: F64 = last[:, :3] / last[:, 3:]
    far = np.stack([points @ camera.rotation[2] + camera.translation[2] for camera in cameras])
    points[~((far > _NEAREST).all(axis=0) & np.isfinite(points).all(axis=1))] = np.nan
    return points


def _apart(cameras: Sequence[Camera], points: F64, pixels: F64) -> F64:
    """Return how far (C, N) px ``points`` are from ``pixels`` (C, N, 2), infinite where a point is not known."""
    import numpy as np

    found = np.stack([seen(points, camera) for camera in cameras])
    apart: F64 = np.nan_to_num(np.linalg.norm(found - pixels, axis=2), nan=np.inf)
    return apart
