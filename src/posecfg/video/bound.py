"""Refuse pictures of more pixels than were allowed, before a decoder takes memory for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.errors import ClipError

if TYPE_CHECKING:
    import av
    from av.video.stream import VideoStream

    from posecfg.video.reel import Undrawn

MAX_PIXELS = 8192 * 8192
"""Largest picture that is decoded where the user sets no other bound."""
# Decoders round a picture's width up, and compare that; they take no larger bound than the last number.
_ROUNDING = 64
_LARGEST = (1 << 31) - 1


def refuse(path: Path, width: int, height: int, max_pixels: int | None) -> None:
    """Raise ``ClipError`` for a picture of more than ``max_pixels``."""
    if max_pixels is not None and width * height > max_pixels:
        raise ClipError(
            f"Expected pictures of at most {max_pixels:,} pixels, but those of {path} are {width}x{height}: type "
            f"video.max_pixels={width * height} to decode them all the same, each worker then takes some GB of memory."
        )


def bind(path: Path, stream: VideoStream, max_pixels: int | None) -> None:
    """Refuse a stream of larger pictures, and hold its decoder to the bound where the size changes on the way."""
    if max_pixels is None:
        return
    context = stream.codec_context
    refuse(path, context.width, context.height, max_pixels)
    context.options = {"max_pixels": str(min(max_pixels + _ROUNDING * max(context.height, 1 << 14), _LARGEST))}


def refuse_lost(path: Path, stream: VideoStream, max_pixels: int | None) -> None:
    """Raise ``ClipError`` if the decoder failed because a picture is too large; some then forget its size."""
    context = stream.codec_context
    refuse(path, context.width, context.height, max_pixels)
    if max_pixels is not None and not context.width * context.height:
        raise ClipError(
            f"Expected pictures of at most {max_pixels:,} pixels, but {path} changes to larger ones, or is damaged: "
            "type video.max_pixels=null to decode it all the same, each worker then takes some GB of memory."
        )


def pixel_bytes(picture: av.VideoFrame | Undrawn) -> int:
    """Return how many bytes a picture takes."""
    return picture.width * picture.height * picture.format.padded_bits_per_pixel // 8
