"""Scale and convert pictures, with one converter a thread: setting one up costs as much as a small picture."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from av import FFmpegError
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from posecfg.errors import Unreadable

if TYPE_CHECKING:
    from av import VideoFrame

_thread = threading.local()


def reformat(picture: VideoFrame, width: int, height: int, pixels: str, quick: bool = False) -> VideoFrame:
    """Return ``picture`` in this size and pixel format, or itself if it has them already.

    ``quick`` takes the nearest sample alone where the picture shrinks to half or less in both directions. (The scaler's
    own fast mode is not used: it shifts the picture by more than a pixel of the result.)
    """
    if not hasattr(_thread, "converter"):
        _thread.converter = VideoReformatter()
    converter: VideoReformatter = _thread.converter
    shrinks = picture.width >= 2 * width and picture.height >= 2 * height
    way = Interpolation.POINT if quick and shrinks else None
    # One thread: starting more for each picture costs more than it saves.
    with convertible(picture):
        return converter.reformat(picture, width, height, pixels, interpolation=way, threads=1)


def as_jpeg(picture: VideoFrame, width: int, height: int) -> VideoFrame:
    """Return ``picture`` in this size, in YUV 4:2:0 as JPEG files have it: full range, the matrix of BT.601."""
    if not hasattr(_thread, "jpeg"):
        _thread.jpeg = VideoReformatter()
    converter: VideoReformatter = _thread.jpeg
    with convertible(picture):
        return converter.reformat(
            *(picture, width, height, "yuvj420p"),
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.JPEG,
            threads=1,
        )


@contextmanager
def convertible(picture: VideoFrame) -> Iterator[None]:
    """Raise ``Unreadable`` where FFmpeg knows no way from the format of ``picture`` to another."""
    try:
        yield
    except FFmpegError as error:
        if isinstance(error, MemoryError):
            raise
        raise Unreadable(
            f"Expected pictures that can be converted, but those of {picture.width}x{picture.height} px in the format "
            f"{picture.format.name} cannot: convert the film to H.264, or leave it out."
        ) from error
