"""The 2D keypoints of AIST++ as known poses: themselves found by a detector, one person a view."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError
from posecfg.models import numpy_pickle
from posecfg.models.numpy_pickle import Packed
from posecfg.skeletons.coco17 import SKELETON
from posecfg.types import Clock, Truth

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64

RATE = 60
"""Annotations a second."""


@dataclass(frozen=True)
class Keypoints2d:
    """Annotations of a sequence: ``xy`` (9, N, 17, 2) px, NaN where none, and the ``slots`` (N,) of 1/60 s."""

    xy: F32
    slots: I64


@dataclass(frozen=True)
class AistTruth:
    """The annotations of one view, from the pickle ``path``."""

    path: Path
    view: int

    def __call__(self, clock: Clock) -> Truth:
        """Return the pose of each row: that of the slot of 1/60 s that the row's time lies in."""
        import numpy as np

        known = load(self.path)
        xy = np.full((1, len(clock), len(SKELETON), 2), np.nan, np.float32)
        wanted = np.floor(clock.times * RATE + 1e-6).astype(np.int64)
        places = np.searchsorted(known.slots, wanted).clip(0, max(len(known.slots) - 1, 0))
        if len(known.slots):
            there = known.slots[places] == wanted
            xy[0, there] = known.xy[self.view, places[there]]
        return Truth(SKELETON.keypoints, xy)


def load(path: Path) -> Keypoints2d:
    """Read a pickle of ``keypoints2d``; nothing that it asks for is run."""
    seen = path.stat()
    return _loaded(path, seen.st_size, seen.st_mtime_ns)


@lru_cache(maxsize=8)
def _loaded(path: Path, *stamp: int) -> Keypoints2d:
    try:
        return _checked(numpy_pickle.read(path))
    except ValueError as error:
        raise ClipError(f"Expected '{path}' to be keypoints2d of AIST++, but {error}.") from error


def _checked(whole: Any) -> Keypoints2d:
    import numpy as np

    if not isinstance(whole, dict) or not {"keypoints2d", "timestamps"} <= whole.keys():
        raise ValueError("it lacks keypoints2d or timestamps")
    if "det_scores" not in whole:
        raise ValueError("it is of the newer kind, with several people a view, which is not read yet")
    points, times = (_array(whole[name]) for name in ("keypoints2d", "timestamps"))
    if points.ndim != 4 or points.shape[0] != 9 or points.shape[2:] != (len(SKELETON), 3) or times.ndim != 1:
        raise ValueError(f"its keypoints2d have the shape {points.shape}, not (9, N, {len(SKELETON)}, 3)")
    if len(times) != points.shape[1]:
        raise ValueError(f"it has {points.shape[1]} frames and {len(times)} timestamps")
    slots = np.rint(times * (RATE / 1000)).astype(np.int64)
    if (np.diff(slots) <= 0).any():
        raise ValueError("its timestamps are not in order, or closer than 1/60 s")
    return Keypoints2d(points[..., :2].astype(np.float32), slots)


def _array(value: Any) -> Any:
    import numpy as np

    if isinstance(value, Packed):
        return value.array().astype(np.float64)
    if isinstance(value, list) and all(type(one) in (int, float) for one in value):
        return np.array(value, np.float64)
    if isinstance(value, list) and all(isinstance(one, Packed) and one.shape == () for one in value):
        return np.array([one.array() for one in value], np.float64)
    raise ValueError("it holds other things than arrays of numbers")
