"""Decode the packets of a film in one pass, and go on after damage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av

from posecfg.video.bound import refuse, refuse_lost
from posecfg.video.container import Threads, open_film
from posecfg.video.ending import ends_early, lacks_packets
from posecfg.video.faults import fault, may_be_of_device
from posecfg.video.landing import START, Landing
from posecfg.video.memory import ran_out
from posecfg.video.order import Order
from posecfg.video.walk import shows

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel
    from av.packet import Packet
    from av.video.stream import VideoStream

# Bytes a pixel that decoders take, but for the rarest formats.
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame: its index in the film, its raw time stamp and the picture."""

    index: int
    pts: int | None
    picture: av.VideoFrame


class Broken(Exception):
    """A pass that is not patient met damage."""


class Missed(Exception):
    """Seeking lost frames that a decoder started at the film's beginning would give."""


class Reading:
    """Decodes a film once, from ``landing`` on.

    A patient pass goes on after damage and counts it; any other raises ``Broken``.
    """

    def __init__(
        self,
        path: Path,
        threads: Threads,
        accel: HWAccel | None,
        patient: bool,
        landing: Landing = START,
        max_pixels: int | None = None,
    ) -> None:
        self.film = open_film(path, threads, accel, max_pixels)
        self.container, self.stream = self.film.container, self.film.stream
        self._on_device = accel is not None
        self._max_pixels = max_pixels
        self._width = self._height = 0
        # Damage may hide the size of a film from its beginning on.
        self._is_sized = self.stream.codec_context.width * self.stream.codec_context.height > 0
        self.landing, self.patient = landing, patient
        self.damaged = 0
        self._finished = False
        self._packets = landing.packets
        self._reached = Fraction(0)
        self._order = Order()
        self._unstamped = 0
        # AVI stores no presentation times; those that PyAV makes up are right as a set, but not for each frame.
        self._by_rank = self.container.format.name == "avi"
        # Matroska declares the time of its end, other containers their length.
        self._absolute = "matroska" in self.container.format.name

    def frames(self) -> Iterator[Frame]:
        """Yield the frames in the order they are shown.

        Indices count the frames; after damage, and after seeking, the packets tell how many frames are missing.
        """
        index: int | None = None
        base = 0
        for pts, picture in self._pictures():
            count = 0 if index is None else index + 1
            if pts is None or self._by_rank:
                index = count
            else:
                before, last = self._order.passed(pts)
                if index is None and self.landing == START:
                    base = before
                place = self.landing.shown + before - base
                if not self.patient and index is not None and place > count:
                    raise Broken  # several threads lost a frame without reporting it
                index = max(count, place) if index is None or self.damaged else count
                target = self.landing.target
                if target is not None:
                    if last is not None and last >= target:
                        raise Missed
                    if pts < target:
                        continue
                    self.landing = replace(self.landing, target=None)
            yield Frame(index, pts, picture)
        self._finished = True
        if not self.patient and (self.short() or self._order or self._unstamped > 0):
            raise Broken  # several threads may lose the last frames without reporting it

    @property
    def duration(self) -> float | None:
        """Length in seconds that the container declares, None if it declares none."""
        if self.stream.duration is not None and self.stream.time_base is not None:
            return float(self.stream.duration * self.stream.time_base)
        if self.container.duration is None:
            return None
        return float(self._end - Fraction(self.container.start_time or 0, av.time_base))

    @property
    def _end(self) -> Fraction:
        """Time stamp (s) of the end that the container declares."""
        start = Fraction(0) if self._absolute else Fraction(self.container.start_time or 0, av.time_base)
        return start + Fraction(self.container.duration or 0, av.time_base)

    def short(self) -> bool:
        """Tell whether the file ended well before the end that the container declares."""
        if not self._finished:
            return False
        if lacks_packets(len(self.stream.index_entries), self._packets):
            return True
        if self.container.duration is None or not self._reached:
            return False
        length = Fraction(self.container.duration, av.time_base)
        return ends_early(self._reached, self._end, length, self.stream.average_rate)

    def close(self) -> None:
        """Release the file."""
        self.film.close()

    def _pictures(self) -> Iterator[tuple[int | None, av.VideoFrame]]:
        for packet in self._demux():
            try:
                pictures = self._decode(packet)
            except av.EOFError:
                continue
            except av.FFmpegError as error:
                if isinstance(error, MemoryError) or (self._on_device and may_be_of_device(error)):
                    raise fault(self.film.path, error, self._on_device) from error
                self._hurt(error)
                if self._by_rank and packet is not None:
                    self._order.forget(packet.pts)
                continue
            for picture in pictures:
                if picture.width != self._width or picture.height != self._height:
                    self._change(picture)
                if picture.is_corrupt:
                    self._hurt(None)
                if picture.pts is None:
                    self._unstamped -= 1
                yield (self._order.next() if self._by_rank else picture.pts), picture

    def _change(self, picture: av.VideoFrame) -> None:
        """Hold the first picture, and those of another size than the last, to the bound."""
        self._width, self._height, self._is_sized = picture.width, picture.height, True
        refuse(self.film.path, self._width, self._height, self._max_pixels)

    def _decode(self, packet: Packet[VideoStream] | None) -> list[av.VideoFrame]:
        if packet is None:
            return self.stream.codec_context.decode(None)
        if packet.size:
            self._packets += 1
        if shows(packet):
            if packet.pts is None:
                self._unstamped += 1
            else:
                self._order.feed(packet.pts)
        return packet.decode()

    def _demux(self) -> Iterator[Packet[VideoStream] | None]:
        """Yield the video packets, then None; record the latest time of the packets of all streams."""
        self.landing.seek(self.film)
        skip = self.landing.skip
        for packet in self.film.packets(self.stream, *self.container.streams.audio, hurt=self._hurt):
            if packet.pts is not None:
                self._reached = max(self._reached, (packet.pts + (packet.duration or 0)) * packet.time_base)
            if packet.stream_index != self.stream.index:
                continue
            if skip and packet.size:
                skip -= 1
                continue
            yield cast("Packet[VideoStream]", packet)  # the last one is empty and drains the decoder
        if self.film.gave_up:
            yield None

    def _hurt(self, error: Exception | None) -> None:
        """Count damage, unless it only looks like it: too little memory, or a picture of a size that is refused."""
        context = self.stream.codec_context
        if ran_out(_DEEPEST * max(self._width * self._height, context.width * context.height)):
            raise fault(self.film.path, MemoryError())
        if self._is_sized:
            refuse_lost(self.film.path, self.stream, self._max_pixels)
        if not self.patient:
            raise Broken from error
        self.damaged += 1
