"""Protocols of the components. Every class with these methods fits; none inherits.

The static method ``facts(**arguments)`` of a component class returns what must be known before it is built, as
``posecfg.facts.Facts``. It gets all arguments, with defaults for those left out, and raises ``ConfigError`` for values
that can never be right. Datasets and executors need none. Importing a component's module must import no backend.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from posecfg.pixels import Frames
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Boxes, Clip, Clock, Downloads, Extraction, Listing, Person, Poses, PoseTrack, Sight, Truth

SKIPPED, BOTH, OVER = -1, -2, -3


class Dataset(Protocol):
    """A component that lists the clips."""

    def scan(self) -> Listing:
        """List the clips in a stable order, opening none of them."""


class Downloadable(Dataset, Protocol):
    """A dataset whose films can be downloaded."""

    def downloads(self) -> Downloads:
        """Say which films there are to be downloaded, and which are here, asking no server."""


class Stream(Protocol):
    """Facts that a sampler can use before the first frame: nominal rate, and the times of all frames on demand.

    Times are multiples of ``tick`` seconds; ``independent`` means that the frames are unrelated images. The clip begins
    ``start`` seconds after the first frame of its file and ends before ``end``, None for the end of the file; ``truth``
    is its annotations, if there are any.
    """

    fps: float
    tick: float
    independent: bool
    start: float
    end: float | None
    truth: Callable[[Clock], Truth] | None

    def times(self) -> Sequence[float]:
        """Return the times of all frames inside the clip, in order (reads packets, decodes nothing)."""


class Pick(Protocol):
    """The sampler's state for one clip."""

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        """Return how many output rows this frame fills; ``index`` and ``time`` count from the clip's start.

        ``SKIPPED`` is one row that no detector looks at. ``BOTH`` is one row that is looked at; if the frame before was
        skipped, it is looked at as well. ``OVER`` is no row, and none for any later frame: reading ends.

        A sampler that takes frames for moments has a method ``moments()`` too. Called after each frame, it returns the
        moment that each of its rows stands for, in seconds from the clip's start.
        """


class Sampler(Protocol):
    """A component that selects the frames that are looked at."""

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""


class Fillable(Sampler, Protocol):
    """A sampler that can keep rows for frames that it leaves out."""

    @property
    def keeps_rows(self) -> bool:
        """Whether frames that are left out have a row."""

    def filled(self) -> Fillable:
        """Return the sampler that keeps rows because a refine step will fill them."""


class Detector(Protocol):
    """A component that finds poses in pixels; called once a clip, so state is a local variable."""

    device: str
    """The device that it really runs on."""
    weights: Mapping[str, str]
    """The weights that were loaded, by name, with their SHA-256."""
    batch: int
    """Number of frames at once that suits it."""
    notes: Mapping[str, Any]
    """Notes about its work, as JSON values."""

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield one ``Poses`` for each frame, in order, as the facts say: a clip whose poses differ fails."""


class Reusing(Detector, Protocol):
    """A detector that looks for boxes first, which can be remembered apart from poses."""

    def reusing(self, known: Sequence[Boxes], found: Callable[[Boxes], None]) -> Detector:
        """Return the same detector for one clip, which takes ``known`` for the boxes of the first pictures.

        ``found`` is told the boxes of each picture that it looks at, known ones too, in order.
        """


class Follow(Protocol):
    """The policy's state for one clip."""

    def __call__(self, poses: Poses) -> Sequence[tuple[int, int]]:
        """Return (track id, row in ``poses``) for each person kept, both from 0; raise ``Dropped`` to drop the clip."""

    def notes(self) -> dict[str, Any]:
        """Return counts and reasons as JSON values."""


class Persons(Protocol):
    """A policy that selects people and assigns them to tracks; the only place where ``bbox_thr`` is applied."""

    def begin(self, size: tuple[int, int]) -> Follow:
        """Start a clip whose frames are ``size`` (width, height) px."""


class Refine(Protocol):
    """A component that improves a track of one person, with the same rows and skeleton, and changes no array in place.

    A step that fills rows in marks them ``made`` and leaves the found ones as they are; one that smooths may change
    all of them.
    """

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return the improved track."""


class Lifter(Protocol):
    """A component that lifts the track of a whole clip, usually to one with ``xyz``.

    ``weights`` maps the names of its weights to their SHA-256.
    """

    weights: Mapping[str, str]

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return the lifted track."""


class Files(Protocol):
    """Output files of a writer; they appear under their names only when the whole clip is done."""

    def open(self, name: str, about: Mapping[str, Any] | None = None) -> AbstractContextManager[BinaryIO]:
        """Open ``name`` (posix, relative to the output root) for writing; ``about`` is recorded for ``verify``."""

    def link(self, name: str, source: Path, about: Mapping[str, Any] | None = None) -> None:
        """Give a file a second name, or copy it where the file system cannot."""


class Writer(Protocol):
    """A component that writes an extraction to files."""

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the files of one clip, and close each; raise ``Dropped``, before the first, if there is none to write.

        Where there are tracks, a writer that writes no file without a reason fails the clip.
        """

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses of ``skeleton`` cannot be written.

        ``given`` lists which of xyz and depth they have beside pixels; None if only the data tell.
        """

    def target(self, clip_id: str) -> str:
        """Return the name of a clip's first file, or of its folder, with a slash at the end."""


class ShowingDropped(Writer, Protocol):
    """A writer that makes a picture of a clip that a policy drops."""

    def write_dropped(self, sight: Sight, files: Files) -> None:
        """Write what was seen when the clip was dropped, and the reason."""


class Pen(Protocol):
    """State of a film writer for one clip: it draws frames and encodes them."""

    def __call__(self, frames: Frames, people: Sequence[Sequence[Person]], seconds: Sequence[float]) -> None:
        """Take the next frames in order, the people to draw on each, and the seconds that each took (NaN: unknown)."""

    def end(self) -> None:
        """Finish after the last frame; called in the thread that gave the frames."""


class FilmWriter(Writer, Protocol):
    """A writer that needs pixels: it gets frames while they are decoded, or decodes the clip again in ``write``."""

    def begin(self, clip: Clip, files: Files) -> AbstractContextManager[Pen]:
        """Start a clip; the end of the block finishes its files, an error in the block discards them."""


class Concluding(FilmWriter, Protocol):
    """A writer of films or pictures that writes more once a clip is known to its end."""

    def conclude(self, extraction: Extraction, files: Files) -> None:
        """Write the other files of a clip whose frames were taken while they were decoded; ``write`` is not called."""


class Machine(Protocol):
    """The device that models run on: its name, a number format and a number of threads."""

    name: str
    precision: str
    threads: int


class Metric(Protocol):
    """A component that compares an extraction with known poses, or measures it by itself where its facts say so."""

    def __call__(self, extraction: Extraction, truth: Truth) -> Mapping[str, float]:
        """Return named scores of one clip."""


class Combining(Protocol):
    """A metric that says how the scores of clips combine; a mean of means would be wrong.

    One clip gives a partial: numbers, such as sums and counts, and flat arrays of numbers, by name. Records keep it, so
    partials of earlier versions come back. The names in ``metrics/sums.py`` are understood by reports: counts of frames
    that were compared, or left out and why, and of what stood in for something that annotations lack.
    """

    def partial(self, extraction: Extraction, truth: Truth) -> Mapping[str, Any]:
        """Return the partial of one clip; an empty one is not kept."""

    def reduce(self, partials: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return one partial for several, which come in the order of their clips; an empty one counts nothing."""

    def scores(self, partial: Mapping[str, Any]) -> Mapping[str, float]:
        """Return named scores, without those of which nothing is known."""


class Jointed(Combining, Protocol):
    """A metric that can be asked for each keypoint."""

    def joints(self, partial: Mapping[str, Any]) -> Mapping[str, Mapping[str, float]]:
        """Return named scores by keypoint, without those of which nothing is known."""
