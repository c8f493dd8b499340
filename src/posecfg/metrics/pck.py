"""PCK: the share of keypoints that lie close to the truth, measured in sizes of the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.types import Extraction, Truth

if TYPE_CHECKING:
    from posecfg.arrays import F32, Bools

# Distance (px) to a missing keypoint: larger than any image.
FAR = 1e9


class Pck:
    """Count a keypoint as right when it is at most ``alpha`` times the longer side of the true person's extent away.

    In each row every true person is compared with the nearest track that no other has taken; a missing one is wrong.
    """

    def __init__(self, alpha: float = 0.05) -> None:
        if not 0 < alpha <= 1:
            raise ConfigError(f"Expected alpha to be above 0 and at most 1, but got {alpha}.")
        self.alpha = alpha

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(combines=True)

    def __call__(self, extraction: Extraction, truth: Truth) -> dict[str, float]:
        """Return ``pck`` over all known keypoints of all rows; an empty dict if none is known."""
        return self.scores(self.partial(extraction, truth))

    def reduce(self, partials: Iterable[Mapping[str, float]]) -> dict[str, float]:
        """Return the right and known keypoints of several partials together."""
        listed = list(partials)
        return {name: sum(one.get(name, 0) for one in listed) for name in ("right", "known")}

    def scores(self, partial: Mapping[str, float]) -> dict[str, float]:
        """Return ``pck``, or an empty dict if no keypoint is known."""
        return {"pck": partial.get("right", 0) / partial["known"]} if partial.get("known", 0) > 0 else {}

    def partial(self, extraction: Extraction, truth: Truth) -> dict[str, float]:
        """Return how many keypoints of all rows are known, and how many are right."""
        import numpy as np

        shared = [name for name in truth.keypoints if name in extraction.skeleton.index]
        if not shared:
            raise ClipError(f"PCK needs common keypoints, but the truth has none of {extraction.skeleton.name}.")
        want = truth.xy[:, :, [truth.keypoints.index(name) for name in shared]]
        columns = [extraction.skeleton.index[name] for name in shared]
        rows = (0, len(extraction.clock), len(shared), 2)
        got = np.array([track.xy[:, columns] for track in extraction.tracks], np.float32).reshape(-1, *rows[1:])
        right = known = 0
        for row in range(rows[1]):
            hits, total = self._row(want[:, row], got[:, row])
            right, known = right + hits, known + total
        return {"right": right, "known": known} if known else {}

    def _row(self, want: F32, got: F32) -> tuple[int, int]:
        """Match the people of one row, nearest first; return (right, known) keypoints."""
        import numpy as np

        known: Bools = np.logical_and.reduce(np.isfinite(want), axis=-1)
        apart = np.hypot(*np.moveaxis(want[:, None] - got[None], -1, 0))
        apart[~np.isfinite(apart)] = FAR
        cost = (apart * known[:, None]).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)[:, None]
        cost[~known.any(axis=-1)] = FAR
        right = 0
        while cost.size and cost.min() < FAR:
            person, track = np.unravel_index(np.argmin(cost), cost.shape)
            points = want[person][known[person]]
            reach = self.alpha * float(np.ptp(points, axis=0).max())
            right += int((apart[person, track][known[person]] <= reach).sum())
            cost[person, :] = cost[:, track] = FAR
        return right, int(known.sum())
