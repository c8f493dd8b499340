"""Encode an RGB image as PNG."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from posecfg.arrays import U8


def encode(image: U8) -> bytes:
    """Return ``image`` (H, W, 3) uint8 as a PNG file."""
    context = av.CodecContext.create("png", "w")
    if not isinstance(context, av.VideoCodecContext):
        raise TypeError("Expected a video codec for PNG.")
    context.height, context.width = image.shape[:2]
    context.pix_fmt = "rgb24"
    context.thread_count = 1
    context.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(image, format="rgb24")
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))
