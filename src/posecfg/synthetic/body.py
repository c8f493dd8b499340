"""Compute a body in metres whose limbs swing: every landmark is an analytic function of time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from posecfg.synthetic.seeds import derive

if TYPE_CHECKING:
    from posecfg.arrays import F64

HALF_WIDTH, HALF_HEIGHT = 0.82, 0.95
"""Metres from the mid-hip that no landmark ever passes."""

_HEAD = {
    "nose": (0.0, -0.66, -0.10),
    "eye_inner": (0.02, -0.69, -0.09),
    "eye": (0.035, -0.69, -0.085),
    "eye_outer": (0.05, -0.69, -0.075),
    "ear": (0.075, -0.67, 0.0),
    "mouth": (0.03, -0.62, -0.09),
}
"""Landmarks on the left side of the head (x, y, z, metres); the right side has -x."""


class Wave:
    """The rhythm of a person: sines of one base rate with random phases."""

    def __init__(self, seed: int, person: int, times: F64) -> None:
        self.random = Random(derive(seed, "person", person))
        self.rate = self.random.uniform(0.3, 0.6)
        self.times = times

    def between(self, low: float, high: float) -> F64:
        """Return (T,) float64 that swings from ``low`` to ``high``."""
        import numpy as np

        phase = self.random.uniform(0.0, 2 * np.pi)
        swing: F64 = np.sin(2 * np.pi * self.rate * self.times + phase)
        return (low + high) / 2 + (high - low) / 2 * swing


def landmarks(wave: Wave) -> dict[str, F64]:
    """Return (T, 3) float64 metres for each keypoint name of COCO-17 and BlazePose-33.

    The origin is the mid-hip; x points right in the image, y down, z away from the camera. The body faces the camera,
    so its left is on the image's right.
    """
    import numpy as np

    still = np.zeros_like(wave.times)
    yaw = wave.between(-0.5, 0.5)
    points = {"nose": _place(still, *_HEAD["nose"])}
    for side, name in ((1.0, "left"), (-1.0, "right")):
        for part, (x, y, z) in _HEAD.items():
            if part != "nose":
                points[f"mouth_{name}" if part == "mouth" else f"{name}_{part}"] = _place(still, side * x, y, z)
        points |= _arm(wave, side, name) | _leg(wave, side, name)
    return {name: _turned(point, yaw) for name, point in points.items()}


def _arm(wave: Wave, side: float, name: str) -> dict[str, F64]:
    import numpy as np

    lift = wave.between(0.2, 1.4)
    bent = lift + wave.between(0.1, 0.9)
    upper = np.stack([side * np.sin(lift), np.cos(lift), 0 * lift], axis=-1)
    lower = np.stack([side * np.sin(bent), np.cos(bent), 0 * bent], axis=-1)
    across = np.stack([side * np.cos(bent), -np.sin(bent), 0 * bent], axis=-1)
    shoulder = _place(0 * lift, side * 0.18, -0.48, 0.0)
    elbow = shoulder + 0.28 * upper
    wrist = elbow + 0.25 * lower
    return {
        f"{name}_shoulder": shoulder,
        f"{name}_elbow": elbow,
        f"{name}_wrist": wrist,
        f"{name}_pinky": wrist + 0.08 * lower - 0.03 * across,
        f"{name}_index": wrist + 0.09 * lower + 0.01 * across,
        f"{name}_thumb": wrist + 0.04 * lower + 0.04 * across,
    }


def _leg(wave: Wave, side: float, name: str) -> dict[str, F64]:
    import numpy as np

    out, lift = wave.between(0.05, 0.25), wave.between(0.0, 0.7)
    thigh = np.stack([side * np.sin(out), np.cos(out) * np.cos(lift), -np.sin(lift)], axis=-1)
    shin = np.stack([side * np.sin(out) / 2, np.cos(lift / 2), 0.5 * np.sin(lift)], axis=-1)
    hip = _place(0 * out, side * 0.11, 0.0, 0.0)
    knee = hip + 0.42 * thigh
    ankle = knee + 0.42 * shin / np.linalg.norm(shin, axis=-1, keepdims=True)
    return {
        f"{name}_hip": hip,
        f"{name}_knee": knee,
        f"{name}_ankle": ankle,
        f"{name}_heel": ankle + np.array([0.0, 0.05, 0.04]),
        f"{name}_foot_index": ankle + np.array([side * 0.03, 0.07, -0.15]),
    }


def _place(like: F64, x: float, y: float, z: float) -> F64:
    import numpy as np

    return np.stack([like + x, like + y, like + z], axis=-1)


def _turned(point: F64, yaw: F64) -> F64:
    import numpy as np

    x, y, z = point[:, 0], point[:, 1], point[:, 2]
    return np.stack([x * np.cos(yaw) + z * np.sin(yaw), y, z * np.cos(yaw) - x * np.sin(yaw)], axis=-1)
