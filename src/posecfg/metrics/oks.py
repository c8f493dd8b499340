"""OKS: average precision and recall of people, as COCO's evaluation computes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.metrics import sums
from posecfg.metrics.average_precision import averages
from posecfg.metrics.oks_matching import RANGES, match
from posecfg.metrics.oks_people import Found
from posecfg.metrics.person_score import SCORES, person_score
from posecfg.metrics.sigmas import PARTS, SIGMAS, of_part
from posecfg.metrics.true_people import annotated, check_truth_thr, sure, true_people
from posecfg.types import Extraction, Truth

if TYPE_CHECKING:
    pass

EMPTY = ("auto", "count", "leave")


class Oks:
    """Match people by the likeness of their keypoints, and average precision and recall over limits of it.

    ``score`` says which people come first: by the mean of their keypoints' scores above 0.2 (keypoint), by the score of
    the box (box), or by both multiplied (box_keypoint); without a box only the former is known. Where annotations know
    no area, it is ``box_area`` times that of the box. ``part`` of COCO-WholeBody is compared alone. In frames without a
    true person whatever is found is wrong (count), or they are left out (leave), as they are with auto where a detector
    made the annotations; there keypoints that score at most ``truth_thr`` are not labelled. A skeleton may have
    sigmas of its own.
    """

    def __init__(
        self,
        score: Literal["box_keypoint", "keypoint", "box"] = "box_keypoint",
        part: Literal["whole", "body", "foot", "face", "left_hand", "right_hand"] = "whole",
        box_area: float = 0.53,
        empty: Literal["auto", "count", "leave"] = "auto",
        truth_thr: float = 0.3,
    ) -> None:
        for name, value, options in (("score", score, SCORES), ("part", part, PARTS), ("empty", empty, EMPTY)):
            if value not in options:
                raise ConfigError(f"Expected {name} to be one of {', '.join(options)}, but got '{value}'.")
        if not 0 < box_area <= 1:
            raise ConfigError(f"Expected box_area to be above 0 and at most 1, but got {box_area}.")
        self.score, self.part, self.box_area, self.empty = score, part, box_area, empty
        self.truth_thr = check_truth_thr(truth_thr)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(combines=True, flat=True)

    def __call__(self, extraction: Extraction, truth: Truth) -> dict[str, float]:
        """Return the scores of one clip."""
        return self.scores(self.partial(extraction, truth))

    def partial(self, extraction: Extraction, truth: Truth) -> dict[str, Any]:
        """Return what became of each person who was found: ``scores`` and ``flags``; and counts of true people."""
        import numpy as np

        names = self._names(extraction, truth)
        ours = [extraction.skeleton.index[name] for name in names]
        theirs = [truth.keypoints.index(name) for name in names]
        truth, unsure = sure(truth, self.truth_thr, theirs)
        known, used = true_people(truth, theirs, self.box_area)
        rows, rest = self._rows(truth, np.bincount(known.image, minlength=len(extraction.clock)) > 0)
        sigmas = {**SIGMAS, **extraction.skeleton.sigmas}
        matches = match(self._found(extraction, ours, rows), known, (2 * np.array([sigmas[n] for n in names])) ** 2)
        people = {f"people_{name}": number for name, number in zip(RANGES, matches.people, strict=True)}
        arrays = {"scores": matches.scores.astype(np.float32), "flags": matches.flags}
        counts = {**rest, **unsure, **{f"{sums.USED}{what}": number for what, number in used.items()}}
        return sums.kept({sums.FRAMES: int(rows.sum()), **people, **counts, **arrays})

    def reduce(self, partials: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Return one partial for several; among equal scores, people of the earlier ones come first."""
        return sums.together(partials)

    def scores(self, partial: Mapping[str, Any]) -> dict[str, float]:
        """Return ``ap`` and ``ar``, at single limits and of medium and large people; nothing without true people."""
        import numpy as np

        people = [partial.get(f"people_{name}", 0) for name in RANGES]
        scores = partial.get("scores", np.zeros(0, np.float32))
        found = averages(scores, partial.get("flags", np.zeros(0, np.uint64)), people)
        end = "" if self.part == "whole" else f"_{self.part}"
        return {f"{name}{end}": value for name, value in found.items()}

    def _names(self, extraction: Extraction, truth: Truth) -> list[str]:
        """Return the keypoints that are compared."""
        # Keypoints of the user's own belong to no part.
        wanted = set(of_part(self.part)) | (set(extraction.skeleton.sigmas) if self.part == "whole" else set())
        names = [name for name in truth.keypoints if name in wanted and name in extraction.skeleton.index]
        if not names:
            raise ClipError(
                f"OKS needs keypoints of COCO or COCO-WholeBody ({self.part}) in both, but {extraction.skeleton.name} "
                "and the truth have none in common: choose another detector, or another metric.oks.part."
            )
        return names

    def _rows(self, truth: Truth, there: Any) -> tuple[Any, dict[str, int]]:
        """Return which frames are compared, by which have a true person, and how many are left out for which reason."""
        rows = annotated(truth)
        rest = {f"{sums.REST}not annotated": int((~rows).sum())}
        if self.empty == "leave" or (self.empty == "auto" and truth.found_by):
            rest[f"{sums.REST}no true pose"] = int((rows & ~there).sum())
            rows = rows & there
        return rows, rest

    def _found(self, extraction: Extraction, columns: list[int], rows: Any) -> Found:
        """Return the people of the ``rows``, frame by frame."""
        import numpy as np

        shape = (len(extraction.tracks), len(rows))
        there = np.array([one.valid | one.made for one in extraction.tracks], bool).reshape(shape) & rows
        image, track = np.nonzero(there.T)
        xy = np.array([one.xy[:, columns] for one in extraction.tracks], np.float64)
        xy = xy.reshape(*shape, len(columns), 2)[track, image]
        scores = [person_score(one.scores[:, columns], one.box_scores, self.score) for one in extraction.tracks]
        score = np.array(scores).reshape(shape)
        whole = np.isfinite(xy).all(axis=-1).any(axis=-1)
        return Found(image[whole], xy[whole], score[track, image][whole])
