"""Encode pictures as an H.264 film that keeps their time stamps."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO

import av
from av.codec.context import Flags

from posecfg.errors import ClipError, is_of_machine
from posecfg.video.planes import release
from posecfg.video.sink import Sink
from posecfg.video.sound import Beside

if TYPE_CHECKING:
    from av.packet import Packet

    from posecfg.pixels import Planes

CODEC = "libx264"
# Units of time (s) for players and x264: about _FINE; _USUAL replaces those finer than _FINEST.
_FINE, _FINEST, _USUAL = Fraction(1, 10_000), Fraction(1, 1_000_000), Fraction(1, 90_000)
_STILL = Fraction(1, 30)
# Bounds of the declared frame rate (frames/s); each picture keeps its own time in any case.
_SLOWEST, _FASTEST = Fraction(1), Fraction(240)
_BUFFER = 1 << 18
# MP4 and MOV store the duration of a picture in 31 bits of ticks.
_LONGEST = (1 << 31) - 2
# Longest wait of the muxer for sound (microseconds); the encoder interleaves sound and pictures itself.
_PATIENCE = "1000000"


@dataclass(frozen=True)
class Settings:
    """Settings of the encoder: x264's ``preset``, ``crf`` and ``threads``; ``writer`` is named in errors."""

    preset: str = "ultrafast"
    crf: float = 23
    threads: int = 1
    writer: str = "overlay"


class Encoder:
    """Writes a film into ``stream``, which stays open; times are seconds, multiples of ``tick``, the first is moment 0.

    ``add`` pictures in order, then ``finish``; after an error, ``abandon``. ``container`` is mp4, mov or matroska.
    """

    def __init__(self, stream: BinaryIO, container: str, tick: Fraction, beside: Beside, settings: Settings) -> None:
        self.frames = 0
        self.size = (0, 0)
        self._sink = Sink(stream)
        self._container, self._settings, self._beside = container, settings, beside
        self._tick, self._base = tick, _base(tick)
        self._begin: Fraction | None = None
        self._last = -1
        self._step = 0
        self._now = Fraction(0)
        self._follows = True
        self._held: Planes | None = None
        self._flushed = False
        self._out: Any = None
        self._video: Any = None

    def add(self, planes: Planes, time: float, follows: bool = True) -> None:
        """Encode the next picture and take ownership of it; ``follows`` is false if frames were left out before it."""
        exact = round(Fraction(time) / self._tick) * self._tick
        self._now, self._follows = exact, follows
        if self._begin is None:
            self._begin = exact
        # Two pictures with the same time are shown one after the other.
        pts = max(round((exact - self._begin) / self._base), self._last + 1)
        self._step, self._last = pts - self._last, pts
        if self._step > _LONGEST and self._container != "matroska":
            raise ClipError(
                f"Expected no frame to be shown for longer than {float(_LONGEST * self._base / 3600):.1f} hours, which "
                f"is all that {self._container} can hold, but frame {self.frames - 1} is shown for "
                f"{float(self._step * self._base / 3600):.1f}: end writer.{self._settings.writer}.path in .mkv."
            )
        planes.frame.pts = pts
        if self._held is None:
            self.size = planes.frame.width, planes.frame.height
        else:
            self._release(self._step)
        # A picture is encoded when the next one comes, since that tells how long it is shown.
        self._held = planes
        self.frames += 1

    def flush(self) -> None:
        """Encode the remaining pictures; no more may be added."""
        if self._flushed:
            return
        self._flushed = True
        if self._held is not None:
            self._step = max(1, round(self._lasting(self._held) / self._base))
            self._release(self._step)
        try:
            self._mux(self._video.encode(None))
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def _lasting(self, last: Planes) -> Fraction:
        """Return how long (s) the last picture is shown: as in its film; if frames were left out, like the one before.

        In the second case, the new film does not outlast the original.
        """
        frame = last.frame
        own = Fraction(frame.duration * frame.time_base) if frame.duration and frame.time_base else Fraction(0)
        if own and (self._follows or self.frames == 1):
            return own
        step = self._step * self._base if self.frames > 1 else _STILL
        length = self._beside.length
        if length is not None and length > self._now:
            step = min(step, length - self._now)
        return max(own, step)

    def finish(self) -> str:
        """Write the remaining packets and the index; return the state of the sound, "" if there was none."""
        self.flush()
        end = (self._last + self._step) * self._base
        try:
            self._sounds(end)
            self._out.close()
        except av.FFmpegError as error:
            raise self._failed(error) from error
        sound, length = self._beside.sound, self._beside.length
        # If the pictures end before their film does, only a part of it was asked for.
        if sound is not None and self._begin is not None and length is not None and self._begin + end >= length:
            sound.cut(end)
        self._close()
        return "" if self._beside.sound is None else self._beside.sound.state

    def abandon(self) -> None:
        """Close everything after an error; the file is unusable."""
        self._sink.dead = True
        if self._out is not None:
            with suppress(av.FFmpegError, OSError, ValueError):
                self._out.close()
        self._close()

    def _release(self, shown: int) -> None:
        """Encode the waiting picture, which is ``shown`` for so many units of time."""
        held, self._held = self._held, None
        if held is not None:
            if self._out is None:
                self._open(held)
            held.frame.time_base, held.frame.duration = self._base, shown
            self._encode(held)

    def _open(self, planes: Planes) -> None:
        """Open the output; the first picture gives size and colours."""
        options = {"max_interleave_delta": _PATIENCE}
        if self._container != "matroska":
            options["movflags"] = "+faststart"
        frame, settings, beside = planes.frame, self._settings, self._beside
        # The rate in the header only prepares decoders; the first step of a film need not be typical.
        rate = min(max(beside.rate or 1 / (self._step * self._base), _SLOWEST), _FASTEST).limit_denominator(1001)
        try:
            self._out = av.open(
                self._sink,
                "w",
                format=self._container,
                container_options=options,
                buffer_size=_BUFFER,
                io_open=self._sink.reopen,
            )
            video: Any = self._out.add_stream(CODEC, rate=rate)
            video.width, video.height, video.pix_fmt = frame.width, frame.height, "yuv420p"
            video.codec_context.time_base = video.time_base = self._base
            video.codec_context.options = {"preset": settings.preset, "crf": f"{settings.crf:g}"}
            video.thread_count, video.thread_type = settings.threads, "AUTO"
            video.codec_context.flags |= Flags.frame_duration
            # Without B-frames, pictures are stored in the order they are shown, and every player begins at time 0.
            video.max_b_frames = 0
            video.color_range, video.colorspace = frame.color_range, frame.colorspace
            video.color_primaries, video.color_trc = frame.color_primaries, frame.color_trc
            if beside.tagged:
                video.sample_aspect_ratio = Fraction(1)
            self._video = video
            if beside.sound is not None and self._begin is not None:
                beside.sound.join(self._out, self._begin)
            self._out.start_encoding()
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def _encode(self, planes: Planes) -> None:
        try:
            self._mux(self._video.encode(planes.frame))
        except av.FFmpegError as error:
            raise self._failed(error) from error
        release(planes)

    def _mux(self, packets: Iterable[Packet[Any]]) -> None:
        for packet in packets:
            self._sounds((packet.pts or 0) * self._base)
            self._out.mux(packet)

    def _sounds(self, until: Fraction) -> None:
        sound = self._beside.sound
        if sound is None:
            return
        for packet in sound.until(until):
            try:
                self._out.mux(packet)
            except av.FFmpegError as error:
                if is_of_machine(error):
                    raise
                sound.lose()

    def _close(self) -> None:
        self._out = self._video = self._held = None
        if self._beside.sound is not None:
            self._beside.sound.close()

    def _failed(self, error: av.FFmpegError) -> ClipError:
        if is_of_machine(error):
            return ClipError(
                f"Expected frame {self.frames} to be encoded, but the machine failed ({error.strerror or error}): see "
                "that memory and disk have room, and type the same command again."
            )
        return ClipError(
            f"Expected frame {self.frames} to be encoded as H.264 (preset {self._settings.preset}), but the encoder "
            f"failed ({error.strerror or error}): try another writer.{self._settings.writer}.preset."
        )


def _base(tick: Fraction) -> Fraction:
    """Return a unit of time (s) in which multiples of ``tick`` are whole numbers, if players accept one that fine."""
    while tick > _FINE:
        tick /= 2
    return tick if tick >= _FINEST and tick.denominator <= 1 / _FINEST and tick.numerator < 1 << 31 else _USUAL
