"""Protocols and types of pixels: computed scenes, decoded frames, and pictures to draw on."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from av import VideoFrame

    from posecfg.arrays import F64, I64, U8


class Scene(Protocol):
    """Source of computed pixels, instead of a file; it is picklable, and its repr contains all its fields."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""

    @property
    def fps(self) -> float:
        """Frames a second."""

    @property
    def frames(self) -> int:
        """Number of frames."""

    def rgb(self, index: int) -> U8:
        """Return frame ``index``, (H, W, 3) uint8."""


class Frames(Protocol):
    """A few decoded frames; pixels are converted only when asked for."""

    indices: I64
    """(B,) index of each frame in decoding order, 0 is the first frame of the file."""
    times: F64
    """(B,) seconds since the first frame of the file."""
    size: tuple[int, int]
    """(width, height) in square px, after rotation."""
    tick: Fraction
    """``times`` are whole multiples of this many seconds."""

    @property
    def fills(self) -> I64:
        """Return how many output rows each frame fills, (B,)."""

    @property
    def moments(self) -> F64 | None:
        """Return the moments (R,) that the R rows of the frames stand for, as ``Clock.moments``."""

    def jpeg(self, number: int) -> tuple[U8, U8, U8]:
        """Return brightness (H, W) and both colours at half size of one frame, upright, as JPEG files have them."""

    def one(self, number: int) -> U8:
        """Return frame ``number`` of these alone, (H, W, 3) uint8 RGB, upright."""

    def rgb(self, width: int | None = None, height: int | None = None, quick: bool = False) -> U8:
        """Return (B, H, W, 3) uint8, upright, scaled by the decoder when a size is given.

        ``quick`` takes the nearest pixel where the picture shrinks to half or less, at a sixth of the cost; otherwise
        each new pixel is the mean of all pixels that it covers.
        """

    def crop(self, boxes: I64, width: int, height: int, quick: bool = False) -> U8:
        """Return one box of each frame, scaled: (B, height, width, 3) uint8, upright, black outside of the picture.

        ``boxes`` (B, 4) are whole px x0, y0, x1, y1 (half-open), which may be partly or wholly outside.
        """

    def planes(self, size: tuple[int, int] | None = None) -> list[Planes]:
        """Return a copy of each frame in the film's colours, upright, with square pixels, to draw on and to encode.

        It is scaled to ``size`` (width, height) px where that is given.
        """

    def luma(self, step: int = 1) -> U8:
        """Return (B, H, W) uint8 brightness, upright; ``step`` takes every n-th pixel of every n-th row only."""

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Planes:
    """A picture in YUV 4:2:0 that is free to be changed: no other object refers to its memory.

    ``y`` (H, W), ``u`` and ``v`` (H / 2, W / 2) uint8 are views of ``frame``'s memory: what is drawn on them is what is
    encoded. W and H are even: an odd picture has its last column or row twice. ``size`` is the true (width, height).
    """

    y: U8
    u: U8
    v: U8
    size: tuple[int, int]
    frame: VideoFrame
