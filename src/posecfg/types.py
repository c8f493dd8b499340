"""Types of the data that components exchange: frozen dataclasses of NumPy arrays.

Missing is NaN together with ``valid=False``; zeros are a writer's choice. Pixels are those of the upright image, and
they are square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.shapes import Misshapen, expect_shape, lengths

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, I64, Bools
    from posecfg.pixels import Frames, Scene
    from posecfg.skeletons.skeleton import Skeleton
    from posecfg.timing import Laps


@dataclass(frozen=True, slots=True)
class Clip:
    """One piece of input: a file, a folder of images, or a time range of a file.

    ``id`` is the output key: posix, no suffix, never absolute, no ``..``. ``source`` is the path as the dataset names
    it (relative to its root). ``start`` and ``end`` are seconds, half-open. ``independent`` marks unrelated images.
    ``scene`` replaces ``path`` if pixels are computed. ``truth`` gives the known poses, if there are any. With
    ``counted``, ``start`` and ``end`` mean frames number int(start x fps) to int(end x fps), both included.
    """

    id: str
    path: Path
    source: str = ""
    start: float | None = None
    end: float | None = None
    group: str | None = None
    view: str | None = None
    camera: str | None = None
    independent: bool = False
    meta: Mapping[str, Any] = field(default_factory=dict)
    truth: Callable[[Clock], Truth] | None = None
    scene: Scene | None = None
    counted: bool = False


@dataclass(frozen=True)
class Excluded:
    """An input that a dataset did not take, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """The clips that a dataset found, in a stable order, and the inputs that it left out.

    ``root`` is the folder that ids are relative to, where that is not ``dataset.path`` itself: that of a single film,
    or the one before a pattern.
    """

    clips: Sequence[Clip]
    excluded: tuple[Excluded, ...] = ()
    root: Path | None = None


@dataclass(frozen=True)
class Person:
    """One person in one frame, to be drawn: the track's id, ``xy`` (K, 2) px and ``scores`` (K,), NaN where missing.

    ``made`` marks a pose that a refine step made, not a detector.
    """

    track: int
    skeleton: Skeleton
    xy: F32
    scores: F32
    made: bool = False


@dataclass(frozen=True)
class Boxes:
    """People's boxes in one frame: ``xyxy`` (P, 4) float32 px, ``scores`` (P,) float32."""

    xyxy: F32
    scores: F32

    def __post_init__(self) -> None:
        expect_shape("boxes", self.xyxy, (None, 4))
        expect_shape("box scores", self.scores, (len(self.xyxy),))

    def __len__(self) -> int:
        return len(self.xyxy)


@dataclass(frozen=True)
class Meaning:
    """What the numbers of a model mean; they are not comparable between models.

    ``score`` is one of probability, visibility, simcc, logit. ``xyz`` and ``depth`` say unit, origin and axes.
    """

    score: str = "probability"
    xyz: str | None = None
    depth: str | None = None


@dataclass(frozen=True)
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

    def __post_init__(self) -> None:
        if not isinstance(self.boxes, Boxes) or isinstance(self.skeleton, str):
            kinds = f"{type(self.boxes).__name__} and {type(self.skeleton).__name__}"
            raise Misshapen(f"Expected Boxes and a Skeleton, but got {kinds}.")
        people, points = lengths(self.boxes, self.skeleton)
        expect_shape("xy", self.xy, (people, points, 2))
        expect_shape("scores", self.scores, (people, points))
        if self.xyz is not None:
            expect_shape("xyz", self.xyz, (people, points, 3))
        if self.depth is not None:
            expect_shape("depth", self.depth, (people, points))

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True)
class Clock:
    """What was decoded of a clip: times, counts, and size of the frames.

    ``indices`` and ``times`` (T,) belong to the output rows. ``inside`` is how many frames of the clip's own range were
    decoded. ``size`` is (width, height) in square px after ``rotation`` (degrees, counter-clockwise); ``pixel_aspect``
    is width to height of a pixel as stored. ``declared`` is the container's frame count (None if it has none),
    ``decoded`` the true one up to where reading stopped. ``status`` is complete, truncated or corrupt. ``first`` is the
    raw first time stamp in seconds; ``source`` says whether times come from the file (pts) or from its nominal rate
    (synthetic).
    """

    indices: I64
    times: F64
    fps: float
    size: tuple[int, int]
    rotation: int = 0
    declared: int | None = None
    decoded: int = 0
    duration: float | None = None
    status: str = "complete"
    vfr: bool = False
    first: float = 0.0
    source: str = "pts"
    damaged: int = 0
    codec: str = ""
    pixels: str = ""
    inside: int = 0
    pixel_aspect: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        expect_shape("times", self.times, (len(self.indices),))

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True)
class Truth:
    """Known poses of a clip: ``xy`` (P, T, K, 2) float32 px for ``keypoints`` (K names), NaN where not known."""

    keypoints: tuple[str, ...]
    xy: F32

    def __post_init__(self) -> None:
        expect_shape("true xy", self.xy, (None, None, len(self.keypoints), 2))


@dataclass(frozen=True)
class PoseTrack:
    """One person over the rows of a clip.

    ``xy`` (T, K, 2) px, ``scores`` (T, K), ``boxes`` (T, 4) px, ``box_scores`` (T,), all float32 and NaN where missing;
    ``valid`` (T,) whether the person was found; ``made`` (T,) whether a refine step made the row up. ``alone`` says
    that the policy follows one person only, so that this is the person of the whole clip.
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

    def __post_init__(self) -> None:
        rows, points = lengths(self.valid, self.skeleton)
        expect_shape("xy", self.xy, (rows, points, 2))
        expect_shape("scores", self.scores, (rows, points))
        expect_shape("boxes", self.boxes, (rows, 4))
        expect_shape("box scores", self.box_scores, (rows,))
        expect_shape("made", self.made, (rows,))
        if self.xyz is not None:
            expect_shape("xyz", self.xyz, (rows, points, 3))
        if self.depth is not None:
            expect_shape("depth", self.depth, (rows, points))

    def __len__(self) -> int:
        return len(self.valid)


@dataclass(frozen=True)
class Extraction:
    """The result for one clip, which writers get.

    ``notes`` holds counts and reasons (JSON values), ``timings`` what each thread did, ``about`` the provenance (JSON
    values). ``frames()`` decodes again, one batch at a time, the same frames that the rows stand for. ``seconds`` (T,)
    float32 is what each row took from pixels to poses, NaN in rows that no detector looked at, None if unknown.
    ``several`` means that the policy can keep more than one person.
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
