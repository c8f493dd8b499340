"""What happens in a clip over its time, as letters: people found, made up, jerky, left and right exchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from posecfg.metrics.motion import accelerations, exchanged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F64, U8, Bools
    from posecfg.types import PoseTrack

NOBODY, MADE, FOUND, JERKY, SWAPPED = ".mfjs"
BINS = 96
"""The most letters of a strip."""
JERKS = 5.0
"""A row is jerky where its acceleration is more than so many times the median of the clip ..."""
LEAP = 0.04
"""... and bends the way of keypoints by more than this share of the person's size."""
PAUSE = 4.0
"""Rows that are so many times as far apart in time as is usual are not compared."""


def states(track: PoseTrack) -> str:
    """Return a letter for each row of a person: found, made up, or nobody."""
    return _text(_codes(track.valid, track.made))


def strip(people: Sequence[PoseTrack], times: F64) -> str:
    """Return at most 96 letters, each for an equal part of the time of all rows.

    A part has the letter of rows in which sides are exchanged or poses are jerky where it has any, else that of most of
    its rows.
    """
    rows = len(times)
    if not rows:
        return ""
    none = np.zeros(rows, bool)
    found = _any([one.valid & ~one.made for one in people], none)
    codes = _codes(found, _any([one.made for one in people], none) & ~found)
    jerky, swapped = np.zeros(rows, bool), np.zeros(rows, bool)
    for one in people:
        jerky |= jerks(one, times)
        swapped |= swaps(one)
    codes[jerky], codes[swapped] = ord(JERKY), ord(SWAPPED)
    return _text(_binned(codes, times))


def jerks(track: PoseTrack, times: F64) -> Bools:
    """Tell in which rows (T,) the keypoints of a person turn much more suddenly than is usual in the clip."""
    found = np.zeros(len(track), bool)
    points = track.xy if np.isfinite(track.xy).any() else track.xyz
    if points is None:
        return found
    leaps, spans, places = [np.zeros(0)], [np.zeros(0)], [np.zeros(0, np.int64)]
    for part in track.parts:
        rows, bends = accelerations(points[part], track.valid[part], times[part])
        steps = times[part][rows + 1] - times[part][rows - 1] if len(rows) else np.zeros(0)
        leaps.append(_means(bends) * (steps / 2) ** 2)
        spans.append(steps / 2)
        places.append(rows + part.start)
    leap, row = np.concatenate(leaps), np.concatenate(places)
    # Where a film pauses, its frames tell nothing of how smoothly people moved meanwhile.
    known = np.isfinite(leap) & (np.concatenate(spans) <= PAUSE * np.median(np.diff(times) if len(times) > 1 else 1.0))
    if known.any():
        limit = max(JERKS * float(np.median(leap[known])), LEAP * _extent(points, track.valid))
        found[row[known & (leap > limit)]] = True
    return found


def swaps(track: PoseTrack) -> Bools:
    """Tell in which rows (T,) left and right seem exchanged since the row before."""
    found = np.zeros(len(track), bool)
    for part in track.parts:
        rows, _ = exchanged(track.xy[part], track.valid[part], track.skeleton.swaps)
        found[rows + part.start] = True
    return found


def _any(parts: Sequence[Bools], none: Bools) -> Bools:
    found: Bools = np.any([none, *parts], axis=0)
    return found


def _codes(valid: Bools, made: Bools) -> U8:
    return np.where(made, ord(MADE), np.where(valid, ord(FOUND), ord(NOBODY))).astype(np.uint8)


def _text(codes: U8) -> str:
    return codes.tobytes().decode("ascii")


def _means(bends: F64) -> F64:
    """Return the mean (N,) over the keypoints (N, K) that are known, NaN where none is."""
    known = np.isfinite(bends)
    count = known.sum(axis=1)
    total: F64 = np.where(known, bends, 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _extent(points: NDArray[Any], valid: Bools) -> float:
    """Return the median of a person's larger side over the rows where it is known."""
    there: F64 = points[valid].astype(np.float64)
    known: Bools = np.isfinite(there)
    rows = np.any(np.all(known, axis=2), axis=1)
    if not rows.any():
        return 0.0
    high = np.where(known, there, -np.inf)[rows].max(axis=1)
    low = np.where(known, there, np.inf)[rows].min(axis=1)
    return float(np.median((high - low).max(axis=1)))


def _binned(codes: U8, times: F64) -> U8:
    """Return the codes of equal parts of time; a part without rows is like the one before it."""
    count = min(BINS, len(codes))
    span = float(times[-1] - times[0])
    shares = (times - times[0]) / span if span > 0 else np.linspace(0, 1, len(times))
    bins = np.clip((shares * count).astype(np.int64), 0, count - 1)
    if len(codes) <= BINS:
        bins = np.arange(count)
    letters = [ord(letter) for letter in (SWAPPED, JERKY, NOBODY, MADE, FOUND)]
    number = np.stack([np.bincount(bins[codes == letter], minlength=count) for letter in letters])
    # Of letters that are equally many the worse one counts.
    most = number[2:].argmax(axis=0) + 2
    chosen = np.where(number[0] > 0, 0, np.where(number[1] > 0, 1, most))
    filled = np.maximum.accumulate(np.where(number.sum(axis=0) > 0, np.arange(count), 0))
    return np.array(letters, np.uint8)[chosen[filled]]
