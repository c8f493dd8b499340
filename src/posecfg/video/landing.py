"""Seek in a long film to a key frame near the target, while the true index of every frame stays known."""

from __future__ import annotations

from dataclasses import dataclass

import av

from posecfg.video.container import Opened
from posecfg.video.walk import Key, walk

_TRIES = 4


@dataclass(frozen=True)
class Landing:
    """A key frame to start decoding at.

    ``packets`` is the number of packets before it in the file, ``shown`` how many of them are shown frames, from the
    film's first frame on. With ``aim``, seeking in the container finds it; without, that many packets are skipped
    without decoding. ``target`` is the raw time stamp that is wanted.
    """

    packets: int = 0
    shown: int = 0
    aim: int | None = None
    target: int | None = None

    @property
    def skip(self) -> int:
        """Number of packets to skip after ``seek``."""
        return 0 if self.aim is not None else self.packets

    def seek(self, film: Opened) -> None:
        """Seek to ``aim``, if seeking in this container is exact."""
        if self.aim is not None:
            film.seek(self.aim, film.stream)


START = Landing()


def land(film: Opened, first: int, target: int) -> Landing | None:
    """Find the last key frame at or before ``target``; both are raw time stamps, ``first`` that of the first frame.

    None means that seeking saves nothing; the container's position is unchanged then.

    MP4 lists all its packets in an index, so that seeking is immediate. In other containers seeking is inexact or
    fails, and does not tell the index of a frame: there the packets before the target are read, once for all segments
    of a film, at a few percent of the cost of decoding them. If that fails too, decoding begins at the start.
    """
    if "mp4" in film.container.format.name:
        try:
            return _by_index(film, first, target)
        except av.FFmpegError as error:
            film.check()
            if isinstance(error, MemoryError):
                raise
            return START  # damaged where it was looked for
    if film.container.format.name == "avi":
        return None
    return _by_walking(film, first, target)


def _by_index(film: Opened, first: int, target: int) -> Landing | None:
    entries = film.stream.index_entries
    if entries.search_timestamp(target) <= 0:
        return None
    aim = target
    for _ in range(_TRIES):
        film.seek(aim, film.stream)
        packet = film.first(film.stream)
        if packet is None or packet.dts is None or packet.pts is None or not packet.is_keyframe:
            return START
        position = entries.search_timestamp(packet.dts)
        if position <= 0 or entries[position].timestamp != packet.dts or entries[position].pos != packet.pos:
            return START
        if packet.pts <= target:
            shown = position - walk(film.path, first).discarded(entries, position)
            return Landing(position, shown, aim, target)
        # This key frame is stored before the target, but shown after it: seek to an earlier one.
        aim = packet.dts - 1
    return START


def _by_walking(film: Opened, first: int, target: int) -> Landing | None:
    key = walk(film.path, first).key(target)
    if key is None or not key.packets:
        return None
    aim = key.pts if "matroska" in film.container.format.name and _leads(film, key) else None
    return Landing(key.packets, key.shown, aim, target)


def _leads(film: Opened, key: Key) -> bool:
    """Tell whether seeking leads to exactly this packet."""
    try:
        film.seek(key.pts, film.stream)
        packet = film.first(film.stream)
    except av.FFmpegError as error:
        film.check()
        if isinstance(error, MemoryError):
            raise
        return False
    if packet is None or key.position is None or not packet.is_keyframe:
        return False
    return (packet.pts, packet.pos, packet.size) == (key.pts, key.position, key.size)
