"""MPJPE and its kin: the mean distance of joints from the truth in space, plain, scaled and superimposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.metrics import spaces, sums
from posecfg.metrics.alignment import scaled, superimposed
from posecfg.metrics.pairs import known, pairs, points, shared
from posecfg.metrics.true_people import annotated
from posecfg.types import Extraction, Truth

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64

MEASURES = {
    "mpjpe": "mpjpe_mm",
    "n_mpjpe": "n_mpjpe_mm",
    "p_mpjpe": "p_mpjpe_mm",
    "mpjve": "mpjve_mm",
    "pck": "pck3d",
    "auc": "auc3d",
}
"""Measures, and the names of their scores."""
FREE = ("p_mpjpe",)
"""Measures of which neither unit, axes nor root matter."""
MM = 1000


class Mpjpe:
    """Average the distance of joints from the truth in mm, over poses that were found.

    Both are in metres along the camera's axes, and are compared from their roots: the pelvis, or the middle of the
    hips. ``measures`` are: mpjpe, as they are; n_mpjpe, each pose scaled; p_mpjpe, each pose scaled, turned and moved
    as a whole; mpjve, of motions from frame to frame; pck, the share of joints that are less than ``pck_mm`` away; auc,
    the mean of that share over ``auc_mm``: the first limit, the last, and how many. No joint is nearer than a limit of
    0, so that 30 of 31 is the most from 0 to 150 mm, as in MMPose and the scripts of MPI-INF-3DHP.
    """

    def __init__(
        self,
        measures: Sequence[str] = tuple(MEASURES),
        pck_mm: float = 150,
        auc_mm: Sequence[float] = (0, 150, 31),
    ) -> None:
        for measure in measures:
            if measure not in MEASURES:
                raise ConfigError(f"Expected measures among {', '.join(MEASURES)}, but got '{measure}'.")
        if not measures or not pck_mm > 0:
            raise ConfigError(f"Expected some measures, and pck_mm above 0, but got {list(measures)} and {pck_mm}.")
        if len(auc_mm) != 3 or not 0 <= auc_mm[0] < auc_mm[1] or int(auc_mm[2]) != auc_mm[2] or auc_mm[2] < 2:
            raise ConfigError(f"Expected auc_mm to be [first, last, number] of limits, but got {list(auc_mm)}.")
        self.measures, self.pck_mm, self.auc_mm = tuple(measures), pck_mm, tuple(auc_mm)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(combines=True, jointed=True, spatial=True)

    def __call__(self, extraction: Extraction, truth: Truth) -> dict[str, float]:
        """Return the scores of one clip."""
        return self.scores(self.partial(extraction, truth))

    def reduce(self, partials: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the sums of several partials together."""
        return sums.together(partials)

    def scores(self, partial: Mapping[str, Any]) -> dict[str, float]:
        """Return the measures of which something is known."""
        found: dict[str, float] = {}
        for measure in self.measures:
            found |= sums.quotient(partial, MEASURES[measure], measure, f"{measure}_joints")
        return found

    def joints(self, partial: Mapping[str, Any]) -> dict[str, dict[str, float]]:
        """Return the measures of each joint."""
        found: dict[str, dict[str, float]] = {}
        for measure in self.measures:
            each = sums.joint_quotients(partial, MEASURES[measure], measure, f"{measure}_joints")
            for joint, scores in each.items():
                found.setdefault(joint, {}).update(scores)
        return found

    def partial(self, extraction: Extraction, truth: Truth) -> dict[str, Any]:
        """Return the sums of each measure (mm, or shares) and how many joints they are of, also by joint."""
        import numpy as np

        rows = annotated(truth)
        rest = {"not annotated": int((~rows).sum())}
        if truth.xyz is None:
            return _counted(0, rest | {"no true points in space": int(rows.sum())})
        names, theirs, ours = shared(extraction, truth, "MPJPE")
        free = set(self.measures) <= set(FREE)
        want, got = spaces.known(truth, theirs, free), spaces.found(extraction, ours, free)
        there = known(want) & rows[:, None]
        people = there.any(axis=-1)
        track = _tracks(truth.xy[:, :, theirs], points(extraction, ours), people)
        person, row = np.nonzero(people & (track >= 0))
        first, second = want[person, row], got[track[person, row], row]
        both = there[person, row] & known(second)
        if not free:
            origin = [spaces.root(one, names)[:, None] for one in (first, second)]
            first, second = first - origin[0], second - origin[1]
            both &= known(first) & known(second)
        whole = both.any(axis=1)
        rest |= {
            "no true pose": int((rows & ~people.any(axis=0)).sum()),
            "no pose found": int(people.sum()) - len(row),
            "no root, or no common joint": int((~whole).sum()),
        }
        wanted, unfound = there[person, row], there[people & (track < 0)]
        joints = {
            sums.FRAMES: both[whole],
            f"{sums.REST}no pose found": unfound,
            f"{sums.REST}no root, or no common joint": wanted[~whole],
            f"{sums.REST}not found in the pose": (wanted & ~both)[whole],
        }
        first, second, both = first[whole], second[whole], both[whole]
        found = _counted(len(first), rest)
        for name, each in joints.items():
            found |= sums.of_joints(name, names, each.sum(axis=0))
        measured = self._measured(first, second, both)
        if "mpjve" in self.measures and not extraction.clip.independent:
            apart = np.where(both[..., None], second - first, np.nan)
            measured["mpjve"] = _motion(apart, person[whole], row[whole], track)
        for measure, apart in measured.items():
            use = np.isfinite(apart)
            values = np.where(use, apart, 0)
            found |= {measure: float(values.sum()), f"{measure}_joints": int(use.sum())}
            found |= sums.by_joint(measure, names, values.sum(axis=0))
            found |= sums.by_joint(f"{measure}_joints", names, use.sum(axis=0))
        return sums.kept(found)

    def _measured(self, want: F64, got: F64, both: Any) -> dict[str, F64]:
        """Return each measure of single frames of each joint (M, K), NaN where it is not known."""
        import numpy as np

        found = {}
        plain = np.where(both, _mm(got - want), np.nan)
        if "mpjpe" in self.measures:
            found["mpjpe"] = plain
        if "n_mpjpe" in self.measures:
            found["n_mpjpe"] = np.where(both, _mm(scaled(got, want, both) - want), np.nan)
        if "p_mpjpe" in self.measures:
            found["p_mpjpe"] = np.where(both, _mm(superimposed(got, want, both) - want), np.nan)
        if "pck" in self.measures:
            found["pck"] = np.where(both, plain < self.pck_mm, np.nan)
        if "auc" in self.measures:
            first, last, number = self.auc_mm
            limits = np.linspace(first, last, int(number))
            # A count over sorted limits, not a table of all of them.
            reached = len(limits) - np.searchsorted(limits, np.nan_to_num(plain, nan=np.inf), side="right")
            found["auc"] = np.where(both, reached / len(limits), np.nan)
        return found


def _mm(vectors: F64) -> F64:
    import numpy as np

    lengths: F64 = np.sqrt((vectors**2).sum(axis=-1)) * MM
    return lengths


def _counted(compared: int, rest: Mapping[str, int]) -> dict[str, Any]:
    return sums.kept({sums.FRAMES: compared, **{f"{sums.REST}{reason}": number for reason, number in rest.items()}})


def _tracks(want: Any, got: Any, people: Any) -> I64:
    """Return the track (P, T) of each true person: the only one there is, or the nearest in the picture."""
    import numpy as np

    if len(want) == 1 and len(got) == 1:
        there = np.isfinite(got).any(axis=(0, 2, 3))
        return np.where(there, 0, -1)[None]
    return pairs(want, got)


def _motion(apart: F64, person: I64, row: I64, track: I64) -> F64:
    """Return how far the motion (M, K) of each joint from one frame to the next is from the true one, in mm.

    ``apart`` (N, K, 3) m is by person and row; both frames need the same person and the same track.
    """
    import numpy as np

    whose = track[person, row]
    next_ = (np.diff(person) == 0) & (np.diff(row) == 1) & (np.diff(whose) == 0)
    return _mm(apart[1:][next_] - apart[:-1][next_])
