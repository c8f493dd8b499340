"""Scale and convert pictures, with one converter a thread: setting one up costs as much as a small picture."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from av.video.reformatter import Interpolation, VideoReformatter

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
    return converter.reformat(picture, width, height, pixels, interpolation=way, threads=1)
