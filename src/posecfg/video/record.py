"""Record of one play of a clip: frames, rows and times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from posecfg.protocols import SKIPPED
from posecfg.types import Clock
from posecfg.video.reel import Reel, Shot
from posecfg.video.span import Span
from posecfg.video.timeline import Steps

if TYPE_CHECKING:
    from posecfg.arrays import I64


class Record:
    """Counters of one play: frames that were decoded, and frames and rows that were yielded.

    ``sizes`` is the number of runs of pictures of one size. ``expected`` is about how many frames will be yielded in
    all, and ``lasts`` about how many seconds of film are looked at; each is None while it is unknown.
    """

    def __init__(self, reel: Reel) -> None:
        self.seconds = 0.0
        self._reel = reel
        self._steps = Steps(reel.tick)
        self._first = self._last = -1
        self._lost = 0
        self._short = False
        self._size = (0, 0)
        self.sizes = 0
        self._indices: list[int] = []
        self._times: list[float] = []
        self._counts: list[int] = []
        self._moments: list[float] = []
        self._timed = False
        self._given = self._passed = 0
        self._span = Span()
        self.expected: int | None = None
        self.lasts: float | None = None

    def watch(self, span: Span) -> Iterator[Shot]:
        """Yield the frames inside ``span`` and record them."""
        shots, self._span = self._reel.shots(span), span
        while True:
            began = time.perf_counter()
            shot = next(shots, None)
            self.seconds += time.perf_counter() - began
            if shot is None:
                break
            if self.empty:
                self._first = shot.index
            else:
                self._lost += shot.index - self._last - 1
            self._last = shot.index
            if (size := (shot.given.width, shot.given.height)) != self._size:
                self._size, self.sizes = size, self.sizes + 1
            self._steps.see(shot.index, self.time(shot))
            yield shot
        self._short = self._reel.short()

    def take(self, shot: Shot, rows: int, moments: Sequence[float] | None = None) -> None:
        """Record that ``shot`` fills that many rows, or one row that no detector looks at (``SKIPPED``).

        ``moments`` (s) are what its rows stand for, where the sampler takes frames for moments.
        """
        self._indices.append(shot.index)
        self._times.append(self.time(shot))
        self._counts.append(rows)
        self._moments += moments or ()
        self._timed = moments is not None

    def give(self) -> list[float] | None:
        """Record that all frames taken so far were yielded: rows and clock include them from now on.

        Return the moments of rows that were not yet given, None where there are none.
        """
        self._given, given = len(self._counts), self._passed
        self._passed = len(self._moments)
        if (share := self._share()) is not None:
            self.expected = max(self._given, round(self._given / share))
            self.lasts = max(0.0, self._times[-1] - float(self._span.start)) / share
        return self._moments[given:] if self._timed else None

    def _share(self) -> float | None:
        """Return which share of the clip was read so far, as far as it declares its length."""
        info, span = self._reel.info, self._span
        if not self._times or self._last < 0:
            return None
        if span == Span() and info.frames:
            return min(1.0, (self._last + 1) / info.frames)
        end = min((float(one) for one in (span.end, info.duration) if one is not None), default=None)
        if end is None or not info.fps or end <= span.start:
            return None
        start = float(span.start)
        return min(1.0, max(self._times[-1] + 1 / info.fps - start, 0.0) / (end - start)) or None

    @property
    def empty(self) -> bool:
        """Tell whether there was no frame at all so far."""
        return self._first < 0

    def place(self, shot: Shot) -> int:
        """Return the index since the first frame that was seen."""
        return shot.index - self._first

    def time(self, shot: Shot) -> float:
        """Return the seconds since the first frame of the file."""
        return float(shot.ticks * self._reel.tick)

    @property
    def skipped(self) -> int:
        """Number of rows so far that no detector looked at."""
        return self._counts[: self._given].count(SKIPPED)

    @property
    def rows(self) -> I64:
        """Number of the yielded frame that fills each row, (T,), -1 in rows that no detector looked at."""
        counts = np.array(self._counts[: self._given], np.int64)
        seen = counts != SKIPPED
        return np.repeat(np.where(seen, np.cumsum(seen) - 1, -1), np.abs(counts))

    @property
    def ignored_aspect(self) -> tuple[int, int] | None:
        """Shape of pixels that the file declares and that cannot be right."""
        return self._reel.info.ignored_aspect

    @property
    def ignored_angle(self) -> int | None:
        """Angle by which the file declares its pictures to be turned, if it is no quarter turn."""
        return self._reel.info.ignored_angle

    @property
    def ignored_matrix(self) -> bool:
        """Whether the file declares what turns no picture."""
        return self._reel.info.ignored_matrix

    @property
    def mirrored(self) -> bool:
        """Whether the pictures are stored mirrored, which is undone."""
        return self._reel.info.mirrored

    @property
    def restarts(self) -> int:
        """How many times the clock of the file was set back so far."""
        return self._reel.restarts

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the pictures of a folder."""
        return self._reel.info.names

    def clock(self) -> Clock:
        """Return the clock of the rows so far."""
        info = self._reel.info
        counts = np.abs(np.array(self._counts[: self._given], np.int64))
        return Clock(
            indices=np.repeat(np.array(self._indices[: self._given], np.int64), counts),
            times=np.repeat(np.array(self._times[: self._given], np.float64), counts),
            fps=info.fps,
            size=info.size,
            rotation=info.rotation,
            declared=info.frames,
            decoded=self._last + 1 - self._lost,
            inside=0 if self.empty else self._last + 1 - self._first - self._lost,
            duration=info.duration,
            status="truncated" if self._short else "corrupt" if self._reel.damaged else "complete",
            vfr=self._steps.vary,
            first=info.first,
            source=info.source,
            damaged=self._reel.damaged,
            codec=info.codec,
            pixels=info.pixels,
            pixel_aspect=info.pixel_aspect,
            moments=np.array(self._moments[: self._passed], np.float64) if self._timed else None,
        )
