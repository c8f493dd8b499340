"""Stream the frames of one clip in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posecfg.components.calls import blamed
from posecfg.errors import ClipError, ConfigError, Unreadable
from posecfg.protocols import BOTH, OVER, SKIPPED
from posecfg.text import printable
from posecfg.types import Clip, Clock
from posecfg.video.bound import MAX_PIXELS, pixel_bytes
from posecfg.video.container import Threads
from posecfg.video.faults import translated
from posecfg.video.frames import FrameBatch
from posecfg.video.hardware import accelerator
from posecfg.video.opening import open_reel
from posecfg.video.record import Record
from posecfg.video.reel import Reel, Shot, upright_size
from posecfg.video.span import Span, refuse_late

if TYPE_CHECKING:
    from posecfg.arrays import I64
    from posecfg.protocols import Pick, Sampler
    from posecfg.types import Truth

# Bytes of pixels that one batch holds, if it holds more than one frame.
BATCH_BYTES = 256 << 20


@dataclass
class StreamFacts:
    """Facts that a sampler can use before the first frame; see ``protocols.Stream``."""

    fps: float
    tick: float
    independent: bool
    reel: Reel
    span: Span
    path: Path
    start: float
    end: float | None
    truth: Callable[[Clock], Truth] | None

    def times(self) -> Sequence[float]:
        """Return the times of the clip's frames since its start, in order; reads packets, decodes nothing."""
        with translated(self.path):
            return [t - self.start for t in self.reel.times(self.span)]


class Video:
    """Plays the frames of a clip that the sampler takes, in batches; each iteration plays it anew.

    ``start`` and ``end`` (s since the first frame of the file) narrow the clip's own range. No more than ``batch``
    frames are held, and no more than one if two take more than ``BATCH_BYTES``. ``threads`` is 'auto' (one, which costs
    least and gives the same frames of a damaged film every time) or a number. ``hwaccel`` is 'cpu', 'auto' or a device
    type; one that is not there is an error. So is a picture of more than ``max_pixels``, which None allows.
    """

    def __init__(
        self,
        clip: Clip,
        sampler: Sampler,
        *,
        batch: int = 1,
        threads: Threads = "auto",
        hwaccel: str = "cpu",
        max_pixels: int | None = MAX_PIXELS,
        start: float | None = None,
        end: float | None = None,
    ) -> None:
        if batch < 1:
            raise ConfigError(f"Expected batch to be 1 or more, but got {batch}.")
        if threads != "auto" and (not isinstance(threads, int) or threads < 1):
            raise ConfigError(f"Expected threads to be 'auto' or a number from 1 on, but got {threads!r}.")
        self.clip, self.sampler, self.batch = clip, sampler, batch
        self.span = Span.of(clip, start, end)
        self._cut = (start, end)
        self._threads, self._accel, self._max_pixels = threads, accelerator(hwaccel), max_pixels
        self._record: Record | None = None
        self._pick: Pick | None = None

    def __iter__(self) -> Generator[FrameBatch]:
        """Yield batches; closing the generator closes the file."""
        began = time.perf_counter()
        with closing(open_reel(self.clip, self._threads, self._accel, self._max_pixels)) as reel:
            record = self._record = Record(reel)
            if self.clip.counted:
                with translated(self.clip.path):
                    times = reel.times(Span())
                self.span = Span.counted(self.clip, reel.info.fps, times, reel.tick, *self._cut)
            record.seconds = time.perf_counter() - began
            tick, path = float(reel.tick), self.clip.path
            start, end = float(self.span.start), None if self.span.end is None else float(self.span.end)
            apart, truth = self.clip.independent, self.clip.truth
            facts = StreamFacts(reel.info.fps, tick, apart, reel, self.span, path, start, end, truth)
            with blamed(f"sampler ({self._named})"):
                self._pick = self.sampler.begin(facts)
            if not callable(self._pick):
                text = f"expected begin to return something to call, but got {self._pick!r}"
                raise ClipError(f"sampler ({self._named}): {text}.")
            taken: list[Shot] = []
            fills: list[int] = []
            most = self.batch
            for shot, rows in self._looked_at(record, reel, self._pick):
                if taken and not self._alike(taken[0], shot):
                    yield self._give(record, reel, taken, fills)
                    taken, fills = [], []
                taken.append(shot)
                fills.append(rows)
                record.take(shot, rows, self._moments(rows))
                if len(taken) == 1 < self.batch:
                    most = min(self.batch, BATCH_BYTES // max(1, pixel_bytes(shot.given)))
                if len(taken) >= most:
                    yield self._give(record, reel, taken, fills)
                    taken, fills = [], []
            if taken:
                yield self._give(record, reel, taken, fills)
            record.give()
            if record.empty:
                refuse_late(self.clip, self._cut[0], reel.info.duration)
                length = "" if reel.info.duration is None else f"; the whole lasts {reel.info.duration:g} s"
                raise Unreadable(f"Expected {self.clip.path} to hold frames in {self.span}, but it has none{length}.")

    def _read(self, record: Record) -> Iterator[Shot]:
        """Yield the frames of the clip; an error of reading them is told of its film, others that pass here are not."""
        with translated(self.clip.path):
            yield from record.watch(self.span)

    def _looked_at(self, record: Record, reel: Reel, pick: Pick) -> Iterator[tuple[Shot, int]]:
        """Yield each frame to look at and the rows that it fills; note those that are only skipped."""
        skipped: Shot | None = None
        for shot in self._read(record):
            now = float(shot.ticks * reel.tick - self.span.start)
            frame = self._frames(reel, [shot])
            with blamed(f"sampler ({self._named})"):
                rows = pick(record.place(shot), now, frame)
            if rows.__class__ is not int or rows < OVER:
                rows = self._whole(rows)
            if rows == OVER:
                break
            if rows == 0:
                continue
            if skipped is not None and rows == BOTH:
                yield skipped, 1
            elif skipped is not None:
                record.take(skipped, SKIPPED)
            skipped = shot if rows == SKIPPED else None
            if rows != SKIPPED:
                yield shot, 1 if rows == BOTH else rows
        if skipped is not None:
            record.take(skipped, SKIPPED)

    @property
    def _named(self) -> str:
        return type(self.sampler).__name__

    def _whole(self, rows: Any) -> int:
        """Return a number of rows that a sampler gave as another type, such as NumPy's."""
        try:
            number = index(rows)
        except TypeError:
            number = OVER - 1
        if number < OVER:
            text = f"expected a number of rows from 0 on, SKIPPED, BOTH or OVER, but got {rows!r}"
            raise ClipError(f"sampler ({self._named}): {text}.")
        return number

    def _moments(self, rows: int) -> list[float] | None:
        """Return the moments that the rows of the last frame stand for, s since the first frame of the file."""
        own = getattr(self._pick, "moments", None)
        if own is None:
            return None
        with blamed(f"sampler ({self._named})"):
            found = [float(moment) + float(self.span.start) for moment in own()]
        if len(found) != rows:
            text = f"expected one moment for each of {rows} rows, but got {len(found)}"
            raise ClipError(f"sampler ({self._named}): {text}.")
        return found

    def clock(self) -> Clock:
        """Clock of the rows so far; ``decoded`` counts the frames of the file up to where reading stopped."""
        return self._played().clock()

    @property
    def expected(self) -> tuple[int | None, float | None]:
        """About how many frames the sampler takes in all, and of how many seconds, as far as that is known by now."""
        return (None, None) if self._record is None else (self._record.expected, self._record.lasts)

    @property
    def rows(self) -> I64:
        """Number of the yielded frame that fills each row so far, (T,), -1 in rows that no detector looked at."""
        return np.array([], np.int64) if self._record is None else self._record.rows

    @property
    def notes(self) -> dict[str, Any]:
        """Notes of the sampler, rows that no detector looked at, and what is odd about how pixels are stored."""
        own = getattr(self._pick, "notes", None)
        with blamed(f"sampler ({self._named})"):
            notes = dict(own()) if own else {}
        record = self._record
        if record is None:
            return notes
        seen = {
            "frames_skipped": record.skipped,
            "ignored_pixel_aspect": record.ignored_aspect and list(record.ignored_aspect),
            "ignored_angle": record.ignored_angle,
            "ignored_matrix": record.ignored_matrix,
            "mirrored": record.mirrored,
            "clock_restarts": record.restarts,
            "size_changes": 0 if self.clip.independent else max(0, record.sizes - 1),
            "pictures": [printable(name) for name in record.names] if self.clip.independent else None,
        }
        notes |= {name: value for name, value in seen.items() if value}
        return notes

    @property
    def seconds(self) -> float:
        """Seconds spent opening and decoding so far."""
        return 0.0 if self._record is None else self._record.seconds

    def _played(self) -> Record:
        if self._record is None:
            raise RuntimeError("Expected the video to be iterated before its clock is read.")
        return self._record

    def _alike(self, one: Shot, other: Shot) -> bool:
        return not self.clip.independent or _size(one) == _size(other)

    def _give(self, record: Record, reel: Reel, shots: list[Shot], fills: list[int]) -> FrameBatch:
        return self._frames(reel, shots, fills, record.give())

    def _frames(
        self, reel: Reel, shots: list[Shot], fills: list[int] | None = None, moments: list[float] | None = None
    ) -> FrameBatch:
        # Frames of a film that changes its size are scaled to the first frame's; unrelated pictures keep their own.
        size = _size(shots[0]) if self.clip.independent else reel.info.size
        return FrameBatch(shots, reel.tick, size, fills, moments)


def _size(shot: Shot) -> tuple[int, int]:
    return upright_size(shot.given, shot.rotation)
