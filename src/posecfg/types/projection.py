"""Points in the world as a calibrated camera sees them: through OpenCV's model of a lens, without OpenCV."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F64
    from posecfg.types.truth import Camera

# Nearer than this (m) to the plane of the camera a point has no place in its picture.
NEAREST = 1e-6
# Steps to a ray that is bent to a place, and how close (px) it must come.
_STEPS, _CLOSE = 30, 0.01


def project(points: F64, camera: Camera) -> F64:
    """Return the place (..., 2) px of points (..., 3) m of the world; NaN behind the camera and outside its picture."""
    import numpy as np

    places = seen(points, camera)
    inside = ((places >= 0) & (places <= camera.size)).all(axis=-1, keepdims=True)
    return np.where(inside, places, np.nan)


def seen(points: F64, camera: Camera) -> F64:
    """Return the place (..., 2) px of points (..., 3) m, outside the picture too; NaN behind the camera."""
    import numpy as np

    inside = points @ camera.rotation.T + camera.translation
    ahead = inside[..., 2] > NEAREST
    straight = np.stack([inside[..., axis] / np.where(ahead, inside[..., 2], np.nan) for axis in (0, 1)], axis=-1)
    bent = bend(straight, camera)
    places: F64 = (np.concatenate([bent, np.ones_like(bent[..., :1])], axis=-1) @ camera.matrix.T)[..., :2]
    return places


def bend(straight: F64, camera: Camera) -> F64:
    """Return rays (..., 2), x and y at the distance 1, as the lens bends them."""
    import numpy as np

    x, y = straight[..., 0], straight[..., 1]
    k1, k2, p1, p2, k3 = np.concatenate([camera.distortion, np.zeros(5)])[:5]
    square = x**2 + y**2
    radial = 1 + square * (k1 + square * (k2 + square * k3))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x**2),
            y * radial + p1 * (square + 2 * y**2) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def rays(places: F64, camera: Camera) -> F64:
    """Return the rays (..., 2) that the lens bends to ``places`` (..., 2) px; NaN where none is found."""
    import numpy as np

    (fx, skew, cx), (_, fy, cy) = camera.matrix[0], camera.matrix[1]
    down = (places[..., 1] - cy) / fy
    wanted = np.stack([(places[..., 0] - cx - skew * down) / fx, down], axis=-1)
    found = wanted.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(_STEPS):
            found += wanted - bend(found, camera)
        off = np.abs(wanted - bend(found, camera)).max(axis=-1, keepdims=True) * max(fx, fy)
    answer: F64 = np.where(off < _CLOSE, found, np.nan)
    return answer
