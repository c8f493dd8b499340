"""Bring poses in space onto true ones before they are compared: by scale, or by scale, rotation and shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F64, Bools

LEAST = 3
"""Points from which on a rotation is determined."""


def scaled(got: F64, want: F64, known: Bools) -> F64:
    """Return ``got`` (M, K, 3) times the factor of each pose that brings it nearest to ``want``, about the origin.

    Only ``known`` (M, K) points count. A pose whose points all lie at the origin has no factor, and becomes NaN.
    """
    import numpy as np

    ours, theirs = (np.where(known[..., None], one, 0) for one in (got, want))
    below = (ours**2).sum(axis=(1, 2))
    factor = (ours * theirs).sum(axis=(1, 2)) / np.where(below > 0, below, np.nan)
    result: F64 = got * factor[:, None, None]
    return result


def superimposed(got: F64, want: F64, known: Bools) -> F64:
    """Return ``got`` (M, K, 3) scaled, rotated and moved, each pose as a whole, to lie nearest to ``want``.

    That is the similarity with the least squares over ``known`` (M, K) points, never a mirror image (Umeyama). Poses
    with fewer than three known points, or all in one place, become NaN.
    """
    import numpy as np

    there = known[..., None]
    number = known.sum(axis=1)
    middles = [np.where(there, one, 0).sum(axis=1) / np.maximum(number, 1)[:, None] for one in (got, want)]
    ours, theirs = (np.where(there, one - middle[:, None], 0) for one, middle in zip((got, want), middles, strict=True))
    left, sizes, right = np.linalg.svd(np.swapaxes(ours, 1, 2) @ theirs)
    mirror = np.sign(np.linalg.det(left @ right))
    sizes[:, 2] *= mirror
    left[:, :, 2] *= mirror[:, None]
    below = (ours**2).sum(axis=(1, 2))
    fit = (number >= LEAST) & (below > 0)
    factor = sizes.sum(axis=1) / np.where(fit, below, np.nan)
    result: F64 = factor[:, None, None] * ((got - middles[0][:, None]) @ (left @ right)) + middles[1][:, None]
    return result
