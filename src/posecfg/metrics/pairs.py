"""Say which track is compared with which true person in each frame: the nearest pairs first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.errors import ClipError

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, I64, Bools
    from posecfg.types import Extraction, Truth

FAR = 1e9
"""Distance (px) to a missing keypoint: larger than any image."""

# Numbers of distances that are held at once.
MOST = 1 << 22


def shared(extraction: Extraction, truth: Truth, what: str) -> tuple[tuple[str, ...], list[int], list[int]]:
    """Return the keypoints that both have: their names, and their places in ``truth`` and in the poses."""
    ours = extraction.skeleton.index
    names = tuple(name for name in truth.keypoints if name in ours)
    if not names:
        raise ClipError(f"{what} needs common keypoints, but the truth has none of {extraction.skeleton.name}.")
    return names, [truth.keypoints.index(name) for name in names], [ours[name] for name in names]


def points(extraction: Extraction, columns: list[int]) -> F32:
    """Return the keypoints (N, T, K, 2) of all tracks in px, NaN where missing."""
    import numpy as np

    shape = (-1, len(extraction.clock), len(columns), 2)
    return np.array([track.xy[:, columns] for track in extraction.tracks], np.float32).reshape(shape)


def known(xy: F32 | F64) -> Bools:
    """Tell of which points (..., D) all coordinates are known."""
    import numpy as np

    found: Bools = np.isfinite(xy[..., 0])
    for axis in range(1, xy.shape[-1]):
        found &= np.isfinite(xy[..., axis])
    return found


def pairs(want: F32, got: F32) -> I64:
    """Return the place of the track in ``got`` (N, T, K, 2) for each true person (P, T), -1 where none is left.

    In each frame the nearest pair comes first, by the mean distance of keypoints known of the true person; those that
    the track lacks are very far away. ``want`` is (P, T, K, 2); a track serves one person only.
    """
    import numpy as np

    people, rows, joints = want.shape[:3]
    found = np.full((people, rows), -1)
    step = max(1, MOST // max(1, people * len(got) * joints))
    for start in range(0, rows, step):
        part = slice(start, start + step)
        _pair(_costs(want[:, part], got[:, part]), found[:, part])
    return found


def _costs(want: F32, got: F32) -> F64:
    """Return the mean distances (T, P, N)."""
    import numpy as np

    there = known(want)
    apart = np.hypot(*np.moveaxis(want[:, None] - got[None], -1, 0)).astype(np.float64)
    apart[~np.isfinite(apart)] = FAR
    number = there.sum(axis=-1)[:, None]
    costs = (apart * there[:, None]).sum(axis=-1) / np.maximum(number, 1)
    costs[np.broadcast_to(number == 0, costs.shape)] = FAR
    moved: F64 = np.moveaxis(costs, -1, 0)
    return moved


def _pair(costs: F64, found: I64) -> None:
    """Fill ``found`` (P, T) with the tracks that ``costs`` (T, P, N) pair."""
    import numpy as np

    rows, people, tracks = costs.shape
    for _ in range(min(people, tracks)):
        flat = costs.reshape(rows, -1)
        best = flat.argmin(axis=1)
        near = np.flatnonzero(flat[np.arange(rows), best] < FAR)
        if not len(near):
            return
        person, track = np.unravel_index(best[near], (people, tracks))
        found[person, near] = track
        costs[near, person, :] = FAR
        costs[near, :, track] = FAR
