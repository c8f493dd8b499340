"""Quality without known poses: how often a person was found, and how the poses move. Every record has it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from posecfg.facts import Facts
from posecfg.metrics import motion
from posecfg.types import Clock, Extraction, PoseTrack, Truth

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64, Bools

# Sums of which the largest counts.
LARGEST = ("longest_gap",)
# Significant digits of a sum in a record: processors add up in different orders.
DIGITS = 9
# Scores that are a quotient: name, sum, count.
RATES = (
    ("detection_rate", "found", "rows"),
    ("people", "persons", "found"),
    ("score", "score", "points"),
    ("jitter_px_s2", "jitter_px", "jitters_px"),
    ("jitter_m_s2", "jitter_m", "jitters_m"),
    ("bone_variation", "bone_variation", "bones"),
    ("out_of_frame", "out_of_frame", "points"),
)
# Scores that are a sum, where another one is above 0: name, sum, the other one.
COUNTS = (
    ("gaps", "gaps", "followed"),
    ("longest_gap_s", "longest_gap", "followed"),
    ("swaps", "swaps", "swap_rows"),
)
SUMS = tuple(dict.fromkeys(name for _, *names in (*RATES, *COUNTS) for name in names))
"""The sums and counts that scores are made of."""


class Quality:
    """Measure poses by themselves; ``scores`` says what of.

    A clip gives a partial: sums and counts, without those that are 0. Partials of clips are added up, and only then
    divided, as a mean of means would count a short clip as much as a long one.
    """

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(combines=True, truthless=True)

    def __call__(self, extraction: Extraction, truth: Truth | None = None) -> dict[str, float]:
        """Return the scores of one clip."""
        return self.scores(self.partial(extraction))

    def partial(self, extraction: Extraction, truth: Truth | None = None) -> dict[str, float]:
        """Return sums and counts of one clip; of unrelated pictures none of motion."""
        looked = _looked(extraction)
        people = [sums for track in extraction.tracks for sums in _person(track, looked, extraction)]
        found = self.reduce([_rows(extraction, looked), *people])
        return {name: _rounded(value) for name, value in found.items() if value}

    def reduce(self, partials: Iterable[Mapping[str, float]]) -> dict[str, float]:
        """Return one partial for several, in any order."""
        found: dict[str, float] = {}
        for partial in partials:
            for name, value in partial.items():
                known = found.get(name, 0)
                found[name] = max(known, value) if name in LARGEST else known + value
        return found

    def scores(self, partial: Mapping[str, float]) -> dict[str, float]:
        """Return the scores behind a partial; what nothing is known of is left out.

        ``detection_rate`` is the share of rows with a person, of those that a detector looked at; ``people`` how many
        they have on average; ``score`` the mean score of their keypoints; ``out_of_frame`` the share of keypoints
        outside the picture. ``gaps`` are those between rows in which the same person was found, ``longest_gap_s`` in
        seconds. ``jitter_px_s2`` and, where the model gives metres, ``jitter_m_s2`` are the mean acceleration of
        keypoints. ``bone_variation`` is how much the length of a bone varies in a clip (standard deviation by mean), in
        space where poses have it, else in pixels. ``swaps`` counts the rows in which left and right seem exchanged
        since the row before. Rows that a refine step made do not count.
        """
        found = {name: partial.get(top, 0) / partial[below] for name, top, below in RATES if partial.get(below, 0) > 0}
        found |= {name: partial.get(top, 0) for name, top, below in COUNTS if partial.get(below, 0) > 0}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def columns(self, partials: Sequence[Mapping[str, float]]) -> dict[str, F64]:
        """Return the sums of many partials, (N,) each."""
        import numpy as np

        names = set[str]().union(*partials).intersection(SUMS)
        # Partial by partial, as each is somewhere else in memory.
        values = (one.get(name, 0) for one in partials for name in names)
        table = np.fromiter(values, np.float64, len(partials) * len(names)).reshape(len(partials), len(names))
        columns = dict(zip(names, np.ascontiguousarray(table.T), strict=True))
        return {name: columns.get(name, np.zeros(len(partials))) for name in SUMS}

    def total(self, columns: Mapping[str, F64]) -> dict[str, float]:
        """Return one partial for those in ``columns``, as ``reduce`` does: added up one after another."""
        import numpy as np

        found = {name: np.maximum if name in LARGEST else np.add for name in columns}
        return {name: float(found[name].accumulate(np.append(0.0, sums))[-1]) for name, sums in columns.items()}

    def all_scores(self, columns: Mapping[str, F64]) -> dict[str, F64]:
        """Return what ``scores`` tells of each partial in ``columns``, (N,) each, NaN for what it leaves out."""
        import numpy as np

        with np.errstate(all="ignore"):
            found = {
                **{name: np.where(columns[of] > 0, columns[top] / columns[of], np.nan) for name, top, of in RATES},
                **{name: np.where(columns[of] > 0, columns[top], np.nan) for name, top, of in COUNTS},
            }
        return {name: np.where(np.isfinite(values), values, np.nan) for name, values in found.items()}


def _looked(extraction: Extraction) -> Bools:
    """Return in which rows a detector looked: the rest of a clip is as if it were not there."""
    import numpy as np

    seconds = extraction.seconds
    looked: Bools = np.ones(len(extraction.clock), bool) if seconds is None else np.isfinite(seconds)
    return looked | _there(extraction)


def _there(extraction: Extraction) -> Bools:
    """Return in which rows a person was found."""
    import numpy as np

    there = np.zeros(len(extraction.clock), bool)
    for track in extraction.tracks:
        there |= track.valid
    return there


def _rows(extraction: Extraction, looked: Bools) -> dict[str, float]:
    """Return in how many of the rows that a detector looked at a person was found, and how many people."""
    people = sum(int(track.valid.sum()) for track in extraction.tracks)
    return {"rows": int(looked.sum()), "found": int(_there(extraction).sum()), "persons": people}


def _person(track: PoseTrack, looked: Bools, extraction: Extraction) -> Iterator[dict[str, float]]:
    """Yield the sums of a track: those of its poses, and those of motion, of each person in it alone."""
    import numpy as np

    yield _picture(track, extraction.clock)
    if extraction.clip.independent:
        return
    for part in track.parts:
        chosen = np.flatnonzero(looked[part]) + part.start
        if track.valid[chosen].any():
            yield _motion(track, chosen, extraction.clock)


def _motion(track: PoseTrack, chosen: I64, clock: Clock) -> dict[str, float]:
    """Return the sums of the motion of one person in the ``chosen`` rows."""
    rows, times, xy = track.valid[chosen], clock.times[chosen], track.xy[chosen]
    xyz = None if track.xyz is None else track.xyz[chosen]
    found: dict[str, float] = {
        "followed": 1,
        **motion.gaps(rows, times),
        **motion.swaps(xy, rows, track.skeleton.swaps),
    }
    found["jitter_px"], found["jitters_px"] = motion.acceleration(xy, rows, times)
    if xyz is not None and (track.meaning.xyz or "").startswith("metres"):
        found["jitter_m"], found["jitters_m"] = motion.acceleration(xyz, rows, times)
    return found | motion.bones(xy if xyz is None else xyz, rows, track.skeleton.edges)


def _picture(track: PoseTrack, clock: Clock) -> dict[str, float]:
    """Return the sums of scores, and of keypoints outside the picture."""
    import numpy as np

    x, y, scores = track.xy[track.valid, :, 0], track.xy[track.valid, :, 1], track.scores[track.valid]
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(scores)
    inside = (x >= 0) & (x <= clock.size[0]) & (y >= 0) & (y <= clock.size[1])
    return {
        "points": int(known.sum()),
        "score": float(scores[known].sum(dtype=np.float64)),
        "out_of_frame": int((known & ~inside).sum()),
    }


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")
