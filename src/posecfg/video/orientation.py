"""How a stored picture is turned, and perhaps mirrored, to be upright."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from av.sidedata.sidedata import Type

if TYPE_CHECKING:
    import av

# EXIF's orientations that mirror, and the turn (degrees) that FFmpeg tells for each: it leaves the mirror out.
_MIRRORS = {2: 180, 4: 0, 5: 270, 7: 90}
_TAG, _SHORT = 0x0112, 3
_MOST_ENTRIES = 500
# Degrees by which a quarter turn may be missed.
_ROUNDING = 2
# Cosine of the angle between the axes that rounding cannot explain.
_SKEWED = 0.05


class Turn(NamedTuple):
    """What makes a picture upright: a turn in degrees, counter-clockwise, and then left and right exchanged."""

    rotation: int = 0
    mirrored: bool = False


def quarter(rotation: float) -> int:
    """Return the nearest quarter turn, 0, 90, 180 or 270 degrees counter-clockwise."""
    return round(rotation / 90) % 4 * 90


def ignored_angle(picture: av.VideoFrame) -> int | None:
    """Return the angle (degrees, counter-clockwise) of a frame that is no quarter turn, None where it is one.

    Pictures are only turned by quarters, and a degree or two is what rounding in a display matrix makes.
    """
    if is_broken(picture):
        return None
    angle = round(picture.rotation) % 360
    return angle if abs(angle - round(angle / 90) * 90) > _ROUNDING else None


def turn(picture: av.VideoFrame) -> Turn:
    """Return what makes a decoded frame of a film upright: its display matrix tells."""
    if is_broken(picture):
        return Turn()
    rotation, known = quarter(picture.rotation), _matrix(picture)
    if known is None:
        return Turn(rotation)
    a, b, c, d = known
    return _mirrored(rotation) if a * d < b * c else Turn(rotation)


def is_broken(picture: av.VideoFrame) -> bool:
    """Tell whether a frame has a display matrix that turns no picture: one with an axis lost, or a skewed one."""
    if (known := _matrix(picture)) is None:
        return False
    a, b, c, d = known
    lengths = math.hypot(a, b) * math.hypot(c, d)
    return lengths == 0 or abs(a * c + b * d) > _SKEWED * lengths


def _matrix(picture: av.VideoFrame) -> tuple[int, int, int, int] | None:
    """Return where the display matrix of a frame sends the axes, x then y; None where there is none."""
    try:
        side: Any = picture.side_data
        matrix = side.get(Type.DISPLAYMATRIX)
    except ValueError:  # PyAV knows not every kind of side data, and then gives none
        return None
    if matrix is None or len(bytes(matrix)) < 36:
        return None
    a, b, _, c, d, *_ = struct.unpack("<9i", bytes(matrix)[:36])
    return a, b, c, d


def turn_of_still(picture: av.VideoFrame, head: bytes) -> Turn:
    """Return what makes a decoded picture upright; ``head`` are the first bytes of its file, where EXIF may stand."""
    rotation = quarter(picture.rotation)
    return _mirrored(rotation) if _MIRRORS.get(exif_orientation(head)) == rotation else Turn(rotation)


def _mirrored(told: int) -> Turn:
    """Return the turn of a mirrored picture for which FFmpeg tells the angle of the stored rows alone."""
    return Turn(180 - told if told % 180 == 0 else told, True)


def exif_orientation(head: bytes) -> int:
    """Return the orientation that EXIF in the first bytes of a picture tells, 1 where there is none."""
    for mark in (b"Exif\0\0", b"eXIf"):
        start = head.find(mark)
        if start >= 0:
            return _orientation(head[start + len(mark) :])
    return 1


def _orientation(tiff: bytes) -> int:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return 1
    place = struct.unpack_from(f"{order}I", tiff, 4)[0]
    if place + 2 > len(tiff):
        return 1
    number = min(struct.unpack_from(f"{order}H", tiff, place)[0], _MOST_ENTRIES)
    for entry in range(place + 2, min(place + 2 + 12 * number, len(tiff) - 11), 12):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
        if tag == _TAG and kind == _SHORT:
            return int(value)
    return 1
