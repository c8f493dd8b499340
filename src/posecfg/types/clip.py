"""Clips: what a dataset lists, what was decoded of it, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.shapes import expect_shape, same

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64
    from posecfg.pixels import Scene
    from posecfg.types.truth import Truth


@dataclass(frozen=True, slots=True)
class Clip:
    """One piece of input: a file, a folder of images, or a time range of a file.

    ``id`` is the output key: posix, no suffix, never absolute, no ``..``. ``source`` is the path as the dataset names
    it (relative to its root). ``start`` and ``end`` are seconds, half-open. ``independent`` marks unrelated images.
    ``scene`` replaces ``path`` if pixels are computed. ``truth`` gives the known poses, if there are any, and may tell
    more, as ``annotations.Annotations``. ``pictures`` are the names of the pictures in the folder ``path``, posix and
    in order, where a clip is not all of it. With ``counted``, ``start`` and ``end`` mean frames number
    int(start x fps) to int(end x fps), both included.
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
    pictures: tuple[str, ...] = ()


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


@dataclass(frozen=True, eq=False)
class Clock:
    """What was decoded of a clip: times, counts, and size of the frames.

    ``indices`` and ``times`` (T,) belong to the output rows; so do ``moments`` (T,), the seconds since the file's first
    frame that rows stand for, None where the sampler does not take frames for moments. ``inside`` is how many frames of
    the clip's own range were decoded. ``size`` is (width, height) in square px after ``rotation`` (degrees,
    counter-clockwise); ``pixel_aspect`` is width to height of a pixel as stored. ``declared`` is the container's frame
    count (None if it has none), ``decoded`` the true one up to where reading stopped. ``status`` is complete, truncated
    or corrupt. ``first`` is the raw first time stamp in seconds; ``source`` says whether times come from the file (pts)
    or from its nominal rate (synthetic).
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
    moments: F64 | None = None

    __eq__ = same

    def __post_init__(self) -> None:
        expect_shape("times", self.times, (len(self.indices),))
        if self.moments is not None:
            expect_shape("moments", self.moments, (len(self.indices),))

    def __len__(self) -> int:
        return len(self.indices)

    def __repr__(self) -> str:
        """Return one line: times of a whole film are no text."""
        span = f" from {self.times[0]:.2f} to {self.times[-1]:.2f} s" if len(self) else ""
        width, height = self.size
        return f"<Clock: {len(self):,} rows{span}, {self.fps:.4g} frames/s, {width}x{height} px, {self.status}>"
