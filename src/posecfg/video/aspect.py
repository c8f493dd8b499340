"""The shape of a film's pixels, and the size of its picture once they are square."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Ratio = tuple[int, int]
SQUARE: Ratio = (1, 1)
# Pixels that are wider or narrower than this are taken for an error of the file.
_EXTREME = 8
# Largest square picture (px) that stored pixels are widened to.
_LARGEST = 1 << 26
# Films scaled to an even size declare a ratio such as 1280:1281; a width that differs by so few px is left as it is.
_ROUNDING = 2


@dataclass(frozen=True)
class PixelShape:
    """Width to height of stored pixels: ``aspect`` as it is used, ``ignored`` as the file declares it in error."""

    aspect: Ratio = SQUARE
    ignored: Ratio | None = None

    def squared(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return (width, height) with square pixels of a picture stored in ``size``; its height is kept."""
        return size if self.aspect == SQUARE else (_wide(size[0], Fraction(*self.aspect)), size[1])


def pixel_shape(stream: VideoStream, header: Fraction | None, size: tuple[int, int]) -> PixelShape:
    """Return the shape of the pixels of pictures stored in ``size`` (width, height), once the first is decoded.

    As in FFmpeg's players, the ratio of the container goes before that of the first picture; one that is missing is
    1:1. ``header`` is that of the codec before a picture was decoded, which may be the one of a later picture.
    """
    guess, first = stream.sample_aspect_ratio, stream.codec_context.sample_aspect_ratio
    # The guess is the container's ratio, or where that has none, the one of ``header``.
    declared = first if guess == header and first else guess or first
    if not declared or declared < 0:
        return PixelShape()
    ratio = declared.numerator, declared.denominator
    width = _wide(size[0], declared)
    if not 1 / _EXTREME <= declared <= _EXTREME or (width > size[0] and width * size[1] > _LARGEST):
        return PixelShape(ignored=ratio)
    return PixelShape() if abs(width - size[0]) <= _ROUNDING else PixelShape(ratio)


def _wide(width: int, aspect: Fraction) -> int:
    return max(1, round(width * aspect))
