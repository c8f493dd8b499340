"""Everybody that a detector saw in a clip: flat arrays of all people, frame by frame, before a policy chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from posecfg.shapes import Misshapen, expect_extra, expect_shape, lengths, same
from posecfg.types.people import Boxes, Meaning, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64
    from posecfg.skeletons.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Detections:
    """The N people of all frames that were looked at, in the order of frames.

    Those of frame f are ``offsets[f]`` to ``offsets[f + 1]``, half-open. ``rows`` (T,) is the frame that fills each
    output row, -1 where no detector looked. ``tracks`` (N,) is the id of the track that a person became part of, -1 for
    none. ``boxes`` (N, 4) px, ``box_scores`` (N,), ``xy`` (N, K, 2) px, ``scores`` (N, K), ``xyz`` and ``depth`` are as
    in ``Poses``.
    """

    skeleton: Skeleton
    meaning: Meaning
    rows: I64
    offsets: I64
    tracks: I64
    boxes: F32
    box_scores: F32
    xy: F32
    scores: F32
    xyz: F32 | None = None
    depth: F32 | None = None

    __eq__ = same

    def __post_init__(self) -> None:
        people, points = lengths(self.tracks, self.skeleton)
        expect_shape("rows", self.rows, (None,))
        expect_shape("offsets", self.offsets, (None,))
        expect_shape("boxes", self.boxes, (people, 4))
        expect_shape("box scores", self.box_scores, (people,))
        expect_shape("xy", self.xy, (people, points, 2))
        expect_shape("scores", self.scores, (people, points))
        expect_extra(self, people, points)
        self._expect_order(people)

    def _expect_order(self, people: int) -> None:
        """Refuse offsets and rows that point outside the arrays."""
        offsets, frames = self.offsets, len(self.offsets) - 1
        if frames < 0 or offsets[0] != 0 or offsets[-1] != people or (offsets[1:] < offsets[:-1]).any():
            raise Misshapen(f"Expected offsets to grow from 0 to {people}, the number of people.")
        if len(self.rows) and not -1 <= self.rows.min() <= self.rows.max() < frames:
            raise Misshapen(f"Expected rows to be -1 or the number of one of {frames} frames.")

    def __len__(self) -> int:
        """Return the number of frames that were looked at."""
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        """Return one line: arrays of a whole film are no text."""
        return f"<Detections: {len(self.tracks):,} people in {len(self):,} frames; {self.skeleton.name}>"

    def of_row(self, row: int) -> Poses:
        """Return the people of the frame that fills output row ``row``: none where no detector looked."""
        return self._poses(self._part(row))

    def tracks_of_row(self, row: int) -> I64:
        """Return the track's id of each of them."""
        return self.tracks[self._part(row)]

    def _part(self, row: int) -> slice:
        frame = int(self.rows[row])
        return slice(0, 0) if frame < 0 else slice(int(self.offsets[frame]), int(self.offsets[frame + 1]))

    def __iter__(self) -> Iterator[Poses]:
        """Yield the people of each frame."""
        return self.between(0, len(self))

    def between(self, first: int, end: int) -> Iterator[Poses]:
        """Yield the people of the frames from ``first`` to ``end``, half-open."""
        offsets = self.offsets[first : end + 1].tolist()
        for begin, last in pairwise(offsets):
            yield self._poses(slice(begin, last))

    def _poses(self, part: slice) -> Poses:
        return Poses(
            skeleton=self.skeleton,
            meaning=self.meaning,
            xy=self.xy[part],
            scores=self.scores[part],
            boxes=Boxes(self.boxes[part], self.box_scores[part]),
            xyz=None if self.xyz is None else self.xyz[part],
            depth=None if self.depth is None else self.depth[part],
        )
