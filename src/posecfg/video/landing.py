"""Where to enter a long film so that little is decoded in vain and every frame still knows its true index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av

from posecfg.video.walk import Key, walk

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_TRIES = 4


@dataclass(frozen=True)
class Landing:
    """A key frame to start decoding at.

    ``packets`` lie before it in the file, ``shown`` of them are frames from the film's first on. With ``aim`` the
    container can be trusted to find it; without, that many packets are passed over undecoded. ``target`` is the raw
    time stamp that is wanted.
    """

    packets: int = 0
    shown: int = 0
    aim: int | None = None
    target: int | None = None

    @property
    def skip(self) -> int:
        """Number of packets to pass over after ``seek``."""
        return 0 if self.aim is not None else self.packets

    def seek(self, container: InputContainer, stream: VideoStream) -> None:
        """Go as near as the container can be trusted to."""
        if self.aim is not None:
            container.seek(self.aim, stream=stream)


START = Landing()


def land(path: Path, container: InputContainer, stream: VideoStream, first: int, target: int) -> Landing | None:
    """Find the last key frame at or before ``target``; both are raw time stamps, ``first`` that of the first frame.

    None means that there is nothing to gain, and the container stands where it stood.

    MP4 lists all its packets up front, so its end is reached at once. Elsewhere seeking is inexact or fails, and says
    nothing about the index: the packets before the target are read, once for all segments of a film, which costs a few
    percent of decoding them. Where that tells nothing either, decoding begins at the beginning.
    """
    if "mp4" in container.format.name:
        return _by_index(path, container, stream, first, target)
    if container.format.name == "avi":
        return None
    return _by_walking(path, container, stream, first, target)


def _by_index(path: Path, container: InputContainer, stream: VideoStream, first: int, target: int) -> Landing | None:
    entries = stream.index_entries
    if entries.search_timestamp(target) <= 0:
        return None
    aim = target
    for _ in range(_TRIES):
        container.seek(aim, stream=stream)
        packet = next(iter(container.demux(stream)), None)
        if packet is None or packet.dts is None or packet.pts is None or not packet.is_keyframe:
            return START
        position = entries.search_timestamp(packet.dts)
        if position <= 0 or entries[position].timestamp != packet.dts or entries[position].pos != packet.pos:
            return START
        if packet.pts <= target:
            shown = position - walk(path, first).discarded(entries, position)
            return Landing(position, shown, aim, target)
        # The key frame is decoded before the target, but shown after it.
        aim = packet.dts - 1
    return START


def _by_walking(path: Path, container: InputContainer, stream: VideoStream, first: int, target: int) -> Landing | None:
    key = walk(path, first).key(target)
    if key is None or not key.packets:
        return None
    aim = key.pts if "matroska" in container.format.name and _leads(container, stream, key) else None
    return Landing(key.packets, key.shown, aim, target)


def _leads(container: InputContainer, stream: VideoStream, key: Key) -> bool:
    """Tell whether seeking leads to this very packet."""
    try:
        container.seek(key.pts, stream=stream)
        packet = next(iter(container.demux(stream)), None)
    except av.FFmpegError:
        return False
    if packet is None or key.position is None or not packet.is_keyframe:
        return False
    return (packet.pts, packet.pos, packet.size) == (key.pts, key.position, key.size)
