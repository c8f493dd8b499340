"""PCK: the share of keypoints that lie close to the truth, measured in sizes of the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.metrics import sums
from posecfg.metrics.norms import NORMS, norm
from posecfg.metrics.pairs import known, pairs, points, shared
from posecfg.metrics.true_people import annotated, check_truth_thr, sure
from posecfg.types import Extraction, Truth


class Pck:
    """Count a keypoint as right when it is at most ``alpha`` times the size of the true person away.

    ``norm`` says which size that is: the longer side of the box around true keypoints (extent) or of the annotated box
    (box), left shoulder to right hip (torso), or head to neck or ear to ear (head). In each row every true person is
    compared with the nearest track that no other has taken; a missing one is wrong. Where a detector made the
    annotations, their keypoints that score at most ``truth_thr`` are not known.
    """

    def __init__(
        self,
        alpha: float = 0.05,
        norm: Literal["extent", "box", "torso", "head"] = "extent",
        truth_thr: float = 0.3,
    ) -> None:
        if not 0 < alpha <= 1:
            raise ConfigError(f"Expected alpha to be above 0 and at most 1, but got {alpha}.")
        if norm not in NORMS:
            raise ConfigError(f"Expected norm to be one of {', '.join(NORMS)}, but got '{norm}'.")
        self.alpha, self.norm, self.truth_thr = alpha, norm, check_truth_thr(truth_thr)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(combines=True, jointed=True, flat=True)

    def __call__(self, extraction: Extraction, truth: Truth) -> dict[str, float]:
        """Return ``pck`` over all known keypoints of all rows; an empty dict if none is known."""
        return self.scores(self.partial(extraction, truth))

    def reduce(self, partials: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the right and known keypoints of several partials together."""
        return sums.together(partials)

    def scores(self, partial: Mapping[str, Any]) -> dict[str, float]:
        """Return ``pck``, or an empty dict if no keypoint is known."""
        return sums.quotient(partial, "pck", "right", "known")

    def joints(self, partial: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        """Return ``pck`` of each keypoint."""
        return sums.joint_quotients(partial, "pck", "right", "known")

    def partial(self, extraction: Extraction, truth: Truth) -> dict[str, Any]:
        """Return how many keypoints of all rows are known, and how many are right, also by keypoint."""
        import numpy as np

        names, theirs, ours = shared(extraction, truth, "PCK")
        truth, unsure = sure(truth, self.truth_thr, theirs, names)
        want, got = truth.xy[:, :, theirs], points(extraction, ours)
        size, rows = norm(truth, self.norm), annotated(truth)
        there = known(want) & rows[:, None]
        people = there.any(axis=-1)
        compared = people & np.isfinite(size)
        unsized = there & ~compared[..., None]
        there &= compared[..., None]
        track = pairs(want, got)
        person, row = np.nonzero(compared & (track >= 0))
        apart = np.full(want.shape[:3], np.inf)
        apart[person, row] = np.hypot(*np.moveaxis(want[person, row] - got[track[person, row], row], -1, 0))
        # A keypoint that is missing in a found person has a distance of NaN, which is at most nothing.
        right = there & (apart <= self.alpha * size[..., None])
        return sums.kept(
            {
                "right": int(right.sum()),
                "known": int(there.sum()),
                sums.FRAMES: int(compared.sum()),
                **unsure,
                f"{sums.REST}not annotated": int((~rows).sum()),
                f"{sums.REST}no true pose": int((rows & ~people.any(axis=0)).sum()),
                f"{sums.REST}size not known": int((people & ~compared).sum()),
                **sums.by_joint("right", names, right.sum(axis=(0, 1))),
                **sums.by_joint("known", names, there.sum(axis=(0, 1))),
                **sums.of_joints(sums.FRAMES, names, there.sum(axis=(0, 1))),
                **sums.of_joints(f"{sums.REST}size not known", names, unsized.sum(axis=(0, 1))),
            }
        )
