"""Copy pictures to YUV 4:2:0 frames that can be drawn on, encoded and converted to RGB."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from posecfg.drawing.colors import HIGH_LINES, UNKNOWN
from posecfg.pixels import Planes
from posecfg.video.reel import Shot, turned, upright_size
from posecfg.video.reformat import as_jpeg, convertible, reformat

if TYPE_CHECKING:
    from posecfg.arrays import U8

_PLAIN = ("yuv420p", "yuvj420p")
# Columns copied at a time when a picture is rotated: so many fit into the processor's cache.
_COLUMNS = 128
# Number of pictures whose memory is kept for reuse.
_SPARE = 4
_own = threading.local()


def planes(shot: Shot, size: tuple[int, int]) -> Planes:
    """Return a copy of ``shot`` in YUV 4:2:0, upright and of ``size`` (width, height).

    Colours keep their meaning: range, matrix, primaries and transfer are those of the picture. RGB becomes BT.709.
    """
    picture = shot.picture
    if picture.format.name not in _PLAIN or upright_size(picture, shot.rotation) != size:
        picture = _converted(picture, turned(size, shot.rotation))
    frame = _blank(size[0] + size[0] % 2, size[1] + size[1] % 2)
    frame.color_range = ColorRange.JPEG if picture.format.name == "yuvj420p" else picture.color_range
    frame.colorspace, frame.color_primaries = picture.colorspace, picture.color_primaries
    frame.color_trc = picture.color_trc
    # The duration tells how long the last picture of a film is shown; 0 is unknown.
    frame.duration = 0
    if shot.picture.time_base is not None:
        frame.time_base, frame.duration = shot.picture.time_base, shot.picture.duration
    own = [view(plane) for plane in frame.planes]
    for target, plane in zip(own, picture.planes, strict=True):
        _fill(target, shot.upright(view(plane)))
    return Planes(own[0], own[1], own[2], size, frame)


def blank(like: Planes, size: tuple[int, int], lines: int) -> Planes:
    """Return a picture of an even ``size`` (width, height) px to be filled, with the colours and duration of ``like``.

    Where the film does not name its colour matrix, the new picture names what players take for one of ``lines`` rows.
    """
    frame, given = _blank(*size), like.frame
    frame.color_range, frame.color_primaries, frame.color_trc = (
        given.color_range,
        given.color_primaries,
        given.color_trc,
    )
    frame.colorspace = given.colorspace
    if int(given.colorspace) == UNKNOWN:
        frame.colorspace = Colorspace.ITU709 if lines >= HIGH_LINES else Colorspace.ITU601
    frame.duration = given.duration
    if given.time_base is not None:
        frame.time_base = given.time_base
    own = [view(plane) for plane in frame.planes]
    return Planes(own[0], own[1], own[2], size, frame)


def rgb(own: Planes) -> U8:
    """Return (H, W, 3) uint8 of ``own``, cropped to its true size; colours follow the tags of its frame."""
    width, height = own.size
    image = reformat(own.frame, own.frame.width, own.frame.height, "rgb24").to_ndarray()
    return image.astype(np.uint8, copy=False)[:height, :width]


def jpeg(own: Planes) -> tuple[U8, U8, U8]:
    """Return brightness (H, W) and both colours at half size as JPEG files have them, cropped to the true size."""
    converted = as_jpeg(own.frame, own.frame.width, own.frame.height)
    width, height = own.size
    luma, blue, red = (view(plane) for plane in converted.planes)
    half = slice((height + 1) // 2), slice((width + 1) // 2)
    return luma[:height, :width], blue[half], red[half]


def release(done: Planes) -> None:
    """Keep the memory of a picture for a later one of this thread; the picture must not be used afterwards."""
    kept = _kept()
    kept.append(done.frame)
    # The oldest go first: those of a film that is finished are of no use.
    del kept[:-_SPARE]


def _blank(width: int, height: int) -> av.VideoFrame:
    """Return a frame to write on, from kept memory if possible: new memory costs as much time as the copy."""
    kept = _kept()
    for place, frame in enumerate(kept):
        if (frame.width, frame.height) == (width, height):
            del kept[place]
            # Takes new memory if an encoder still holds a reference to this.
            frame.make_writable()
            return frame
    return av.VideoFrame(width, height, "yuv420p")


def _kept() -> list[av.VideoFrame]:
    if not hasattr(_own, "kept"):
        _own.kept = []
    kept: list[av.VideoFrame] = _own.kept
    return kept


def view(plane: av.video.plane.VideoPlane) -> U8:
    """Return a view (H, W) uint8 of a plane's memory, rows from top to bottom."""
    line = plane.line_size
    rows: U8 = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, abs(line))[:, : plane.width]
    return rows if line > 0 else rows[::-1]


def _converted(picture: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
    convert: VideoReformatter | None = getattr(_own, "convert", None)
    if convert is None:
        convert = _own.convert = VideoReformatter()
    with convertible(picture):
        return _reformatted(convert, picture, size)


def _reformatted(convert: VideoReformatter, picture: av.VideoFrame, size: tuple[int, int]) -> av.VideoFrame:
    name = picture.format.name
    if picture.format.is_rgb or name == "pal8":
        return convert.reformat(
            picture,
            *size,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
    full = ColorRange.JPEG if name.startswith("yuvj") else None
    return convert.reformat(picture, *size, "yuv420p", src_color_range=full, dst_color_range=full, threads=1)


def _fill(target: U8, source: U8) -> None:
    """Copy ``source``, repeating its last row and column where ``target`` is larger."""
    height, width = source.shape
    if source.strides[1] in (1, -1):
        target[:height, :width] = source
    else:
        for left in range(0, width, _COLUMNS):
            target[:height, left : min(left + _COLUMNS, width)] = source[:, left : left + _COLUMNS]
    target[:height, width:] = target[:height, width - 1 : width]
    target[height:] = target[height - 1 : height]
