"""The roles. Anything with these methods fits; nothing inherits.

A component class tells what must be known before it is built in a static method ``facts(**arguments)``, which returns
``posecfg.facts.Facts``; it gets all arguments, those left out with their defaults, and refuses those that could never
be right. Datasets and executors need none. Importing a component's module must import no backend.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from posecfg.pixels import Frames
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Clip, Clock, Extraction, Listing, Person, Poses, PoseTrack, Truth

SKIPPED, BOTH = -1, -2


class Dataset(Protocol):
    """Which clips there are."""

    def scan(self) -> Listing:
        """List the clips in a stable order, opening none of them."""


class Stream(Protocol):
    """What a sampler may know before the first frame: nominal rate, and the times of all frames on demand.

    Times are multiples of ``tick`` seconds; ``independent`` tells that the frames are unrelated images.
    """

    fps: float
    tick: float
    independent: bool

    def times(self) -> Sequence[float]:
        """Return the times of all frames inside the clip, in order (reads packets, decodes nothing)."""


class Pick(Protocol):
    """The sampler's state for one clip."""

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        """Answer how many output rows this frame fills; ``index`` and ``time`` count from the clip's start.

        ``SKIPPED`` is one row too, but one that no detector looks at. ``BOTH`` is one row that is looked at, and takes
        the frame before it back, if that was skipped: it is looked at after all.
        """


class Sampler(Protocol):
    """Which frames are looked at."""

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""


class Fillable(Sampler, Protocol):
    """A sampler that can keep the rows of frames that it leaves out."""

    @property
    def keeps_rows(self) -> bool:
        """Whether frames that are left out have a row."""

    def filled(self) -> Fillable:
        """Return the sampler that keeps rows because a refine step will fill them."""


class Detector(Protocol):
    """Pixels to poses; called once a clip, so state is a local variable."""

    device: str
    """Where it really runs."""
    weights: Mapping[str, str]
    """The weights that were loaded, by name, with their SHA-256."""
    batch: int
    """How many frames at once it takes well."""
    notes: Mapping[str, Any]
    """What came up while it worked, as JSON values."""

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield one ``Poses`` for each frame, in order."""


class Follow(Protocol):
    """The policy's state for one clip."""

    def __call__(self, poses: Poses) -> Sequence[tuple[int, int]]:
        """Return (track id, row in ``poses``) for each person kept; raise ``Dropped`` to set the clip aside."""

    def notes(self) -> dict[str, Any]:
        """Return counts and reasons as JSON values."""


class Persons(Protocol):
    """Which people are kept, and as which track; the only place where ``bbox_thr`` is applied."""

    def begin(self, size: tuple[int, int]) -> Follow:
        """Start a clip whose frames are ``size`` (width, height) px."""


class Refine(Protocol):
    """Track to track; rows that it makes up are marked ``made``."""

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return the improved track."""


class Lifter(Protocol):
    """A whole-clip track to a whole-clip track, usually with ``xyz``."""

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return the lifted track."""


class Files(Protocol):
    """Where a writer puts its files; they appear under their names only when the whole clip is done."""

    def open(self, name: str, about: Mapping[str, Any] | None = None) -> AbstractContextManager[BinaryIO]:
        """Open ``name`` (posix, relative to the output root) for writing; ``about`` is kept for ``verify``."""


class Writer(Protocol):
    """An extraction to files."""

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the files of one clip; raise ``Dropped``, before the first file, where there is nothing to write."""

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` where poses of ``skeleton`` cannot be written.

        ``given`` is what they have beside pixels, of xyz and depth; None where only the data tell.
        """

    def target(self, clip_id: str) -> str:
        """Return the name of a clip's first file, or of its folder, with a slash at the end."""


class Pen(Protocol):
    """A film writer's hand on one clip."""

    def __call__(self, frames: Frames, people: Sequence[Sequence[Person]], seconds: Sequence[float]) -> None:
        """Take the next frames in order, the people to draw on each, and the seconds that each took (NaN: unknown)."""

    def end(self) -> None:
        """Hear that no frame comes any more, in the thread that gave them."""


class FilmWriter(Writer, Protocol):
    """A writer that needs the pixels: it is fed as frames pass, or, through ``write``, from a second decode."""

    def begin(self, clip: Clip, files: Files) -> AbstractContextManager[Pen]:
        """Start a clip; leaving the block finishes its files, leaving it by an error throws them away."""


class Machine(Protocol):
    """Where models run: a device name, a number format and a number of threads."""

    name: str
    precision: str
    threads: int


class Metric(Protocol):
    """An extraction against the truth."""

    def __call__(self, extraction: Extraction, truth: Truth) -> Mapping[str, float]:
        """Return named scores of one clip."""
