"""What comes out of a clip: people over its rows, and everything that writers get."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from posecfg.shapes import Misshapen, expect_extra, expect_shape, lengths, same
from posecfg.types.clip import Clip, Clock
from posecfg.types.detections import Detections
from posecfg.types.people import Meaning
from posecfg.types.shown import line, markup

if TYPE_CHECKING:
    from posecfg.arrays import F32, Bools
    from posecfg.pixels import Frames
    from posecfg.skeletons.skeleton import Skeleton
    from posecfg.timing import Laps


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

    @property
    def parts(self) -> tuple[slice, ...]:
        """The rows of each person, one after another: all rows where there are no breaks."""
        return tuple(slice(start, end) for start, end in pairwise((0, *self.breaks, len(self))))


@dataclass(frozen=True, eq=False)
class Extraction:
    """The result for one clip, which writers get.

    ``notes`` holds counts and reasons (JSON values), ``timings`` what each thread did, ``about`` the provenance (JSON
    values). ``frames()`` decodes again, one batch at a time, the same frames that the rows stand for. ``seconds`` (T,)
    float32 is what each row took from pixels to poses, NaN in rows that no detector looked at, None if unknown.
    ``several`` means that the policy can keep more than one person. ``detections`` is everybody that the detector saw,
    None where no writer asks for it.
    """

    clip: Clip
    clock: Clock
    skeleton: Skeleton
    meaning: Meaning
    tracks: tuple[PoseTrack, ...]
    notes: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, Laps] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    frames: Callable[[], Iterator[Frames]] | None = None
    seconds: F32 | None = None
    several: bool = False
    detections: Detections | None = None

    __eq__ = same

    def __repr__(self) -> str:
        """Return one line: arrays of a whole film are no text."""
        return line(self)

    def _repr_html_(self) -> str:
        return markup(self)
