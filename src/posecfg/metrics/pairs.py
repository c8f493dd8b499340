"""Say which track is compared with which true person in each frame: the nearest pairs first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.errors import ClipError

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, I64, Bools
    from posecfg.types import Extraction, Truth

FAR = 1e9
"""Distance (px) to a missing keypoint: larger than any image."""

# Numbers of distances that are held at once, and pairs of one frame that are put into order.
MOST, _PAIRS = 1 << 22, 1 << 25
CROWD = 32
"""People, and tracks, above which pairs of a frame are put into order once; to look for each would be cubic."""
# Pairs of which those that are taken are sorted out at once.
_BLOCK = 1 << 16


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
    if min(people, len(got)) > CROWD:
        for row in range(rows):
            _pair_crowd(want[:, row : row + 1], got[:, row : row + 1], found[:, row])
        return found
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


def _pair_crowd(want: F32, got: F32, found: I64) -> None:
    """Fill ``found`` (P,) of one frame, as ``_pair`` does, from all pairs in order of their distance."""
    import numpy as np

    person = np.flatnonzero(known(want).any(axis=(1, 2)))
    track = np.flatnonzero(known(got).any(axis=(1, 2)))
    number = len(person), len(track)
    if number[0] * number[1] > _PAIRS:
        raise ClipError(
            f"Expected fewer people in a picture, but {number[0]:,} true ones and {number[1]:,} found ones make too "
            "many pairs to be compared: leave out metrics that need them, or choose fewer people with persons=."
        )
    costs = np.empty(number)
    step = max(1, MOST // max(1, number[1] * want.shape[2]))
    for start in range(0, number[0], step):
        costs[start : start + step] = _costs(want[person[start : start + step]], got[track])[0]
    near = np.flatnonzero(costs < FAR)
    order = near[np.argsort(costs.ravel()[near], kind="stable")]
    paired, taken = np.zeros(number[0], bool), np.zeros(number[1], bool)
    for start in range(0, len(order), _BLOCK):
        one, other = np.divmod(order[start : start + _BLOCK], number[1])
        free = ~(paired[one] | taken[other])
        for p, t in zip(one[free].tolist(), other[free].tolist(), strict=True):
            if not paired[p] and not taken[t]:
                paired[p] = taken[t] = True
                found[person[p]] = track[t]
        if paired.all() or taken.all():
            return
