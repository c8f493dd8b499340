"""Fill gaps of single keypoints, for networks and formats that know no missing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64


def gapless(xy: F32, times: F64) -> F64 | None:
    """Return keypoints (T, K, 2) with missing coordinates interpolated over time, and held before the first and last.

    None where a coordinate is never there.
    """
    import numpy as np

    flat = xy.reshape(len(xy), -1).astype(np.float64)
    for column in flat.T:
        known = np.isfinite(column)
        if not known.any():
            return None
        if not known.all():
            column[~known] = np.interp(times[~known], times[known], column[known])
    return flat.reshape(xy.shape)
