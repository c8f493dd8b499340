"""Checks of a camera that a calibration file tells of: each number that cannot be right is one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.datasets.identifiers import printable
from posecfg.errors import ConfigError
from posecfg.types import Camera

if TYPE_CHECKING:
    from posecfg.arrays import F64

# Largest side of a picture (px), coefficients of a lens that are understood, and how far a turn may be from one.
_LARGEST, _COEFFICIENTS, _OFF = 1 << 15, 5, 1e-3
# Pixels of a picture, as of films that are decoded.
_PIXELS = 1 << 26
# Characters of a name.
_LONGEST = 100


def camera(name: str, matrix: F64, rotation: F64, translation: F64, distortion: F64, size: tuple[int, int]) -> Camera:
    """Return a camera of these numbers; raise ``ValueError`` in words where they are none of a camera."""
    import numpy as np

    if not name.isprintable() or len(name) > _LONGEST:
        raise ValueError(f"'{name[:_LONGEST]}' is no name of a camera")
    if not all(np.isfinite(array).all() for array in (matrix, rotation, translation, distortion)):
        raise ValueError(f"a number of {name} is missing or infinite")
    for what, array, shape in (
        ("matrix", matrix, (3, 3)),
        ("rotation", rotation, (3, 3)),
        ("place", translation, (3,)),
    ):
        if array.shape != shape:
            raise ValueError(f"the {what} of {name} has the shape {array.shape}, not {shape}")
    if matrix[0, 0] <= 0 or matrix[1, 1] <= 0 or not np.array_equal(matrix[2], [0, 0, 1]):
        raise ValueError(f"the matrix of {name} has no focal lengths above 0, or no last row 0 0 1")
    if np.abs(rotation @ rotation.T - np.eye(3)).max() > _OFF or np.linalg.det(rotation) < 0:
        raise ValueError(f"the rotation of {name} is no turn")
    if distortion.ndim != 1 or np.any(distortion[_COEFFICIENTS:] != 0):
        raise ValueError(
            f"the lens of {name} has {distortion.size} coefficients, of which k1 k2 p1 p2 k3 are understood"
        )
    _check_size(name, size)
    return Camera(matrix, rotation, translation, distortion[:_COEFFICIENTS], size)


def _check_size(name: str, size: tuple[int, int]) -> None:
    if max(size) > _LARGEST or size[0] * size[1] > _PIXELS:
        raise ValueError(f"the picture of {name} is wider or higher than {_LARGEST} px, or has more than {_PIXELS:,}")
    if min(size) <= 0:
        raise ValueError(f"the picture of {name} is {size[0]}x{size[1]} px")


def wrong(path: object, reason: object) -> ConfigError:
    """Return the error for a file that tells of no cameras."""
    text = printable(" ".join(str(reason).split())).rstrip(".")[:300]
    return ConfigError(
        f"Expected dataset.calibration to be a file of cameras, but got '{path}': {text}. It takes those of Qualisys "
        "(.qca.txt), Pose2Sim (.toml), aniposelib and AIST++ (.json) and TotalCapture (.cal)."
    )
