"""The 2D keypoints of AIST++: one person a view, or, in the newer kind of file, several."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import budgets
from posecfg.datasets.aist_arrays import entry, items, numbers, read, shape_of, stacked, stamp
from posecfg.datasets.aist_names import VIEWS
from posecfg.skeletons.coco17 import SKELETON as COCO
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64

RATE = 60
"""Annotations a second."""
SKELETONS = {len(one): one for one in (COCO, WHOLEBODY)}


@dataclass(frozen=True)
class Keypoints2d:
    """Annotations of one view: ``points`` (P, N, K, 3) x, y in px and score, NaN where none, of ``keypoints``.

    ``box_scores`` (P, N) are those of people, ``boxes`` (P, N, 4) their corners, None if not known, and ``slots`` (N,)
    the moments, in 1/60 s, of the N annotations.
    """

    keypoints: tuple[str, ...]
    points: F32
    box_scores: F32
    slots: I64
    boxes: F32 | None = None


def load(path: Path, view: int) -> Keypoints2d:
    """Read the annotations of one view, from 0, of a pickle; a ClipError says what is wrong with it."""
    return _loaded(path, view, *stamp(path))


@lru_cache(maxsize=18)
def _loaded(path: Path, view: int, *seen: int) -> Keypoints2d:
    return read(path, "keypoints2d", lambda whole: _made(path, whole, view))


def _made(path: Path, whole: Any, view: int) -> Keypoints2d:
    points, times = entry(whole, "keypoints2d"), entry(whole, "timestamps")
    if "det_scores" in whole:
        return _single(points, times, whole["det_scores"], view)
    return _several(path, points, times, entry(whole, "bboxes"), view)


def _single(packed: Any, stamps: Any, scores: Any, view: int) -> Keypoints2d:
    """Return the annotations of a file with one person a view."""
    import numpy as np

    shape, times = shape_of(packed), shape_of(stamps)
    if len(shape) != 4 or shape[0] != len(VIEWS) or shape[2:] != (len(COCO), 3) or len(times) != 1:
        raise ValueError(f"its keypoints2d have the shape {shape}, not ({len(VIEWS)}, N, {len(COCO)}, 3)")
    if times[0] != shape[1]:
        raise ValueError(f"it has {shape[1]} frames and {times[0]} timestamps")
    if shape_of(scores) != shape[:2]:
        raise ValueError(f"its det_scores have the shape {shape_of(scores)}, not {shape[:2]}")
    # The other views stay as they are in the file.
    points, score = (items(one)[view][None] for one in (packed, scores))
    with np.errstate(over="ignore"):
        own = points.astype(np.float32), score.astype(np.float32)
    return Keypoints2d(COCO.keypoints, *own, _slots(numbers(stamps)))


def _several(path: Path, packed: Any, stamps: Any, boxed: Any, view: int) -> Keypoints2d:
    """Return the annotations of a file of the newer kind: for each view and frame any number of people."""
    import numpy as np

    views = [items(one) for one in (packed, boxed, stamps)]
    if any(len(one) != len(VIEWS) for one in views):
        raise ValueError(f"it has {', '.join(str(len(one)) for one in views)} views, not {len(VIEWS)}")
    frames, boxes = items(views[0][view]), items(views[1][view])
    stamped = shape_of(views[2][view])
    if len(stamped) != 1 or not len(frames) == len(boxes) == stamped[0]:
        raise ValueError(f"a view has {len(frames)} frames, {len(boxes)} of boxes and {stamped} timestamps")
    times = numbers(views[2][view])
    points = _points(frames)
    people = max((len(items(one)) for one in frames), default=0)
    budgets.check(path, people * len(frames) * (points * 3 + 5) * 4)
    xyc = np.full((people, len(frames), points, 3), np.nan, np.float32)
    box = np.full((people, len(frames), 5), np.nan, np.float32)
    for number, (frame, around) in enumerate(zip(frames, boxes, strict=True)):
        found, corners = stacked(frame, points, 3), stacked(around, 5)
        if len(found) != len(corners):
            raise ValueError(f"a frame has {len(found)} people and {len(corners)} boxes")
        with np.errstate(over="ignore"):
            xyc[: len(found), number], box[: len(found), number] = found, corners
    return Keypoints2d(SKELETONS[points].keypoints, xyc, box[..., 4], _slots(times), box[..., :4])


def _points(frames: Any) -> int:
    """Return how many keypoints people have; that of the first one counts for all."""
    first = next((one for frame in frames for one in items(frame)), None)
    if first is None:
        return len(WHOLEBODY)
    number = (*shape_of(first), 0)[0]
    if number not in SKELETONS:
        raise ValueError(f"its people have {number} keypoints, not {' or '.join(map(str, SKELETONS))}")
    return number


def _slots(times: Any) -> I64:
    """Return the moments behind time stamps in milliseconds, which are rounded down."""
    import numpy as np

    if not np.isfinite(times).all() or (np.abs(times) > 1e12).any():
        raise ValueError("it has timestamps that are no times")
    slots: I64 = np.rint(times * (RATE / 1000)).astype(np.int64)
    if (np.diff(slots) <= 0).any():
        raise ValueError("its timestamps are not in order, or closer than 1/60 s")
    return slots
