"""Read the packets of a film without decoding, and remember them for further segments of the same film."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.video.container import Opened, check, open_film
from posecfg.video.ending import ends_early, lacks_packets

if TYPE_CHECKING:
    from av.index import IndexEntry
    from av.packet import Packet
    from av.video.stream import VideoStream

# Number of films that are remembered: the one that is read, and one that a writer still reads.
_FILMS = 2
_known: OrderedDict[tuple[object, ...], Walk] = OrderedDict()
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Key:
    """A key frame: ``packets`` are before it in the file, ``shown`` of them are shown frames from the first frame on.

    ``pts``, ``position`` (bytes) and ``size`` (bytes) are those of its packet.
    """

    packets: int
    shown: int
    pts: int
    position: int | None
    size: int


def shows(packet: Packet[VideoStream]) -> bool:
    """Tell whether a packet gives a frame that is shown."""
    if not packet.size or packet.is_discard:
        return False
    # VP8 stores hidden reference frames in separate packets.
    return packet.stream.codec_context.name != "vp8" or bool(bytes(packet)[0] & 0x10)


def _without_holes(ticks: Sequence[int], last: int) -> Sequence[int]:
    """Return the times (ticks) of a film up to the first that is shown behind a missing one.

    A frame between two others is stored behind both. Where a file broke off after a packet that is decoded at ``last``,
    such frames are missing from then on.
    """
    usual = sorted(b - a for a, b in pairwise(ticks))
    step = usual[len(usual) // 2] if usual else 0
    for place, (before, after) in enumerate(pairwise(ticks), start=1):
        if after >= last and 2 * (after - before) > 3 * step:
            return ticks[:place]
    return ticks


def walk(path: Path, first: int | None) -> Walk:
    """Return the ``Walk`` over the packets of ``path``, whose frame 0 has the raw time stamp ``first``.

    It is the remembered one, unless the file has changed.
    """
    check(path)
    stat = path.stat()
    name = (path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, first)
    with _guard:
        found = _known.pop(name, None) or Walk(path, first)
        _known[name] = found
        while len(_known) > _FILMS:
            _known.popitem(last=False)
    return found


class Walk:
    """One pass over the packets of ``path``, as far as callers need it; ``first`` is the raw time stamp of frame 0."""

    def __init__(self, path: Path, first: int | None) -> None:
        self._first = first
        self._steps = self._walk(path)
        self._lock = threading.Lock()
        self._keys: list[Key] = []
        # Largest time stamp so far: at each key frame, and now.
        self._came: list[int] = []
        self._far: int | None = None
        self._stamps: list[int] = []
        self._unstamped = 0
        # Whether time stamps are in order, so that they tell where a key frame is.
        self._ordered = True
        self._ended = False
        self._discards: list[int] | None = None
        self._times: dict[Fraction, list[float]] = {}
        # Decoding time stamp of the last packet if the file ends too early.
        self._broke_off: int | None = None
        self._short = False

    def key(self, target: int) -> Key | None:
        """Return the last key frame at or before the raw time stamp ``target``; None if the packets do not tell."""
        with self._lock:
            while self._ordered and not self._passed(target) and self._step():
                pass
            if not self._ordered and not self._passed(target):
                return None
            place = bisect_right(self._came, target)
            return self._keys[place - 1] if place else None

    def times(self, tick: Fraction) -> list[float]:
        """Return the times (s since the first frame) of all frames that are shown, in order; do not change the list."""
        with self._lock:
            while self._step():
                pass
            if tick not in self._times:
                ticks: Sequence[int] = range(len(self._stamps) + self._unstamped)
                if self._first is not None:
                    ticks = sorted(pts - self._first for pts in self._stamps if pts >= self._first)
                    if self._broke_off is not None:
                        ticks = _without_holes(ticks, self._broke_off - self._first)
                self._times[tick] = [t * tick.numerator / tick.denominator for t in ticks]
            return self._times[tick]

    def short(self) -> bool:
        """Tell whether the file ends in the middle of a packet, or well before the packets that it declares."""
        with self._lock:
            while self._step():
                pass
            return self._short

    def discarded(self, entries: Iterable[IndexEntry], before: int) -> int:
        """Return how many of the first ``before`` of the container's index ``entries`` are never shown."""
        with self._lock:
            if self._discards is None:
                self._discards = [number for number, entry in enumerate(entries) if entry.is_discard]
            return bisect_left(self._discards, before)

    def _passed(self, target: int) -> bool:
        return self._far is not None and self._far > target

    def _step(self) -> bool:
        """Read one more packet; return False at the end. After an error, forget this pass: the next begins again."""
        if self._ended:
            return False
        try:
            self._ended = next(self._steps, self) is self
        except BaseException:
            with _guard:
                for name in [name for name, one in _known.items() if one is self]:
                    del _known[name]
            raise
        return not self._ended

    def _walk(self, path: Path) -> Iterator[None]:
        shown, last, filled, count = 0, None, True, 0
        final: Packet[VideoStream] | None = None
        with closing(open_film(path)) as film:
            second = Fraction(1) / (film.stream.time_base or Fraction(1))
            for packets, packet in enumerate(film.packets(film.stream, hurt=self._hurt)):
                # After an empty packet the order is not reliable, though others may follow.
                filled = filled and bool(packet.size)
                if packet.size:
                    count, final = count + 1, packet
                if filled and self._ordered:
                    last = self._place(packet, packets, shown, last, second)
                if shows(packet):
                    if packet.pts is None:
                        self._unstamped += 1
                    else:
                        self._stamps.append(packet.pts)
                        shown += self._first is not None and packet.pts >= self._first
                yield
            self._end(film, count, final)

    def _end(self, film: Opened, packets: int, final: Packet[VideoStream] | None) -> None:
        """Take note of how the file ends; if the ``final`` packet is not whole, it gives no frame."""
        stream, base = film.stream, film.stream.time_base
        torn = final is not None and final.is_corrupt
        self._short = torn or lacks_packets(len(stream.index_entries), packets)
        if stream.duration is not None and base is not None and self._stamps:
            start, length = (stream.start_time or 0) * base, stream.duration * base
            self._short |= ends_early(max(self._stamps) * base, start + length, length, stream.average_rate)
        if torn and final is not None and self._stamps[-1:] == [final.pts]:
            self._stamps.pop()
        if self._short and final is not None:
            self._broke_off = final.pts if final.dts is None else final.dts

    def _hurt(self, error: Exception) -> None:
        """Trust no place behind damage."""
        self._ordered = False

    def _place(
        self, packet: Packet[VideoStream], packets: int, shown: int, last: int | None, second: Fraction
    ) -> int | None:
        """Record how far the time stamps have come, and a key frame; return the last decoding time stamp."""
        dts = packet.dts
        if packet.pts is None or (dts is not None and last is not None and dts < last - second):
            self._ordered = False
            return last
        stamps = [self._far, dts, packet.pts if packet.is_keyframe else None]
        self._far = max((stamp for stamp in stamps if stamp is not None), default=None)
        if packet.is_keyframe and self._far is not None:
            self._came.append(self._far)
            self._keys.append(Key(packets, shown, packet.pts, packet.pos, packet.size))
        return last if dts is None else dts  # Matroska leaves some out
