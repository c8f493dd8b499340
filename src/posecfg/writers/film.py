"""Films that writers make: pictures encoded with the times and the sound of their clip, and people drawn on them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from posecfg.drawing.label import Label
from posecfg.errors import ClipError
from posecfg.pixels import Frames
from posecfg.timing import stage
from posecfg.types import Clip, Person
from posecfg.video.encode import Encoder, Settings
from posecfg.video.sound import beside
from posecfg.writers.enough import Enough

if TYPE_CHECKING:
    from posecfg.drawing.people import Artist
    from posecfg.pixels import Planes
    from posecfg.writers.known_people import KnownPeople

# The rate that is shown is the mean over so many frames.
_WINDOW = 15
_LONGEST, _HIGHEST = "88.8 ms  888 fps", 9999


class Film:
    """The film of one clip, encoded into ``stream``; ``finish`` it, or ``abandon`` it after an error."""

    def __init__(self, clip: Clip, stream: BinaryIO, container: str, settings: Settings, audio: bool) -> None:
        self._clip, self._stream = clip, stream
        self._container, self._settings, self._audio = container, settings, audio
        self._encoder: Encoder | None = None
        self._state = ""
        self._last = -1

    def begin(self, tick: Fraction) -> None:
        """Start the encoder, before the first picture; times are multiples of ``tick`` seconds."""
        if self._encoder is None:
            with stage("encode"):
                found = beside(self._clip, self._container, self._audio)
                self._state = found.state
                self._encoder = Encoder(self._stream, self._container, tick, found, self._settings)

    def add(self, picture: Planes, index: int, time: float, row: int = 0) -> None:
        """Encode the picture of frame ``index`` of the clip, shown from ``time`` (s) on, and take ownership of it."""
        if self._encoder is None:
            raise RuntimeError("Expected a film to be begun before its first picture.")
        with stage("encode"):
            self._encoder.add(picture, time, follows=index == self._last + 1)
        self._last = index

    def end(self) -> None:
        """Encode the remaining pictures; no more may follow."""
        if self._encoder is not None:
            with stage("encode"):
                self._encoder.flush()

    def finish(self) -> dict[str, Any]:
        """Close the film and return its number of frames, its size (width, height) and the state of its sound."""
        if self._encoder is None:
            raise ClipError("Expected at least one frame to make a film of, but there was none.")
        with stage("write"):
            sound = self._encoder.finish()
        return {"frames": self._encoder.frames, "size": list(self._encoder.size), "sound": sound or self._state}

    def abandon(self) -> None:
        """Close the film after an error; the file is unusable."""
        if self._encoder is not None:
            self._encoder.abandon()


class Canvas(Protocol):
    """What drawn pictures go to: a film, or a folder."""

    def begin(self, tick: Fraction) -> None:
        """Start, before the first picture; times are multiples of ``tick`` seconds."""

    def add(self, picture: Planes, index: int, time: float, row: int = 0) -> None:
        """Take ownership of the picture of frame ``index`` of the clip, shown from ``time`` (s) on, in ``row``."""

    def end(self) -> None:
        """Finish; no more may follow."""


class DrawingPen:
    """Draws people on the frames of a clip, and gives them to its canvas; ``text`` shows what each frame took.

    Of ``known`` people, whom ``marker`` draws, the clip's annotations tell. Only the first ``most`` frames are drawn,
    all if it is 0; ``enough`` says which people are.
    """

    def __init__(
        self,
        canvas: Canvas,
        artist: Artist,
        text: bool,
        known: KnownPeople | None = None,
        marker: Artist | None = None,
        most: int = 0,
        enough: Enough | None = None,
    ) -> None:
        self._canvas, self._artist, self._known, self._marker = canvas, artist, known, marker
        self._most, self._enough = most, enough or Enough()
        self._count = self._row = 0
        self._readout = Readout() if text else None

    @property
    def is_full(self) -> bool:
        """Whether all frames that are wanted were drawn."""
        return bool(self._most) and self._count >= self._most

    def __call__(self, frames: Frames, people: Sequence[Sequence[Person]], seconds: Sequence[float]) -> None:
        """Take the next frames in order, the people on each, and the seconds that each took (NaN: unknown)."""
        fills = frames.fills.tolist()
        rows = list(accumulate(fills, initial=self._row))
        self._row = rows.pop()
        self.draw(frames, people, seconds, rows)

    def draw(
        self,
        frames: Frames,
        people: Sequence[Sequence[Person]],
        seconds: Sequence[float],
        rows: Sequence[int],
    ) -> None:
        """Take the next frames as a call does, and the first row of each."""
        if self.is_full:
            return
        self._canvas.begin(frames.tick)
        with stage("draw"):
            pictures = frames.planes()
            known = [()] * len(pictures) if self._known is None else self._known(frames)
        moments = zip(frames.indices.tolist(), frames.times.tolist(), rows, strict=True)
        drawn = zip(pictures, people, known, seconds, moments, strict=True)
        for picture, persons, true, spent, (index, time, row) in drawn:
            if self.is_full:
                return
            with stage("draw"):
                if self._marker is not None:
                    self._marker(picture, true)
                self._artist(picture, [person for person in persons if self._enough(person)])
                if self._readout is not None:
                    self._readout(picture, spent)
            self._canvas.add(picture, index, time, row)
            self._count += 1

    def end(self) -> None:
        """Finish the canvas; no more frames may follow."""
        self._canvas.end()


class Readout:
    """Writer of a frame's time and the rate of the last frames on its picture.

    If a frame's time is unknown, because no detector looked at it, the last text is repeated.
    """

    def __init__(self) -> None:
        self._label = Label(_LONGEST)
        self._last: deque[float] = deque(maxlen=_WINDOW)
        self._text = ""

    def __call__(self, planes: Planes, seconds: float) -> None:
        """Write on ``planes`` that its frame took ``seconds`` (NaN: unknown)."""
        if math.isfinite(seconds) and seconds > 0:
            self._last.append(seconds)
            rate = min(len(self._last) / sum(self._last), _HIGHEST)
            spent = seconds * 1000
            self._text = f"{spent:.{1 if spent < 99.95 else 0}f} ms  {rate:.0f} fps"
        if self._text:
            self._label(planes, self._text)
