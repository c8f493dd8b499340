"""The true people of a clip as OKS compares them: labelled keypoints, boxes, areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from posecfg.errors import ConfigError
from posecfg.metrics import sums
from posecfg.metrics.oks_people import Known
from posecfg.metrics.pairs import known as is_known

if TYPE_CHECKING:
    from posecfg.arrays import F64, Bools
    from posecfg.types import Truth


def annotated(truth: Truth) -> Bools:
    """Tell which frames (T,) were annotated, with or without people."""
    import numpy as np

    rows = truth.rows
    return np.ones(truth.xy.shape[1], bool) if rows is None else rows >= 0


def check_truth_thr(truth_thr: float) -> float:
    """Return the least score of true keypoints, if it can be one."""
    if not 0 <= truth_thr < float("inf"):
        raise ConfigError(f"Expected truth_thr to be a score from 0 on, but got {truth_thr}.")
    return truth_thr


def sure(
    truth: Truth, truth_thr: float, columns: Sequence[int], names: Sequence[str] = ()
) -> tuple[Truth, dict[str, int]]:
    """Return the truth without keypoints that score at most ``truth_thr``, where a detector made it, and their count.

    Those of people, or without scores, stay. Only keypoints in ``columns``, which are compared, are counted, and by
    their ``names`` too, if these are given.
    """
    import numpy as np

    if not truth.found_by or truth.scores is None:
        return truth, {}
    low = truth.scores <= np.float32(truth_thr)
    lost = (low & is_known(truth.xy) & annotated(truth)[:, None])[..., list(columns)]
    what = f"{sums.UNSURE}score at most {truth_thr:g} in the annotations"
    counts = {what: int(lost.sum())}
    if names:
        counts |= sums.of_joints(what, names, lost.sum(axis=(0, 1)))
    return replace(truth, xy=np.where(low[..., None], np.nan, truth.xy)), counts


def labelled(truth: Truth) -> Bools:
    """Tell which keypoints (P, T, K) are labelled: their place is known, and their visibility is not 0."""
    known = is_known(truth.xy)
    return known if truth.visible is None else known & (truth.visible > 0)


def true_people(truth: Truth, columns: list[int], share: float) -> tuple[Known, dict[str, int]]:
    """Return the true people of all frames, and how many have their area from what.

    Where annotations know no area, it is ``share`` of that of the box, and the box is that of the keypoints where they
    know no box. ``columns`` are the keypoints that are compared.
    """
    import numpy as np

    marked = labelled(truth)
    own = _around(truth.xy.astype(np.float64), marked)
    given = np.zeros(own.shape[:2], bool) if truth.boxes is None else is_known(truth.boxes)
    boxes = own if truth.boxes is None else np.where(given[..., None], truth.boxes, own)
    crowd = np.zeros(own.shape[:2], bool) if truth.crowd is None else truth.crowd.astype(bool)
    there = (marked.any(axis=-1) | given | crowd) & annotated(truth)
    image, person = np.nonzero(there.T)
    at = (person, image)
    corner, far = boxes[at][:, :2].astype(np.float64), boxes[at][:, 2:].astype(np.float64)
    sides = np.nan_to_num(far - corner)
    areas, measured = share * sides[:, 0] * sides[:, 1], np.zeros(len(image), bool)
    if truth.areas is not None:
        own_areas = truth.areas[at].astype(np.float64)
        measured = np.isfinite(own_areas)
        areas = np.where(measured, own_areas, areas)
    xy = truth.xy[:, :, columns].astype(np.float64)[at]
    known = Known(
        image=image,
        xy=xy,
        labelled=marked[:, :, columns][at],
        boxes=np.concatenate([np.nan_to_num(corner), sides], axis=1),
        areas=areas,
        crowd=crowd[at],
    )
    kinds = {
        f"{share:g} of the area of the box": int((~measured & given[at]).sum()),
        f"{share:g} of the area of the box around keypoints": int((~measured & ~given[at]).sum()),
    }
    return known, kinds


def _around(xy: F64, marked: Bools) -> F64:
    """Return the boxes (P, T, 4) around keypoints (P, T, K, 2) that are ``marked``, NaN where none is."""
    import numpy as np

    low = np.where(marked[..., None], xy, np.inf).min(axis=2, initial=np.inf)
    high = np.where(marked[..., None], xy, -np.inf).max(axis=2, initial=-np.inf)
    boxes = np.concatenate([low, high], axis=-1)
    return np.where(is_known(boxes)[..., None], boxes, np.nan)
