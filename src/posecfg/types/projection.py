"""Points in the world as a calibrated camera sees them: through OpenCV's model of a lens, without OpenCV."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F64
    from posecfg.types.truth import Camera

# Nearer than this (m) to the plane of the camera a point has no place in its picture.
NEAREST = 1e-6


def project(points: F64, camera: Camera) -> F64:
    """Return the place (..., 2) px of points (..., 3) m of the world; NaN behind the camera and outside its picture."""
    import numpy as np

    seen = points @ camera.rotation.T + camera.translation
    ahead = seen[..., 2] > NEAREST
    x, y = (seen[..., axis] / np.where(ahead, seen[..., 2], np.nan) for axis in (0, 1))
    k1, k2, p1, p2, k3 = np.concatenate([camera.distortion, np.zeros(5)])[:5]
    square = x**2 + y**2
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    bent = np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x**2),
            y * radial + p1 * (square + 2 * y**2) + 2 * p2 * x * y,
            np.ones_like(x),
        ],
        axis=-1,
    )
    places: F64 = (bent @ camera.matrix.T)[..., :2]
    inside = ((places >= 0) & (places <= camera.size)).all(axis=-1, keepdims=True)
    return np.where(inside, places, np.nan)
