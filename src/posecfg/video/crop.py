"""Crop and scale a part of a picture without converting the whole picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.video.reformatter import ColorRange

from posecfg.video.reel import Shot, turned
from posecfg.video.reformat import reformat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import I64, U8

    Box = tuple[int, int, int, int]

# Planes of formats that can be cropped: samples a column, and the powers of two by which columns and rows are fewer.
_CHROMA = {"420": (1, 1), "422": (1, 0), "444": (0, 0)}
_PLANES = {
    **{f"yuv{j}{c}p": ((1, 0, 0), (1, *few), (1, *few)) for j in ("", "j") for c, few in _CHROMA.items()},
    **{f"yuv{c}p10le": ((1, 0, 0), (1, *few), (1, *few)) for c, few in _CHROMA.items()},
    "nv12": ((1, 0, 0), (2, 1, 1)),
    "rgb24": ((3, 0, 0),),
}
# Largest box (px) for which a black canvas around the picture is made.
_ROOM = 1 << 26


def crop(shot: Shot, size: tuple[int, int], box: I64, width: int, height: int, quick: bool = False) -> U8:
    """Return ``box`` (whole px x0, y0, x1, y1 of the upright picture) as (height, width, 3) uint8, black outside.

    ``quick`` scales as ``reformat`` does.
    """
    picture, stored = shot.picture, turned(size, shot.rotation)
    if shot.mirrored:
        box = np.array((size[0] - box[2], box[1], size[0] - box[0], box[3]))
    lying = _lying(box, stored, shot.rotation)
    if not _cuttable(picture) or picture.height != stored[1]:
        picture = reformat(picture, *stored, "rgb24")
    elif picture.width != stored[0]:
        picture, lying = _unsqueezed(picture, stored[0], lying)
    image = _cut(picture, lying, *turned((width, height), shot.rotation), quick)
    return np.ascontiguousarray(shot.upright(image))


def _unsqueezed(picture: av.VideoFrame, width: int, box: Box) -> tuple[av.VideoFrame, Box]:
    """Return a picture that holds ``box`` of ``picture`` scaled to ``width``, and the place of the box in it.

    If both edges of the box are between stored pixels, that is the picture as it is, which is scaled once then.
    Otherwise a part between such places is scaled to square pixels, with more around the box than the scaler looks at.
    """
    x0, y0, x1, y1 = box
    own = picture.width
    if x0 * own % width == x1 * own % width == 0:
        return picture, (x0 * own // width, y0, x1 * own // width, y1)
    # So many square px are a whole and even number of stored ones.
    step = width // math.gcd(own, width) * 2
    left, right = max(x0 // step - 1, 0) * step, min((-(-x1 // step) + 1) * step, width)
    top, bottom = max(y0 - y0 % 2, 0), min(y1 + y1 % 2, picture.height)
    if left >= right or top >= bottom:
        return picture, (own, 0, own + 1, 1)  # wholly outside: black
    inside = left * own // width, top, right * own // width, bottom
    part = picture if inside == (0, 0, own, picture.height) else _copied(picture, inside, inside)
    part = reformat(part, right - left, bottom - top, "rgb24")
    return part, (x0 - left, y0 - top, x1 - left, y1 - top)


def _cuttable(picture: av.VideoFrame) -> bool:
    # Some decoders store the rows from the bottom up; such pictures are converted first.
    return picture.format.name in _PLANES and all(plane.line_size > 0 for plane in picture.planes)


def _lying(box: I64, stored: tuple[int, int], rotation: int) -> Box:
    """Return ``box`` in px of the picture as stored, of (width, height) ``stored``, before its turn."""
    width, height = stored
    x0, y0, x1, y1 = (int(edge) for edge in box)
    match rotation:
        case 90:
            return width - y1, x0, width - y0, x1
        case 180:
            return width - x1, height - y1, width - x0, height - y0
        case 270:
            return y0, height - x1, y1, height - x0
    return x0, y0, x1, y1


def _cut(picture: av.VideoFrame, box: Box, width: int, height: int, quick: bool) -> U8:
    """Return ``box`` of a picture that can be cropped as (height, width, 3) uint8."""
    x0, y0, x1, y1 = box
    inside = max(x0, 0), max(y0, 0), min(x1, picture.width), min(y1, picture.height)
    image: U8 = np.zeros((height, width, 3), np.uint8)
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return image
    canvas, target = _fitted(box, inside, width, height)
    planes = _PLANES[picture.format.name]
    across, down = max(plane[1] for plane in planes), max(plane[2] for plane in planes)
    same = (x1 - x0, y1 - y0) == (width, height)
    if (across or down) and (same or canvas[0] % (1 << across) or canvas[1] % (1 << down)):
        # If the box starts between two chroma samples, or is not scaled, only conversion before cropping is exact.
        even = _widened(inside, picture)
        part = reformat(_copied(picture, even, even), even[2] - even[0], even[3] - even[1], "rgb24")
        return _cut(part, (x0 - even[0], y0 - even[1], x1 - even[0], y1 - even[1]), width, height, quick)
    part = picture if canvas == (0, 0, picture.width, picture.height) else _copied(picture, canvas, inside)
    left, top, right, bottom = target
    image[top:bottom, left:right] = reformat(part, right - left, bottom - top, "rgb24", quick).to_ndarray()
    return image


def _fitted(box: Box, inside: Box, width: int, height: int) -> tuple[Box, Box]:
    """Return the box to scale, and its place in the (width, height) result.

    Where an edge of the picture falls between two px of the result, the black around it is part of the box.
    """
    places = [(inside[edge] - box[edge % 2]) * (width, height)[edge % 2] for edge in range(4)]
    lengths = [box[2] - box[0], box[3] - box[1]] * 2
    if lengths[0] * lengths[1] <= _ROOM and any(place % length for place, length in zip(places, lengths, strict=True)):
        return box, (0, 0, width, height)
    left, top, right, bottom = (place / length for place, length in zip(places, lengths, strict=True))
    return inside, (math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))


def _widened(box: Box, picture: av.VideoFrame) -> Box:
    x0, y0, x1, y1 = box
    return x0 - x0 % 2, y0 - y0 % 2, min(x1 + x1 % 2, picture.width), min(y1 + y1 % 2, picture.height)


def _copied(picture: av.VideoFrame, canvas: Box, inside: Box) -> av.VideoFrame:
    """Return ``canvas`` as a new frame of the same format: the picture in ``inside``, black elsewhere."""
    x0, y0, x1, y1 = canvas
    part = av.VideoFrame(x1 - x0, y1 - y0, picture.format.name)
    part.colorspace, part.color_range = picture.colorspace, picture.color_range
    for number, (samples, across, down) in enumerate(_PLANES[picture.format.name]):
        source, copy = _rows(picture, number), _rows(part, number)
        if canvas != inside:
            copy[:] = _black(picture, number)
        left, top = (inside[0] >> across) * samples, inside[1] >> down
        right, bottom = -(-inside[2] >> across) * samples, -(-inside[3] >> down)
        dx, dy = (x0 >> across) * samples, y0 >> down
        copy[top - dy : bottom - dy, left - dx : right - dx] = source[top:bottom, left:right]
    return part


def _rows(picture: av.VideoFrame, number: int) -> NDArray[Any]:
    plane = picture.planes[number]
    kind = np.uint16 if picture.format.name.endswith("10le") else np.uint8
    rows: NDArray[Any] = np.frombuffer(memoryview(plane), kind)
    return rows.reshape(-1, plane.line_size // rows.itemsize)


def _black(picture: av.VideoFrame, number: int) -> int:
    name = picture.format.name
    if name == "rgb24":
        return 0
    full = name.startswith("yuvj") or picture.color_range == ColorRange.JPEG
    value = 128 if number else 0 if full else 16
    return value * 4 if name.endswith("10le") else value
