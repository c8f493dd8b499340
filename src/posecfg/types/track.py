"""One person over the rows of a clip."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from posecfg.shapes import Misshapen, expect_extra, expect_shape, lengths, same
from posecfg.types.people import Meaning

if TYPE_CHECKING:
    from posecfg.arrays import F32, Bools
    from posecfg.skeletons.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class PoseTrack:
    """One person over the rows of a clip.

    ``xy`` (T, K, 2) px, ``scores`` (T, K), ``boxes`` (T, 4) px, ``box_scores`` (T,), all float32 and NaN where missing;
    ``valid`` (T,) whether the person was found; ``made`` (T,) whether a refine step made the row up. ``alone`` says
    that the policy follows one person only, so that this is the person of the whole clip. ``source`` is the track that
    a lifter lifted it from, None where none did. ``breaks`` are the rows at which the policy began to follow another
    person: nothing may be computed across them.
    """

    id: int
    skeleton: Skeleton
    meaning: Meaning
    xy: F32
    scores: F32
    boxes: F32
    box_scores: F32
    valid: Bools
    made: Bools
    xyz: F32 | None = None
    depth: F32 | None = None
    alone: bool = True
    source: PoseTrack | None = None
    breaks: tuple[int, ...] = ()

    __eq__ = same

    def __post_init__(self) -> None:
        rows, points = lengths(self.valid, self.skeleton)
        expect_shape("xy", self.xy, (rows, points, 2))
        expect_shape("scores", self.scores, (rows, points))
        expect_shape("boxes", self.boxes, (rows, 4))
        expect_shape("box scores", self.box_scores, (rows,))
        expect_shape("made", self.made, (rows,))
        expect_extra(self, rows, points)
        if self.source is not None:
            expect_shape("valid of the source", self.source.valid, (rows,))
        if self.breaks and not all(before < row for before, row in pairwise((0, *self.breaks, rows))):
            raise Misshapen(f"Expected breaks to grow from 1 to {rows - 1}, but got {self.breaks}.")

    def __len__(self) -> int:
        return len(self.valid)

    def __repr__(self) -> str:
        """Return one line: arrays of a whole film are no text."""
        gone, made = len(self) - int(self.valid.sum()), int(self.made.sum())
        told = f"{f', {gone:,} without this person' if gone else ''}{f', {made:,} made' if made else ''}"
        beside = "".join(f", {name}" for name in ("xyz", "depth") if getattr(self, name) is not None)
        return f"<PoseTrack {self.id}: {len(self):,} rows{told}; {self.skeleton.name}, xy{beside}>"

    @property
    def parts(self) -> tuple[slice, ...]:
        """The rows of each person, one after another: all rows where there are no breaks."""
        return tuple(slice(start, end) for start, end in pairwise((0, *self.breaks, len(self))))
