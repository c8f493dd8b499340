"""What the poses of one person tell of their own quality: gaps, jitter, lengths of bones, exchanged sides.

Each gives sums and counts, so that those of several people and clips can be added up; what is 0 may be left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posecfg.arrays import F32, F64, I64, Bools

# Sides count as exchanged where that makes less than this share of the motion since the row before ...
MUCH_LESS = 0.5
# ... and the motion was more than this share of the person's size.
FAR = 0.05
# Seconds between rows of which no motion is told: no film has frames so near to each other.
SHORTEST = 1e-9


def gaps(found: Bools, times: F64) -> dict[str, float]:
    """Return how often a person who was found is lost and found again, and for how many seconds.

    ``found`` (T,) says in which rows, at ``times`` (T,). A gap begins with its first row and ends with the next found.
    """
    import numpy as np

    rows = np.flatnonzero(found)
    last = np.flatnonzero(np.diff(rows) > 1)
    if not len(last):
        return {}
    lengths = times[rows[last + 1]] - times[rows[last] + 1]
    return {"gaps": len(last), "longest_gap": float(lengths.max())}


def acceleration(points: F32, found: Bools, times: F64) -> tuple[float, int]:
    """Return the sum of the accelerations of keypoints (T, K, D), in their unit over s², and how many there are.

    Each is that of the parabola through a keypoint in three rows that follow each other, at their true ``times`` (T,).
    """
    import numpy as np

    sizes = accelerations(points, found, times)[1]
    sizes = sizes[np.isfinite(sizes)]
    return float(sizes.sum()), len(sizes)


def accelerations(points: F32, found: Bools, times: F64) -> tuple[I64, F64]:
    """Return the rows (N,) in the middle of three that ``acceleration`` is of, and that of each keypoint (N, K)."""
    import numpy as np

    steps = np.diff(times)
    known = found[:-2] & found[1:-1] & found[2:] & (steps[:-1] > SHORTEST) & (steps[1:] > SHORTEST)
    rows = np.flatnonzero(known)
    places = points.astype(np.float64)
    first, middle, last = (places[rows + shift] for shift in range(3))
    before, after = steps[rows][:, None, None], steps[rows + 1][:, None, None]
    bend = (last - middle) * (2 / after / (before + after)) - (middle - first) * (2 / before / (before + after))
    return rows + 1, _lengths(bend)


def bones(points: F32, found: Bools, pairs: Sequence[tuple[int, int]]) -> dict[str, float]:
    """Return the variation (standard deviation by mean) of the lengths of bones, each as often as it has rows.

    ``points`` (T, K, D) are keypoints, ``pairs`` the two keypoints of each bone. A bone needs two rows.
    """
    import numpy as np

    if not len(pairs):
        return {}
    ends = np.asarray(pairs)
    there = points[found].astype(np.float64)
    lengths = _lengths(there[:, ends[:, 0]] - there[:, ends[:, 1]])
    known = np.isfinite(lengths)
    rows, lengths = known.sum(axis=0), np.where(known, lengths, 0)
    mean = lengths.sum(axis=0) / np.maximum(rows, 1)
    spread = np.sqrt((np.where(known, lengths - mean, 0) ** 2).sum(axis=0) / np.maximum(rows, 1))
    use = (rows > 1) & (mean > 0)
    return {"bone_variation": float((spread[use] / mean[use] * rows[use]).sum()), "bones": int(rows[use].sum())}


def swaps(xy: F32, found: Bools, mirror: Sequence[int]) -> dict[str, float]:
    """Return in how many rows left and right seem exchanged since the row before, and how many pairs of rows there are.

    ``mirror`` (K,) is the keypoint of the other side of each. Exchanging them must make less than half of the motion,
    and that must be more than a twentieth of the person's size, as the two sides lie on each other in a side view.
    """
    rows, compared = exchanged(xy, found, mirror)
    return {"swaps": len(rows), "swap_rows": compared} if compared is not None else {}


def exchanged(xy: F32, found: Bools, mirror: Sequence[int]) -> tuple[I64, int | None]:
    """Return the rows (N,) that ``swaps`` counts, and of how many pairs of rows; None where there are none."""
    import numpy as np

    sides = np.flatnonzero(np.asarray(mirror) != np.arange(len(mirror)))
    rows = np.flatnonzero(found[:-1] & found[1:])
    if not len(sides) or not len(rows):
        return rows[:0], None
    places, others = xy[:, sides].astype(np.float64), xy[:, np.asarray(mirror)[sides]].astype(np.float64)
    before = places[rows]
    plain, turned = _lengths(places[rows + 1] - before), _lengths(others[rows + 1] - before)
    known = np.isfinite(plain) & np.isfinite(turned)
    plain, turned = (np.where(known, moved, 0).sum(axis=1) for moved in (plain, turned))
    suspect = np.flatnonzero(turned < MUCH_LESS * plain)
    seen = known[suspect]
    low, high = (np.where(seen[..., None], before[suspect], far) for far in (np.inf, -np.inf))
    size = (high.max(axis=1) - low.min(axis=1)).max(axis=-1)
    are = plain[suspect] > FAR * size * seen.sum(axis=1)
    return rows[suspect[are]] + 1, int(known.any(axis=1).sum())


def _lengths(vectors: F64) -> F64:
    """Return the lengths (...) of vectors (..., D); quicker than a sum over so few."""
    import numpy as np

    total = vectors[..., 0] ** 2
    for axis in range(1, vectors.shape[-1]):
        total += vectors[..., axis] ** 2
    return np.sqrt(total)
