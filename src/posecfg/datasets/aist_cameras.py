"""The cameras of AIST++: which setting a sequence was filmed in, and where each camera of a setting stands."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import budgets
from posecfg.datasets.aist_arrays import stamp
from posecfg.datasets.aist_keypoints3d import METRES
from posecfg.datasets.aist_names import VIEWS
from posecfg.errors import ClipError, ConfigError
from posecfg.types import Camera

if TYPE_CHECKING:
    from posecfg.arrays import F64

MAPPING = "mapping.txt"


def settings(folder: Path) -> dict[str, str]:
    """Return the setting of each sequence as ``mapping.txt`` tells; none if there is no such file."""
    return _settings(folder / MAPPING, *stamp(folder / MAPPING))


@lru_cache(maxsize=2)
def _settings(path: Path, *seen: int) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        words = [line.split() for line in budgets.read(path).decode("utf-8", "replace").splitlines()]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Expected '{path}' to name a setting for each sequence, but it cannot be read: {error}."
        ) from error
    # A name with a slash would be that of a file elsewhere.
    return {pair[0]: pair[1] for pair in words if len(pair) == 2 and "/" not in pair[1] and "\0" not in pair[1]}


def load(path: Path) -> tuple[Camera, ...]:
    """Return the cameras of a setting, in metres, in the order c01 to c09; a ClipError says what is wrong with it."""
    return _loaded(path, *stamp(path))


@lru_cache(maxsize=16)
def _loaded(path: Path, *seen: int) -> tuple[Camera, ...]:
    try:
        listed = json.loads(budgets.read(path))
        named = {str(one["name"]): one for one in listed}
        # Files of other makes may name them otherwise; the published ones are in this order too.
        ordered = [named[view] for view in VIEWS] if named.keys() >= set(VIEWS) else list(listed)
        if len(ordered) != len(VIEWS):
            raise ValueError(f"it has {len(ordered)} cameras, not {len(VIEWS)}")
        return tuple(map(_camera, ordered))
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        raise ClipError(
            f"Expected '{path}' to be the cameras of a setting of AIST++, but it is not: {error}."
        ) from error


def _camera(told: Any) -> Camera:
    import numpy as np

    return Camera(
        matrix=np.array(told["matrix"], np.float64),
        rotation=turned(np.array(told["rotation"], np.float64)),
        translation=np.array(told["translation"], np.float64) * METRES,
        distortion=np.array(told["distortions"], np.float64).reshape(-1),
        size=(int(told["size"][0]), int(told["size"][1])),
    )


def turned(vector: F64) -> F64:
    """Return the matrix (3, 3) of a turn by the length (radians) of ``vector`` (3,) around it."""
    import numpy as np

    if vector.shape != (3,):
        raise ValueError(f"a rotation of shape {vector.shape}, not (3,)")
    angle = float(np.linalg.norm(vector))
    if angle == 0:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    made: F64 = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return made
