"""EPE: the mean distance of keypoints from the truth, in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from posecfg.facts import Facts
from posecfg.metrics import sums
from posecfg.metrics.pairs import known, pairs, points, shared
from posecfg.metrics.true_people import annotated, check_truth_thr, sure
from posecfg.types import Extraction, Truth


class Epe:
    """Average the distance of keypoints from the truth, over people who were found.

    In each row every true person is compared with the nearest track that no other has taken; people and keypoints that
    were not found are left out, and counted. Where a detector made the annotations, their keypoints that score at most
    ``truth_thr`` are not known.
    """

    def __init__(self, truth_thr: float = 0.3) -> None:
        self.truth_thr = check_truth_thr(truth_thr)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(combines=True, jointed=True, flat=True)

    def __call__(self, extraction: Extraction, truth: Truth) -> dict[str, float]:
        """Return ``epe_px`` over all keypoints that were found and are known."""
        return self.scores(self.partial(extraction, truth))

    def reduce(self, partials: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the distances and their numbers of several partials together."""
        return sums.together(partials)

    def scores(self, partial: Mapping[str, Any]) -> dict[str, float]:
        """Return ``epe_px``, or an empty dict if nothing could be compared."""
        return sums.quotient(partial, "epe_px", "apart", "number")

    def joints(self, partial: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        """Return ``epe_px`` of each keypoint."""
        return sums.joint_quotients(partial, "epe_px", "apart", "number")

    def partial(self, extraction: Extraction, truth: Truth) -> dict[str, Any]:
        """Return the sum of distances (px) and how many they are, also by keypoint."""
        import numpy as np

        names, theirs, ours = shared(extraction, truth, "EPE")
        truth, unsure = sure(truth, self.truth_thr, theirs, names)
        want, got = truth.xy[:, :, theirs], points(extraction, ours)
        rows = annotated(truth)
        there = known(want) & rows[:, None]
        people = there.any(axis=-1)
        track = pairs(want, got)
        person, row = np.nonzero(people & (track >= 0))
        first, second = want[person, row].astype(np.float64), got[track[person, row], row]
        apart = np.hypot(*np.moveaxis(first - second, -1, 0))
        counted = there[person, row] & np.isfinite(apart)
        lost = there[person, row] & ~counted
        apart = np.where(counted, apart, 0)
        return sums.kept(
            {
                "apart": float(apart.sum()),
                "number": int(counted.sum()),
                sums.FRAMES: len(row),
                **unsure,
                f"{sums.REST}not annotated": int((~rows).sum()),
                f"{sums.REST}no true pose": int((rows & ~people.any(axis=0)).sum()),
                f"{sums.REST}no pose found": int(people.sum()) - len(row),
                **sums.by_joint("apart", names, apart.sum(axis=0)),
                **sums.by_joint("number", names, counted.sum(axis=0)),
                **sums.of_joints(sums.FRAMES, names, counted.sum(axis=0)),
                **sums.of_joints(f"{sums.REST}no pose found", names, there[people & (track < 0)].sum(axis=0)),
                **sums.of_joints(f"{sums.REST}not found in the pose", names, lost.sum(axis=0)),
            }
        )
