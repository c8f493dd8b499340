"""What can be looked at: people over time, or a table of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posecfg.types import Meaning, PoseTrack

if TYPE_CHECKING:
    from typing import Any

    from posecfg.arrays import F64
    from posecfg.skeletons.skeleton import Skeleton

# Numbers of which float32 holds the squares.
_MOST = 1e18


@dataclass(frozen=True)
class Moving:
    """People over ``times`` (T,): seconds, or rows where ``timed`` is false.

    ``names`` are theirs. ``size`` (width, height) px is that of the picture, None if it is not known. ``apart`` says
    that each is seen by a camera of its own.
    """

    title: str
    facts: tuple[str, ...]
    people: tuple[PoseTrack, ...]
    names: tuple[str, ...]
    times: F64
    timed: bool
    size: tuple[int, int] | None = None
    apart: bool = False


@dataclass(frozen=True)
class Columns:
    """Numbers of one kind over time: ``values`` (T, C), one column for each of ``names``."""

    what: str
    values: F64
    names: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """Tables over ``times`` (T,), seconds where ``timed``, else rows."""

    title: str
    facts: tuple[str, ...]
    tables: tuple[Columns, ...]
    times: F64
    timed: bool


Subject = Moving | Numbers


def person(
    number: int, skeleton: Skeleton, xy: Any, scores: Any = None, xyz: Any = None, meaning: Meaning | None = None
) -> PoseTrack:
    """Return one person: ``xy`` (T, K, 2) px or None, ``scores`` (T, K) or None, ``xyz`` (T, K, 3) m or None."""
    known: Any = drawable(xy if xyz is None else xyz)
    rows, points = known.shape[:2]
    flat = np.full((rows, points, 2), np.nan) if xy is None else drawable(xy)
    score = np.full((rows, points), np.nan) if scores is None else drawable(scores)
    return PoseTrack(
        number,
        skeleton,
        meaning or Meaning(score=""),
        xy=flat.astype(np.float32),
        scores=score.astype(np.float32),
        boxes=np.full((rows, 4), np.nan, np.float32),
        box_scores=np.full(rows, np.nan, np.float32),
        valid=np.isfinite(known).all(axis=2).any(axis=1),
        made=np.zeros(rows, bool),
        xyz=None if xyz is None else known.astype(np.float32),
    )


def drawable(values: F64) -> F64:
    """Return ``values``, NaN for those that are infinite or too large to be drawn: they count as missing."""
    return np.where(np.abs(values) < _MOST, values, np.nan)


def counted(rows: int, fps: float | None) -> tuple[F64, bool]:
    """Return the times of rows, and whether they are seconds: without a rate they are numbers of rows."""
    return np.arange(rows) / (fps or 1.0), fps is not None


def people_of(number: int) -> str:
    """Return how many people there are, as text."""
    return "one person" if number == 1 else f"{number:,} people"
