"""How bad clips seem, with the reasons in words: all clips of a run together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posecfg.page.rounding import rounded

if TYPE_CHECKING:
    from posecfg.arrays import F64

    Part = tuple[F64, Callable[[int], str]]

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
class Looked:
    """What badness is made of, (N,) each: rows, those ``missing`` and ``made``, and measures, NaN if not known."""

    rows: F64
    missing: F64
    made: F64
    measures: Mapping[str, F64]

    def measure(self, name: str, unknown: float) -> F64:
        """Return a measure (N,), with a number in place of what is not known."""
        found = self.measures[name]
        return np.where(np.isnan(found), unknown, found)

    def middle(self, name: str) -> float:
        """Return what the middle one of the clips that have a measure has; 0 where none has it."""
        found = np.sort(self.measures[name])
        known = len(found) - int(np.isnan(found).sum())
        return float(found[(known - 1) // 2]) if known else 0.0

    def times(self, name: str) -> F64:
        """Return how many times the usual each clip has; 1 where that is not known."""
        middle = self.middle(name)
        found: F64 = self.measure(name, middle) / middle if middle > 0 else np.ones(len(self.rows))
        return found


def badness(clips: Looked) -> tuple[list[float | None], list[str]]:
    """Return how bad each clip seems, 0 to 100, and why in words."""
    with np.errstate(all="ignore"):
        parts = list(_parts(clips))
        left = np.ones(len(clips.rows))
        for share, _ in parts:
            left = left * (1 - share)
    shares = np.stack([share for share, _ in parts])
    order = np.argsort(-shares, axis=0, kind="stable")[:_REASONS]
    number = (np.take_along_axis(shares, order, axis=0) >= _TOLD).sum(axis=0)
    # What is not nothing has a reason, however small.
    number = np.maximum(number, 1 - left >= _ONE_PERCENT)
    bad, why = rounded(100 * (1 - left), 1), [""] * len(left)
    for clip in np.flatnonzero(left == 1).tolist():
        bad[clip] = 0
    some = np.flatnonzero(number)
    for clip, most, first in zip(some.tolist(), number[some].tolist(), order.T[some].tolist(), strict=True):
        why[clip] = "; ".join([parts[part][1](clip) for part in first[:most]])
    return bad, why


def _parts(clips: Looked) -> Iterator[Part]:
    """Yield the share of each trouble in each clip, at most 1 and mostly 0, and what it is in words."""
    rows = np.maximum(clips.rows, 1)
    rate = clips.measures["detection_rate"]
    missing = np.maximum(np.where(np.isnan(rate), _at_most(clips.missing / rows), 1 - rate), 0)
    yield missing, _each(missing, _missing)
    made = _at_most(clips.made / rows)
    yield made / 2, _each(made, "{:.0%} of frames made up".format)
    swaps = clips.measure("swaps", 0)
    yield _at_most(swaps * _SWAPS / rows), _each(swaps, lambda swaps: f"left and right swap {_times(swaps)}")
    # Each person may be lost, so that more people are lost more often.
    gaps, people = clips.measure("gaps", 0), np.maximum(clips.measure("people", 1), 1)
    times, longest = _each(gaps, _times), _each(clips.measure("longest_gap_s", 0), _longest)
    lost = _at_most(gaps * _GAPS / (rows * people)) / 2
    yield lost, lambda clip: f"a person is lost {times(clip)}{longest(clip)}"
    jitter, bones = clips.times("jitter_px_s2"), clips.times("bone_variation")
    yield _beyond(jitter) / 2, _each(jitter, "jitter {:.1f} times the usual".format)
    yield _beyond(bones) / 2, _each(bones, "bones vary {:.1f} times the usual".format)
    outside, common = clips.measure("out_of_frame", 0), clips.middle("out_of_frame")
    beyond = np.maximum(outside - common, 0) / 2
    yield beyond, _each(outside, f"{{:.0%}} of keypoints outside the picture{_usually(common)}".format)
    score = clips.measure("score", 1)
    yield np.maximum(_POOR - score, 0) / _POOR / 2, _each(score, "mean score {:.2f}".format)


def _each(values: F64, say: Callable[[float], str]) -> Callable[[int], str]:
    """Return what to say of a clip by its place in ``values`` (N,)."""
    numbers = values.tolist()
    return lambda clip: say(numbers[clip])


def _at_most(share: F64) -> F64:
    return np.clip(share, 0.0, 1.0)


def _beyond(times: F64) -> F64:
    """Return the part (N,), 0 to 1, that so many times the usual counts, by powers."""
    found = np.zeros(len(times))
    for clip in np.flatnonzero(times > _SOME).tolist():
        # Logarithms of NumPy depend on the processor.
        found[clip] = min(math.log(times[clip] / _SOME) / math.log(_MUCH / _SOME), 1.0)
    return found


def _missing(share: float) -> str:
    return "no person in any frame" if share >= 1 else f"{share:.0%} of frames without a person"


def _times(number: float) -> str:
    return {1: "once", 2: "twice"}.get(int(number), f"{int(number)} times")


def _usually(share: float) -> str:
    return f" ({share:.0%} is usual)" if share >= _ONE_PERCENT else ""


def _longest(longest: float) -> str:
    return f", for up to {longest:.1f} s" if longest >= 0.05 else ""
