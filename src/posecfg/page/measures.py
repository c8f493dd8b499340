"""Numbers of clips and runs, with their names and units, and how bad a clip seems, with the reasons in words.

Nothing here knows true poses: all is what poses tell of themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from posecfg.metrics.quality import Quality
from posecfg.store.clip_facts import are_numbers
from posecfg.store.ledger_row import Row

QUALITY = Quality()
HIGH, LOW = "high", "low"


class Measure(NamedTuple):
    """A number of a clip or run: what it is called, its unit, digits behind the point, and what is better."""

    label: str
    unit: str
    digits: int
    better: str | None
    help: str


MEASURES = {
    "detection_rate": Measure("found", "%", 1, HIGH, "share of the frames looked at in which a person was found"),
    "people": Measure("people", "", 2, None, "people a frame, on average over the frames with any"),
    "score": Measure("score", "", 3, HIGH, "mean score of all keypoints, as the model gives it"),
    "jitter_px_s2": Measure("jitter", "px/s²", 0, LOW, "mean acceleration of keypoints in the picture"),
    "jitter_m_s2": Measure("jitter in space", "m/s²", 1, LOW, "mean acceleration of keypoints in metres"),
    "bone_variation": Measure("bones vary", "%", 1, LOW, "how much the length of a bone varies within a clip"),
    "swaps": Measure("swaps", "", 0, LOW, "frames in which left and right seem exchanged since the frame before"),
    "gaps": Measure("gaps", "", 0, LOW, "times that a person is lost and found again"),
    "longest_gap_s": Measure("longest gap", "s", 2, LOW, "the longest of these"),
    "out_of_frame": Measure("outside", "%", 1, LOW, "share of keypoints outside the picture"),
}
"""Of a clip, and of a run over all of its clips."""
OF_RUNS = {
    "frames_per_second": Measure("frames/s", "", 0, HIGH, "frames a second of the whole run, by all workers"),
    "model_per_second": Measure("model", "frames/s", 0, HIGH, "frames a second that one worker's model alone takes"),
    "seconds": Measure("time", "s", 1, LOW, "how long the latest start of the run took"),
}
# Jitter and bones are held against the middle clip of the run: so many times it counts nothing, and fully. So is what
# is outside of the picture: where films show the upper body, legs are outside of all of them.
_SOME, _MUCH = 2.0, 12.0
# Swaps and gaps for each so many rows count fully.
_SWAPS, _GAPS = 20.0, 40.0
_POOR = 0.5
# Of a part of the score below this no reason is told.
_TOLD, _REASONS = 0.03, 3
_ONE_PERCENT = 0.005
BADNESS = (
    "0 is nothing to complain of, 100 the worst. A clip that failed has 100. Otherwise each of these takes its share "
    "of what is left of a clip: the share of frames without a person; half of the share of frames that were made up; "
    f"swaps of left and right (all at one in {_SWAPS:g} frames); gaps (half at one in {_GAPS:g} frames of a person); "
    f"jitter and the variation of bones from {_SOME:g} to {_MUCH:g} times that of the middle clip of the same run "
    "(half each); the share of keypoints outside the picture beyond that of the middle clip (half); a mean score below "
    f"{_POOR:g} (half). Clips that were skipped on purpose have none."
)


@dataclass(frozen=True)
class Usual:
    """The middle of what the clips of a run have of a measure, by its name."""

    middle: Mapping[str, float]

    @classmethod
    def of(cls, clips: Iterable[Mapping[str, float]]) -> Usual:
        """Return the middle of the clips of one run."""
        found: dict[str, list[float]] = {}
        for clip in clips:
            for name in ("jitter_px_s2", "bone_variation", "out_of_frame"):
                if name in clip:
                    found.setdefault(name, []).append(clip[name])
        return cls({name: sorted(values)[(len(values) - 1) // 2] for name, values in found.items()})

    def times(self, clip: Mapping[str, float], name: str) -> float:
        """Return how many times the usual a clip has; 1 where that is not known."""
        middle = self.middle.get(name, 0.0)
        return clip[name] / middle if name in clip and middle > 0 else 1.0


def of_clip(row: Row) -> dict[str, float]:
    """Return what the poses of a clip tell of themselves; nothing of one without."""
    sums = row.facts.get("quality_sums") if row.status == "done" else None
    if not isinstance(sums, dict) or not are_numbers(sums.values()):
        return {}
    return QUALITY.scores(sums)


def badness(row: Row, clip: Mapping[str, float], usual: Usual) -> tuple[float | None, str]:
    """Return how bad a clip seems, 0 to 100, and why in words; None of one that was skipped."""
    if row.status == "failed":
        return 100.0, row.reason or "failed"
    if row.status != "done":
        return None, row.reason
    parts = list(_parts(row, clip, usual))
    left = math.prod(1 - share for share, _ in parts)
    parts.sort(key=lambda part: -part[0])
    # What is not nothing has a reason, however small.
    told = [part for part in parts if part[0] >= _TOLD] or parts[: 1 - left >= _ONE_PERCENT]
    return round(100 * (1 - left), 1), "; ".join(text for _, text in told[:_REASONS])


def _parts(row: Row, clip: Mapping[str, float], usual: Usual) -> Iterator[tuple[float, str]]:
    """Yield the share of each trouble that there is, at most 1, and what it is in words."""
    rows = max(row.frames, 1)
    missing = 1 - clip["detection_rate"] if "detection_rate" in clip else _share(row.facts.get("rows_missing"), rows)
    if missing > 0:
        yield missing, "no person in any frame" if missing >= 1 else f"{missing:.0%} of frames without a person"
    if made := _share(row.facts.get("rows_made"), rows):
        yield made / 2, f"{made:.0%} of frames made up"
    if swaps := clip.get("swaps"):
        yield _at_most(swaps * _SWAPS / rows), f"left and right swap {_times(swaps)}"
    if gaps := clip.get("gaps"):
        # Each person may be lost, so that more people are lost more often.
        people = max(1.0, clip.get("people", 1.0))
        yield _at_most(gaps * _GAPS / (rows * people)) / 2, f"a person is lost {_times(gaps)}{_longest(clip)}"
    if (jitter := usual.times(clip, "jitter_px_s2")) > _SOME:
        yield _beyond(jitter) / 2, f"jitter {jitter:.1f} times the usual"
    if (bones := usual.times(clip, "bone_variation")) > _SOME:
        yield _beyond(bones) / 2, f"bones vary {bones:.1f} times the usual"
    outside, common = clip.get("out_of_frame", 0.0), usual.middle.get("out_of_frame", 0.0)
    if outside > common:
        yield (outside - common) / 2, f"{outside:.0%} of keypoints outside the picture{_usually(common)}"
    if (score := clip.get("score", 1.0)) < _POOR:
        yield (_POOR - score) / _POOR / 2, f"mean score {score:.2f}"


def _share(number: Any, rows: int) -> float:
    return _at_most(number / rows) if isinstance(number, int) else 0.0


def _at_most(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _beyond(times: float) -> float:
    """Return the part, 0 to 1, that so many times the usual counts, by powers."""
    return _at_most(math.log(times / _SOME) / math.log(_MUCH / _SOME))


def _times(number: float) -> str:
    return {1: "once", 2: "twice"}.get(int(number), f"{int(number)} times")


def _usually(share: float) -> str:
    return f" ({share:.0%} is usual)" if share >= _ONE_PERCENT else ""


def _longest(clip: Mapping[str, float]) -> str:
    longest = clip.get("longest_gap_s", 0.0)
    return f", for up to {longest:.1f} s" if longest >= 0.05 else ""


def totals(sums: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the measures of all clips together; sums are added up before they are divided."""
    return QUALITY.scores(QUALITY.reduce(sums))
