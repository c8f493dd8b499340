"""Project points of a picture, with their distances, to points in space through a pinhole camera."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from posecfg.errors import ConfigError

if TYPE_CHECKING:
    from posecfg.arrays import F32

AXES = "x to the right, y down, z away from the camera"


class Camera:
    """A pinhole camera: ``intrinsics`` are fx, fy, and cx, cy (else the middle), in px of the upright picture."""

    def __init__(self, intrinsics: Sequence[float]) -> None:
        numbers = [] if isinstance(intrinsics, str) else list(intrinsics)
        good = [isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in numbers]
        if len(numbers) not in (2, 4) or not all(good) or not all(length > 0 for length in numbers[:2]):
            raise ConfigError(
                "Expected intrinsics to be [fx, fy] or [fx, fy, cx, cy] in px, the first two above 0, or null, but got "
                f"{intrinsics}."
            )
        self._focal, self._centre = numbers[:2], numbers[2:] or None

    def __call__(self, xy: F32, depth: F32, size: tuple[int, int]) -> F32:
        """Return (P, K, 3) m from the camera, for ``xy`` (P, K, 2) px of a picture of ``size`` and ``depth`` (P, K) m.

        x points to the right, y down, z away from the camera.
        """
        import numpy as np

        centre = self._centre or [length / 2 for length in size]
        rays = (xy - np.array(centre, np.float64)) / np.array(self._focal, np.float64)
        found: F32 = np.concatenate([rays * depth[..., None], depth[..., None]], axis=2).astype(np.float32)
        return found


def from_hips(xyz: F32, hips: Sequence[int]) -> F32:
    """Return ``xyz`` (P, K, 3) relative to each person's middle of the hips, NaN where a hip is missing."""
    middle = xyz[:, list(hips)].mean(axis=1, keepdims=True)
    found: F32 = xyz - middle
    return found
