"""Compute moving stick figures whose pose is known exactly: pure functions of seed, person, time and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.skeletons.coco17 import SKELETON as COCO17
from posecfg.synthetic.body import HALF_HEIGHT, HALF_WIDTH, Wave, landmarks

if TYPE_CHECKING:
    from posecfg.arrays import F64

REACH, SWAY = 0.42, 0.06
"""Shares of a lane and of the height: how far a body reaches from its middle, and how far the middle moves."""


@dataclass(frozen=True)
class Figure:
    """One person over time: T moments, K keypoints.

    ``xy`` (T, K, 2) px, ``xyz`` (T, K, 3) metres from the mid-hip (x right, y down, z away from the camera),
    ``visibility`` (T, K) within 0..1, lower where the body turns away; all float64.
    """

    xy: F64
    xyz: F64
    visibility: F64


def figure(
    seed: int,
    person: int,
    times: Sequence[float] | F64,
    size: tuple[int, int],
    people: int = 1,
    keypoints: Sequence[str] = COCO17.keypoints,
) -> Figure:
    """Return the person's pose at ``times`` (seconds) in frames of ``size`` (width, height).

    ``people`` share the width: each keeps to a lane, so that they stay inside the frame and apart.
    """
    import numpy as np

    wave = Wave(seed, person, np.asarray(times, dtype=np.float64))
    points = landmarks(wave)
    xyz = np.stack([points[name] for name in keypoints], axis=1)
    lane = size[0] / people
    middle = np.stack(
        [
            lane * (person + 0.5 + wave.between(-SWAY, SWAY)),
            size[1] * (0.5 + wave.between(-SWAY, SWAY)),
        ],
        axis=-1,
    )
    xy = middle[:, None, :] + pixels_per_metre(size, people) * xyz[..., :2]
    return Figure(xy, xyz, np.clip(0.9 - 0.4 * xyz[..., 2], 0.3, 1.0))


def pixels_per_metre(size: tuple[int, int], people: int = 1) -> float:
    """Return the scale at which ``people`` fit side by side into ``size`` (width, height)."""
    return REACH * min(size[0] / people / HALF_WIDTH, size[1] / HALF_HEIGHT)
