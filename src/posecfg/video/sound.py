"""Copy the sound of a film, packet by packet, to a film with new pictures."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.stream import Discard

from posecfg.errors import Unreadable, is_of_machine
from posecfg.types import Clip
from posecfg.video.container import Opened, open_film
from posecfg.video.faults import unread
from posecfg.video.images import SUFFIXES
from posecfg.video.probe import probe

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

NONE, COPIED = "none", "copied"
# Sound (s) kept before the start: a decoder needs it to begin well, and MP4 can mark it as not played.
_WARM_UP = {"mp4": Fraction(1, 10), "mov": Fraction(1, 10)}
# Within so many seconds of the film's start, reading from there is as good as seeking.
_NEAR = 5
# Sound that outlasts the pictures by more seconds than this is reported as left out.
_MUCH = Fraction(1, 2)
_TAG = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")


class Sound:
    """The sound packets of a film, in order, on the clock of a new film."""

    def __init__(self, path: Path, origin: Fraction) -> None:
        self._lost = 0
        self._notes: list[str] = []
        self._path, self._origin = path, origin
        self._film, self._stream = _open(path)

    def join(self, out: OutputContainer, begin: Fraction) -> None:
        """Add a stream to ``out``, whose time 0 is ``begin`` seconds after the first frame of this film."""
        self._copy: Any = out.add_stream_from_template(self._stream)
        self._tick = self._stream.time_base or Fraction(1, av.time_base)
        self._shift = round((self._origin + begin) / self._tick)
        early = _WARM_UP.get(out.format.name, Fraction(0))
        self._first = -math.floor(early / self._tick)
        self._warm = early > 0
        self._last: int | None = None
        if begin > _NEAR:
            self._seek()
        self._packets = self._read()
        self._next = next(self._packets, None)

    def until(self, time: Fraction) -> Iterator[Packet[AudioStream]]:
        """Yield the packets that begin before ``time``, in seconds of the new film."""
        limit = math.ceil(time / self._tick)
        while self._next is not None and (self._next.pts or 0) < limit:
            packet, self._next = self._next, next(self._packets, None)
            yield packet

    def lose(self, packets: int = 1) -> None:
        """Count packets that could not be copied."""
        self._lost += packets

    @property
    def state(self) -> str:
        """State of the sound so far, as text: copied or not, and what was left out."""
        damaged = [f"damaged packets left out: {self._lost}"] if self._lost else []
        return ", ".join([COPIED, *self._notes, *damaged])

    def note(self, text: str) -> None:
        """Add a note to the state, once."""
        if text not in self._notes:
            self._notes.append(text)

    def cut(self, time: Fraction) -> None:
        """Add a note if much sound follows after ``time`` seconds, where the new film ends."""
        behind = (_end(self._stream) or 0) - self._shift * self._tick - time
        if self._next is not None and behind > _MUCH:
            self.note(f"{float(behind):.1f} s behind the last picture left out")

    def close(self) -> None:
        """Release the file."""
        self._film.close()

    def _seek(self) -> None:
        """Seek to shortly before the first packet that is needed; if that fails, reading begins at the film's start."""
        wanted = self._shift + self._first
        try:
            self._film.seek(wanted, self._stream)
            head = self._film.first(self._stream)
            if head is not None and head.pts is not None and head.pts <= wanted:
                self._film.seek(wanted, self._stream)
                return
        except av.FFmpegError:
            self._film.check()
        self._film.close()
        self._film, self._stream = _open(self._path)

    def _read(self) -> Iterator[Packet[AudioStream]]:
        for packet in self._film.packets(self._stream, hurt=lambda error: self.lose()):
            if packet.is_corrupt:
                self.lose()
            elif packet.size and self._fits(packet):
                packet.stream = self._copy
                yield packet

    def _fits(self, packet: Packet[AudioStream]) -> bool:
        """Move the times of a packet to the new clock; tell whether it is part of the new film."""
        pts = packet.pts if packet.pts is not None else packet.dts
        if pts is None:
            self.lose()
            return False
        dts = packet.dts if packet.dts is not None else pts
        packet.pts, packet.dts = pts - self._shift, dts - self._shift
        begins = packet.pts + (packet.duration or 0) > self._first if self._warm else packet.pts >= 0
        if not begins:
            return False
        # If time stamps go back, as where recordings were joined, the sound would no longer match the pictures.
        if self._last is not None and packet.dts <= self._last:
            at = float(self._last * self._tick)
            self.note(f"but not behind {at:.1f} s, where the film's clock is set back")
            return False
        self._last = packet.dts
        return True


@dataclass(frozen=True)
class Beside:
    """What is copied from a film beside its pictures: its sound, and whether it is tagged with the shape of its pixels.

    ``state`` says whether there is sound, and if not, why not. ``rate`` (frames/s) and ``length`` (s) are the film's
    own, None where it does not say.
    """

    tagged: bool = False
    sound: Sound | None = None
    state: str = NONE
    rate: Fraction | None = None
    length: Fraction | None = None


def beside(clip: Clip, container: str, wanted: bool = True) -> Beside:
    """Read what is copied beside the pictures of ``clip`` into a film of the format ``container``."""
    path = Path(clip.path)
    if clip.scene is not None or path.suffix.lower() in SUFFIXES or not path.is_file():
        return Beside()
    found = Beside()
    try:
        with closing(open_film(path)) as film:
            source = film.container
            heard = source.streams.best("audio") if wanted else None
            tracks = len(source.streams.audio)
            found = _own(film.stream)
            refused = _refused(path, heard, container) if heard is not None else ""
        if heard is None or refused:
            return replace(found, state=refused or NONE)
        sound = Sound(path, Fraction(probe(clip, None).first))  # the caller decodes it already
        if tracks > 1:
            sound.note(f"one of {tracks} tracks")
        return replace(found, sound=sound, state=COPIED)
    except (Unreadable, av.FFmpegError, ValueError) as error:
        _raise_of_machine(path, error)
        return replace(found, state=f"left out: it cannot be read ({' '.join(str(error).split())})")


def _own(video: VideoStream) -> Beside:
    end, tick = _end(video), video.time_base
    length = end - (video.start_time or 0) * tick if end is not None and tick else None
    tagged = video.sample_aspect_ratio is not None
    return Beside(tagged, rate=video.average_rate or video.guessed_rate, length=length)


def _end(stream: VideoStream | AudioStream) -> Fraction | None:
    """Return the time stamp (s) at which a stream ends, as far as its container tells: Matroska does so in a tag."""
    if stream.duration and stream.time_base:
        return (stream.duration + (stream.start_time or 0)) * stream.time_base
    told = _TAG.fullmatch(stream.metadata.get("DURATION", ""))
    if told is None:
        return None
    hours, minutes, seconds = (Fraction(part) for part in told.groups())
    return hours * 3600 + minutes * 60 + seconds


def _open(path: Path) -> tuple[Opened, AudioStream]:
    film = open_film(path)
    stream = film.container.streams.best("audio")
    for other in film.container.streams:
        if other is not stream:
            other.discard = Discard.all
    return film, stream  # type: ignore[return-value]


def _raise_of_machine(path: Path, error: Exception) -> None:
    """Raise an error that is the machine's, as for want of memory: it tells nothing of the sound of the film."""
    if isinstance(error, OSError | MemoryError) and is_of_machine(error):
        raise unread(path, error) from error


def _refused(path: Path, heard: Any, container: str) -> str:
    """Return why the format cannot hold the sound, "" if it can; only writing a file header tells."""
    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            trial.add_stream_from_template(heard)
            trial.start_encoding()
    except (av.FFmpegError, ValueError) as error:
        _raise_of_machine(path, error)
        codec = getattr(heard.codec_context, "name", "its codec")
        return f"left out: {container} cannot hold {codec} ({' '.join(str(error).split())})"
    return ""
