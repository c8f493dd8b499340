"""The people of one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.shapes import Misshapen, expect_extra, expect_shape, lengths, same

if TYPE_CHECKING:
    from posecfg.arrays import F32
    from posecfg.skeletons.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Person:
    """One person in one frame, to be drawn: the track's id, ``xy`` (K, 2) px and ``scores`` (K,), NaN where missing.

    ``made`` marks a pose that a refine step made, not a detector.
    """

    track: int
    skeleton: Skeleton
    xy: F32
    scores: F32
    made: bool = False

    __eq__ = same


@dataclass(frozen=True, eq=False)
class Boxes:
    """People's boxes in one frame: ``xyxy`` (P, 4) float32 px, ``scores`` (P,) float32."""

    xyxy: F32
    scores: F32

    __eq__ = same

    def __post_init__(self) -> None:
        expect_shape("boxes", self.xyxy, (None, 4))
        expect_shape("box scores", self.scores, (len(self.xyxy),))

    def __len__(self) -> int:
        return len(self.xyxy)


@dataclass(frozen=True)
class Meaning:
    """What the numbers of a model mean; they are not comparable between models.

    ``score`` is one of probability, visibility, simcc, logit, peak (of a heatmap, and above 1 where it is narrow).
    ``xyz`` and ``depth`` say unit, origin and axes.
    """

    score: str = "probability"
    xyz: str | None = None
    depth: str | None = None


@dataclass(frozen=True, eq=False)
class Poses:
    """The people of one frame.

    ``xy`` (P, K, 2) float32 px, ``scores`` (P, K) float32, ``xyz`` (P, K, 3) float32 and ``depth`` (P, K) float32 in
    the units of ``meaning``. No people is P = 0.
    """

    skeleton: Skeleton
    meaning: Meaning
    xy: F32
    scores: F32
    boxes: Boxes
    xyz: F32 | None = None
    depth: F32 | None = None

    __eq__ = same

    def __post_init__(self) -> None:
        if not isinstance(self.boxes, Boxes) or isinstance(self.skeleton, str):
            kinds = f"{type(self.boxes).__name__} and {type(self.skeleton).__name__}"
            raise Misshapen(f"Expected Boxes and a Skeleton, but got {kinds}.")
        people, points = lengths(self.boxes, self.skeleton)
        expect_shape("xy", self.xy, (people, points, 2))
        expect_shape("scores", self.scores, (people, points))
        expect_extra(self, people, points)

    def __len__(self) -> int:
        return len(self.boxes)
