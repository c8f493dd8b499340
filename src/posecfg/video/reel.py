"""Sources of frames: one protocol for films, images and computed scenes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import av

from posecfg.video.span import Span


@dataclass(frozen=True)
class Info:
    """Facts of a source that are known before it is played.

    ``size`` (width, height) is that of the upright image in square px; ``rotation`` (degrees, counter-clockwise) makes
    it upright, and ``pixel_aspect`` is width to height of a pixel as stored. ``ignored_aspect`` is the one that the
    file declares if that cannot be right, else None.
    ``frames`` and ``duration`` (s) are what the container declares, None where it declares nothing. ``first`` is the
    raw time stamp of the first frame in seconds; ``source`` is pts, or synthetic where the file has no time stamps.
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


@dataclass(frozen=True, slots=True)
class Shot:
    """One decoded frame: true index, ticks since the first frame, the picture and its rotation (degrees)."""

    index: int
    ticks: int
    picture: av.VideoFrame
    rotation: int


def quarter(rotation: int) -> int:
    """Return the nearest quarter turn, 0, 90, 180 or 270 degrees counter-clockwise."""
    return round(rotation / 90) % 4 * 90


def upright_size(picture: av.VideoFrame, rotation: int) -> tuple[int, int]:
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

    def shots(self, span: Span) -> Iterator[Shot]:
        """Yield the frames inside ``span`` in order, once."""

    def times(self, span: Span) -> list[float]:
        """Return the times (s since the first frame) of the frames inside ``span``, decoding nothing."""

    def short(self) -> bool:
        """Tell whether the source ended well before what it declares; known once ``shots`` ran to the end."""

    def close(self) -> None:
        """Release the file."""
