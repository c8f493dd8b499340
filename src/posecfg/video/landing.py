"""Where to enter a long film so that little is decoded in vain and every frame still knows its true index."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.video.container import open_film

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
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
    nothing about the index: the packets before the target are read, which costs a few percent of decoding them. Where
    that tells nothing either, decoding begins at the beginning.
    """
    if "mp4" in container.format.name:
        return _by_index(container, stream, target)
    if container.format.name == "avi":
        return None
    again, stream = open_film(path)
    with again:
        return _by_walking(again, stream, first, target)


def shows(packet: Packet[VideoStream]) -> bool:
    """Tell whether a packet is meant to become a frame that is seen."""
    if not packet.size or packet.is_discard:
        return False
    # VP8 keeps its hidden reference frames in packets of their own.
    return packet.stream.codec_context.name != "vp8" or bool(bytes(packet)[0] & 0x10)


def _by_index(container: InputContainer, stream: VideoStream, target: int) -> Landing | None:
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
            shown = sum(not before.is_discard for before in islice(entries, position))
            return Landing(position, shown, aim, target)
        # The key frame is decoded before the target, but shown after it.
        aim = packet.dts - 1
    return START


def _by_walking(container: InputContainer, stream: VideoStream, first: int, target: int) -> Landing | None:
    found = None
    shown = 0
    last = None
    second = Fraction(1) / (stream.time_base or Fraction(1))
    for packets, packet in enumerate(container.demux(stream)):
        if not packet.size:
            break
        if packet.pts is None:
            return None
        if packet.dts is not None:  # Matroska leaves some out
            if last is not None and packet.dts < last - second:
                return None
            last = packet.dts
            if last > target:
                break
        if packet.is_keyframe:
            if packet.pts > target:
                break
            found = Landing(packets, shown, target=target) if packets else None
        shown += shows(packet) and packet.pts >= first
    return found
