"""The roles. Anything with these methods fits; nothing inherits.

A component class may also carry facts that are read before it is built (importing its module must import no backend):

* ``skeleton``: name of the skeleton it gives (detector) or wants (lifter, as ``input_skeleton``); a class whose
  skeleton depends on its arguments has ``skeleton_of(**arguments) -> str | None`` (a static method) instead.
* ``gives``: what poses have beside pixels, ``xyz`` and ``depth`` (detector), or what a lifter adds; where arguments
  decide, ``gives_of(**arguments)``; where only the data tell, None.
* ``requires``: top-level packages it imports when built; where arguments decide, ``requires_of(**arguments)``.
* ``devices``: device names it can run on; ``auto`` is always fine; where arguments decide, ``devices_of(**arguments)``.
* ``precisions``: number formats besides fp32 that it can run in.
* ``stateful``: True when a frame's result depends on earlier frames; where arguments decide, the class has
  ``stateful_of(**arguments) -> bool`` (a static method), and ``stateless``, which says what to type for it.
* ``fills``: True for a refine step that makes up rows that nobody looked at.
* ``stateless_only``: True for a sampler whose choice of frames would mislead a stateful detector.
* ``operational``: names of arguments that cannot change a byte of the data (threads, batch); where others decide,
  ``operational_of(**arguments)``.
* ``depends_of(clip_id, **arguments) -> Path``: a file besides the film that a clip's result rests on (a static method).
* ``weights_of(**arguments) -> tuple[str, ...]``: registry names of the weights it will load (a static method).
* ``check(**arguments)``: refuses arguments that no weights could make right, for a component whose constructor loads
  something (a static method; it gets all arguments, those that were left out with their defaults).

A built detector says where it runs in ``device`` and what it loaded in ``weights`` (name -> SHA-256).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from posecfg.pixels import Frames
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
    """Which frames are looked at.

    One that can keep the rows of frames that it leaves out has a method ``filled()`` too, which returns the sampler
    that does so because a refine step will fill them, and tells in ``keeps_rows`` whether it does.
    """

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""


class Detector(Protocol):
    """Pixels to poses; called once a clip, so state is a local variable."""

    device: str
    weights: Mapping[str, str]
    batch: int

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

    single: bool
    """True when there is always exactly one track."""

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
    """An extraction to files.

    One that knows beforehand what it cannot write has ``check(skeleton, given)`` too, which raises ``ConfigError``;
    ``given`` is what poses have beside pixels, None where only the data tell. ``target(clip_id)`` names a clip's first
    file, or its folder, with a slash at the end; ``by_track`` says that each person has a file of their own.
    """

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the files of one clip; raise ``Dropped``, before the first file, where there is nothing to write."""


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


class Metric(Protocol):
    """An extraction against the truth."""

    def __call__(self, extraction: Extraction, truth: Truth) -> Mapping[str, float]:
        """Return named scores of one clip."""
