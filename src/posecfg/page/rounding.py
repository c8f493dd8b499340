"""Numbers rounded by the hundred thousand, each to the very number that Python rounds it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from posecfg.arrays import F64

# Where a number of steps is no larger than this, and no nearer than this to the middle of two, doubles tell which is
# the nearest one: the product of a number and a power of ten is wrong by less than a thousandth.
_MOST, _MIDDLE = 2.0**40, 0.499


def rounded(values: F64, digits: int) -> list[float | None]:
    """Return ``values`` (N,) with so many digits behind the point, and None for those that are not finite."""
    steps = 10.0**digits
    with np.errstate(all="ignore"):
        exact = values * steps
        whole = np.rint(exact)
        sure = (np.abs(exact) <= _MOST) & (np.abs(exact - whole) <= _MIDDLE)
    # A quotient of whole numbers is the double nearest to a decimal number, as what Python returns is.
    found: list[float | None] = (whole / steps).tolist()
    for place in np.flatnonzero(~sure).tolist():
        value = float(values[place])
        found[place] = round(value, digits) if np.isfinite(value) else None
    return found
