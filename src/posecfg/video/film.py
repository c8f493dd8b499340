"""Source of the frames of a film file, decoded by PyAV."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.errors import Unreadable
from posecfg.video.aspect import pixel_shape
from posecfg.video.bound import MAX_PIXELS
from posecfg.video.container import Threads
from posecfg.video.landing import START, Landing, land
from posecfg.video.orientation import ignored_angle, is_broken, turn
from posecfg.video.reading import Broken, Frame, Missed, Reading
from posecfg.video.reel import Info, Shot, turned
from posecfg.video.span import Span
from posecfg.video.timeline import Timeline
from posecfg.video.walk import walk

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel

# Frame rate assumed for raw streams, which do not state one.
_NOMINAL = Fraction(30)


class Film:
    """A film file; its first frame is decoded on opening, because only frames tell rotation and first time stamp."""

    def __init__(
        self,
        path: Path,
        threads: Threads = "auto",
        accel: HWAccel | None = None,
        max_pixels: int | None = MAX_PIXELS,
    ) -> None:
        self.path = path
        self.restarts = 0
        self._threads, self._accel, self._max_pixels = threads, accel, max_pixels
        self._reading, self._frames = self._open(START)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """Decode the first frame."""
        header = self._reading.stream.codec_context.sample_aspect_ratio
        head = next(self._frames, None)
        if head is None:
            raise Unreadable(f"Expected {self.path} to hold at least one frame that can be decoded, but it holds none.")
        self._head = head
        self._origin, picture = head.pts, head.picture
        rotation, mirrored = turn(picture)
        stream = self._reading.stream
        if self._origin is None:
            # Without time stamps, the average rate is only PyAV's default; the guess comes from the stream itself.
            rate = stream.guessed_rate or stream.average_rate or _NOMINAL
            self.tick = 1 / rate
        else:
            self.tick = picture.time_base or stream.time_base or 1 / _NOMINAL
            rate = stream.average_rate or stream.guessed_rate or self._measure()
        stored = picture.width, picture.height
        shape = pixel_shape(stream, header, stored)
        self.info = Info(
            size=turned(shape.squared(stored), rotation),
            rotation=rotation,
            fps=float(rate),
            frames=stream.frames or None,
            duration=self._reading.duration,
            codec=stream.codec_context.codec.canonical_name,
            pixels=picture.format.name,
            first=float((self._origin or 0) * self.tick),
            source="synthetic" if self._origin is None else "pts",
            pixel_aspect=shape.aspect,
            ignored_aspect=shape.ignored,
            mirrored=mirrored,
            ignored_angle=ignored_angle(picture),
            ignored_matrix=is_broken(picture),
        )

    @property
    def damaged(self) -> int:
        """Number of packets that could not be decoded and of frames that the decoder itself calls damaged."""
        return self._reading.damaged

    @property
    def began(self) -> int:
        """Number of frames before the one that decoding began at: where seeking led to, else 0."""
        return self._reading.landing.shown

    def shots(self, span: Span) -> Iterator[Shot]:
        """Yield the frames inside ``span``. Call it once: it continues from the frame that was decoded on opening."""
        low, high = span.ticks(self.tick)
        timeline = Timeline(self._origin, self.tick, self.info.fps)
        for frame in self._from(low):
            ticks = timeline(frame.pts)
            self.restarts = timeline.restarts
            if high is not None and ticks >= high:
                return
            if ticks >= low:
                yield Shot(frame.index, ticks, frame.picture, self.info.rotation, self.info.mirrored)

    def times(self, span: Span) -> list[float]:
        """Return the times of the frames inside ``span`` from the packets alone."""
        low, high = (None if ticks is None else float(ticks * self.tick) for ticks in span.ticks(self.tick))
        times = walk(self.path, self._origin).times(self.tick)
        return times[bisect_left(times, low or 0.0) : len(times) if high is None else bisect_left(times, high)]

    def ends_early(self) -> bool:
        """Tell from the packets alone whether the file ends well before what it declares."""
        return walk(self.path, self._origin).short()

    def short(self) -> bool:
        """Tell whether the file ended well before what it declares."""
        return self._reading.short()

    def close(self) -> None:
        """Release the file."""
        self._frames.close()
        self._reading.close()

    def _open(self, landing: Landing) -> tuple[Reading, Generator[Frame]]:
        # Hardware decoding has no threads that lose frames, and there is no other decoder to retry with.
        patient = self._threads in (1, "auto") or self._accel is not None
        reading = Reading(self.path, self._threads, self._accel, patient, landing, self._max_pixels)
        return reading, self._play(landing)

    def _play(self, landing: Landing) -> Generator[Frame]:
        """Yield the frames from ``landing`` on.

        Several decoding threads lose good frames near damage, and which ones depends on the number of threads. At the
        first sign of damage one thread decodes the film again, so that every run gives the same frames. Damage that the
        decoder conceals without reporting it may still look different.
        """
        given = 0
        try:
            for frame in self._reading.frames():
                yield frame
                given += 1
            return
        except Broken:
            self._reading.close()
        self._reading = Reading(self.path, 1, None, True, landing, self._max_pixels)
        for number, frame in enumerate(self._reading.frames()):
            if number >= given:
                yield frame

    def _from(self, low: int) -> Iterator[Frame]:
        """Yield frames from tick ``low``, or some way before it, on."""
        landing = None
        if low > 0 and self._origin is not None:
            landing = land(self._reading.film, self._origin, self._origin + low)
        if landing is not None:
            self.close()
            self._reading, self._frames = self._open(landing)
            try:
                head = next(self._frames, None)
            except Missed:
                self.close()
                self._reading, self._frames = self._open(START)
                head = next(self._frames, None)
            if head is None:
                return
            self._head = head
        yield self._head
        yield from self._frames

    def _measure(self) -> Fraction:
        times = self.times(Span())
        return Fraction(len(times) - 1) / Fraction(times[-1]) if times and times[-1] else _NOMINAL
