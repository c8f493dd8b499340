"""Sources of frames: one protocol for films, images and computed scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import av
import numpy as np

from posecfg.video.span import Span

if TYPE_CHECKING:
    from posecfg.arrays import U8


@dataclass(frozen=True)
class Info:
    """Facts of a source that are known before it is played.

    ``size`` (width, height) is that of the upright image in square px; ``rotation`` (degrees, counter-clockwise)
    makes it upright, together with an exchange of left and right after it where it is ``mirrored``.
    ``pixel_aspect`` is width to height of a pixel as stored; ``ignored_aspect`` is the one that the file declares
    if that cannot be right, else None. ``ignored_angle`` is the one (degrees, counter-clockwise) that the file
    declares if it is no quarter turn, and ``ignored_matrix`` says that it declares what turns no picture.
    ``frames`` and ``duration`` (s) are what the container declares, None where it declares nothing. ``first`` is
    the raw time stamp of the first frame in seconds; ``source`` is pts, or synthetic where the file has no time
    stamps.
    ``names`` are those of the pictures of a folder, in order.
    """

    size: tuple[int, int]
    rotation: int
    fps: float
    frames: int | None
    duration: float | None
    codec: str
    pixels: str
    first: float = 0.0
    source: str = "pts"
    pixel_aspect: tuple[int, int] = (1, 1)
    ignored_aspect: tuple[int, int] | None = None
    mirrored: bool = False
    names: tuple[str, ...] = ()
    ignored_angle: int | None = None
    ignored_matrix: bool = False


class Undrawn:
    """A computed picture of a known ``size``: most steps ask for no pixels, and ``draw`` takes longer than they do."""

    format = av.VideoFormat("rgb24")

    def __init__(self, size: tuple[int, int], draw: Callable[[], U8]) -> None:
        self.width, self.height = size
        self._draw = draw

    @cached_property
    def drawn(self) -> av.VideoFrame:
        """The picture, drawn when it is first asked for."""
        return av.VideoFrame.from_ndarray(self._draw(), "rgb24")


@dataclass(frozen=True, slots=True)
class Shot:
    """One decoded frame: true index, ticks since the first frame, the picture and what makes it upright.

    ``rotation`` is a turn in degrees, counter-clockwise; ``mirrored`` exchanges left and right after it.
    """

    index: int
    ticks: int
    given: av.VideoFrame | Undrawn
    rotation: int
    mirrored: bool = False

    @property
    def picture(self) -> av.VideoFrame:
        """The picture as it is stored; ``given`` is enough for its size."""
        return self.given.drawn if isinstance(self.given, Undrawn) else self.given

    def upright(self, image: U8) -> U8:
        """Return a view of pixels of the picture (H, W) or (H, W, 3), upright."""
        image = np.rot90(image, self.rotation // 90)
        return image[:, ::-1] if self.mirrored else image


def upright_size(picture: av.VideoFrame | Undrawn, rotation: int) -> tuple[int, int]:
    """Return (width, height) of a picture once it is turned by ``rotation``."""
    return turned((picture.width, picture.height), rotation)


def turned(size: tuple[int, int], rotation: int) -> tuple[int, int]:
    """Return (width, height) after a turn; turning back is the same."""
    return size if rotation % 180 == 0 else (size[1], size[0])


class Reel(Protocol):
    """A source of frames; ``tick`` is its unit of time in seconds."""

    info: Info
    tick: Fraction

    @property
    def damaged(self) -> int:
        """Number of packets, frames or pictures that could not be read so far."""

    @property
    def restarts(self) -> int:
        """How many times the clock was set back so far, as where recordings were joined."""

    def shots(self, span: Span) -> Iterator[Shot]:
        """Yield the frames inside ``span`` in order, once."""

    def times(self, span: Span) -> list[float]:
        """Return the times (s since the first frame) of the frames inside ``span``, decoding nothing."""

    def ends_early(self) -> bool:
        """Tell whether the source ends well before what it declares, decoding nothing."""

    def short(self) -> bool:
        """Tell whether the source ended well before what it declares; known once ``shots`` ran to the end."""

    def close(self) -> None:
        """Release the file."""
