"""The 3D keypoints of AIST++, in metres."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.datasets.aist_arrays import entry, numbers, read, shape_of, stamp
from posecfg.skeletons.coco17 import SKELETON

if TYPE_CHECKING:
    from posecfg.arrays import F32

KINDS = {"optimised": "keypoints3d_optim", "plain": "keypoints3d"}
METRES = 0.01
"""Metres in a unit of the files, which is a centimetre."""


def load(path: Path, kind: str) -> F32:
    """Return the points (N, 17, 3) m in the world of one kind; a ClipError says what is wrong with the file."""
    return _loaded(path, kind, *stamp(path))


@lru_cache(maxsize=8)
def _loaded(path: Path, kind: str, *seen: int) -> F32:
    return read(path, "keypoints3d", lambda whole: _checked(whole, KINDS[kind]))


def _checked(whole: Any, name: str) -> F32:
    import numpy as np

    packed = entry(whole, name)
    shape = shape_of(packed)
    if len(shape) != 3 or shape[1:] != (len(SKELETON), 3):
        raise ValueError(f"its {name} have the shape {shape}, not (N, {len(SKELETON)}, 3)")
    with np.errstate(over="ignore"):
        metres: F32 = (numbers(packed) * METRES).astype(np.float32)
    return metres
