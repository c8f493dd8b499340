"""The files of TotalCapture beside its films: joints measured by markers, and the cameras."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from posecfg import budgets
from posecfg.datasets.takes import ALL
from posecfg.errors import ClipError
from posecfg.types import Camera

if TYPE_CHECKING:
    from posecfg.arrays import F64

POSITIONS, CALIBRATION = "gt_skel_gbl_pos.txt", "calibration.cal"
METRES = 0.0254
"""Metres in a unit of the positions, which is an inch."""
NAMES = {
    **{"Hips": "pelvis", "RightUpLeg": "right_hip", "LeftUpLeg": "left_hip"},
    **{"RightLeg": "right_knee", "LeftLeg": "left_knee", "RightFoot": "right_ankle", "LeftFoot": "left_ankle"},
    **{"RightArm": "right_shoulder", "LeftArm": "left_shoulder"},
    **{"RightForeArm": "right_elbow", "LeftForeArm": "left_elbow", "RightHand": "right_wrist"},
    "LeftHand": "left_wrist",
}
"""Our names of joints; those of spine, neck, head and collar bones have no counterpart, and keep the published ones."""
# Bytes of a file of cameras.
_LARGEST = 1 << 20
_SUBJECT = re.compile(r"s\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Positions:
    """Joints of a take: ``xyz`` (N, K, 3) float64 m in the world, y up, for ``keypoints`` (K names), 60 a second."""

    keypoints: tuple[str, ...]
    xyz: F64


def found(files: Iterable[str]) -> tuple[dict[tuple[str, str], str], str | None]:
    """Return the files of positions by subject and action, and that of the cameras, from names below a folder.

    The first of several counts, in the order of ``files``; of the cameras' it is the one nearest to the top.
    """
    positions: dict[tuple[str, str], str] = {}
    cameras: list[str] = []
    for name in files:
        *folders, last = name.split("/")
        if last.lower() == CALIBRATION:
            cameras.append(name)
        if last.lower() != POSITIONS:
            continue
        subject = next((part.upper() for part in folders if _SUBJECT.fullmatch(part)), None)
        action = next((part.lower() for part in reversed(folders) if part.lower() in ALL), None)
        if subject and action:
            positions.setdefault((subject, action), name)
    return positions, min(cameras, key=lambda name: name.count("/"), default=None)


def positions(path: Path) -> Positions:
    """Read ``gt_skel_gbl_pos.txt``; a ClipError says what is wrong with it."""
    return _positions(path, *_stamp(path))


@lru_cache(maxsize=8)
def _positions(path: Path, *seen: int) -> Positions:
    import numpy as np

    try:
        head, _, body = budgets.read(path).decode("utf-8", "replace").partition("\n")
        joints = head.split()
        if not joints or len(set(joints)) != len(joints) or "Hips" not in joints:
            raise ValueError("its first line does not name the joints, Hips among them")
        lines = [line for line in body.splitlines() if line.strip()]
        numbers = np.array([line.split() for line in lines], np.float64).reshape(len(lines), -1)
        if lines and numbers.shape[1] != 3 * len(joints):
            raise ValueError(f"its lines have {numbers.shape[1]} numbers, not {3 * len(joints)}")
    except (OSError, ValueError) as error:
        raise _wrong(path, "positions of joints of TotalCapture", error) from error
    xyz = numbers.reshape(len(lines), len(joints), 3) * METRES
    return Positions(tuple(NAMES.get(joint, joint) for joint in joints), np.where(np.isfinite(xyz), xyz, np.nan))


def cameras(path: Path) -> tuple[Camera, ...]:
    """Read ``calibration.cal``: the cameras from cam1 on, in metres; a ClipError says what is wrong with it."""
    return _cameras(path, *_stamp(path))


@lru_cache(maxsize=2)
def _cameras(path: Path, *seen: int) -> tuple[Camera, ...]:
    import numpy as np

    try:
        numbers = np.array(budgets.read(path, _LARGEST).split(), np.float64)
        count, order = (int(number) for number in numbers[:2])
        rest = numbers[2:]
        if not 0 <= order <= 5 or count < 1 or not np.isfinite(rest).all() or len(rest) != count * (20 + order):
            raise ValueError(f"it has {len(rest)} numbers behind its first line, not {20 + order} for each camera")
        return tuple(_camera(one, order) for one in rest.reshape(count, -1))
    except (OSError, ValueError, OverflowError) as error:
        raise _wrong(path, "cameras of TotalCapture", error) from error


def _camera(numbers: F64, order: int) -> Camera:
    """Return one camera: rows and columns of its picture, lens, distortion (radial), rotation, translation."""
    import numpy as np

    fx, fy, cx, cy = numbers[4:8]
    radial = np.zeros(5)
    # The radial terms k1, k2, k3 have the places 0, 1 and 4 in OpenCV's order.
    radial[[0, 1, 4][: min(order, 3)]] = numbers[8 : 8 + min(order, 3)]
    return Camera(
        matrix=np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]]),
        rotation=numbers[8 + order : 17 + order].reshape(3, 3),
        translation=numbers[17 + order :],
        distortion=radial,
        size=(int(numbers[3] - numbers[2] + 1), int(numbers[1] - numbers[0] + 1)),
    )


def _stamp(path: Path) -> tuple[int, int]:
    try:
        seen = path.stat()
    except OSError:
        return -1, -1
    return seen.st_size, seen.st_mtime_ns


def _wrong(path: Path, what: str, error: Exception) -> ClipError:
    return ClipError(f"Expected '{path}' to hold {what}, but it cannot be read as such: {error}.")
