"""Average precision and recall over all found people of a data set, as COCO's evaluation does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.metrics.oks_matching import LIMITS, RANGES, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posecfg.arrays import F64, U64

RECALLS = 101
"""Places at which precision is read, from recall 0 to 1."""


def averages(scores: F64, flags: U64, people: Sequence[float]) -> dict[str, float]:
    """Return AP and AR, at two limits and in two ranges of areas too; what no true person is known of is left out.

    ``scores`` and ``flags`` (D,) are those of ``Matches``, in the order of images, ``people`` the true ones by range.
    """
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    flags = flags[order]
    found = {}
    for area, (name, number) in enumerate(zip(RANGES, people, strict=True)):
        if number > 0:
            precision, recall = _curve(flags, area, number)
            suffix = "" if name == "all" else f"_{name}"
            found[f"ap{suffix}"], found[f"ar{suffix}"] = float(precision.mean()), float(recall.mean())
            if name == "all":
                for limit in ("50", "75"):
                    at = LIMITS.index(limit)
                    found[f"ap{limit}"], found[f"ar{limit}"] = float(precision[at].mean()), float(recall[at])
    return found


def _curve(flags: U64, area: int, people: float) -> tuple[F64, F64]:
    """Return precision (10, 101) at each limit and recall, and the recall (10,) that is reached."""
    import numpy as np

    places = np.linspace(0, 1, RECALLS)
    precision, reached = np.zeros((len(LIMITS), RECALLS)), np.zeros(len(LIMITS))
    if not len(flags):
        return precision, reached
    matched, silent = unpack(flags, area)
    for row, (hit, quiet) in enumerate(zip(matched, silent, strict=True)):
        # Precision is highest, and recall grows, only where someone is right: the others need no table of their own.
        at = np.flatnonzero(hit[~quiet])
        if not len(at):
            continue
        right = np.arange(1, len(at) + 1, dtype=np.float64)
        share = np.maximum.accumulate((right / (at + 1 + np.spacing(1)))[::-1])[::-1]
        reached[row] = right[-1] / people
        first = np.searchsorted(right / people, places, side="left")
        there = first < len(at)
        precision[row, there] = share[first[there]]
    return precision, reached
