"""Write an annotated film: the clip's own pictures and sound, with every person drawn on them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files, Pen
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import frames_done
from posecfg.types import Clip, Extraction
from posecfg.writers.film_file import FilmFile
from posecfg.writers.people import people

if TYPE_CHECKING:
    from posecfg.writers.film import Film, FilmPen

THICKEST = 1000


class Overlay:
    """Write ``<path>.mp4``: H.264, upright, with square pixels, with the time stamps and the sound of the film.

    ``path`` may end in .mp4, .mov or .mkv, and may be the name of a file when there is one clip. ``preset``, ``crf``
    and ``threads`` are x264's. ``audio`` copies the sound, where the format can hold it. ``text`` shows the time that
    each frame took, and the rate that it makes. ``joints`` and ``bones`` are colours of the first person, the second
    and so on; ``radius`` and ``width`` are px, None depends on the picture's size. A pose that a refine step made has
    bones and no joints.
    """

    suffix = ".mp4"

    def __init__(
        self,
        path: str = "{id}",
        preset: str = "ultrafast",
        crf: float = 23,
        threads: int = 1,
        audio: bool = True,
        text: bool = True,
        joints: Sequence[str] = JOINTS,
        bones: Sequence[str] = BONES,
        radius: float | None = None,
        width: float | None = None,
        kpt_thr: float = 0.3,
    ) -> None:
        self._film = FilmFile("overlay", path, preset, crf, threads, audio)
        self.suffix = self._film.suffix
        if not 0 <= kpt_thr <= 100:
            raise ConfigError(f"Expected kpt_thr to be from 0 to 100, but got {kpt_thr}.")
        for name, size in (("radius", radius), ("width", width)):
            if size is not None and not 0 < size <= THICKEST:
                raise ConfigError(f"Expected {name} to be null or px from above 0 to {THICKEST}, but got {size}.")
        for name, texts in (("joints", joints), ("bones", bones)):
            if isinstance(texts, str) or not texts:
                raise ConfigError(f"Expected {name} to be a list of one or more colours, but got {texts!r}.")
        self._text = text
        self._joints, self._bones = [color(text) for text in joints], [color(text) for text in bones]
        self._radius, self._width, self._kpt_thr = radius, width, kpt_thr

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(ordered=True, filmed=True, operational=("threads",))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's film."""
        return self._film.name(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Decode the clip again and draw its people."""
        if extraction.frames is None:
            raise ClipError("An overlay needs the film, which is not available for stored poses.")
        rows: dict[int, int] = {}
        for row, index in enumerate(extraction.clock.indices.tolist()):
            rows.setdefault(index, row)
        with self.begin(extraction.clip, files) as pen:
            for frames in extraction.frames():
                own = [rows.get(index) for index in frames.indices.tolist()]
                drawn = [[] if row is None else people(extraction, row) for row in own]
                pen(frames, drawn, [_seconds(extraction, row) for row in own])
                frames_done(len(own))
            pen.end()

    @contextmanager
    def begin(self, clip: Clip, files: Files) -> Iterator[Pen]:
        """Start the film of a clip; leaving the block finishes it."""
        with self._film.begin(clip, files) as film:
            yield self._pen(film)

    def _pen(self, film: Film) -> FilmPen:
        from posecfg.drawing.people import Artist
        from posecfg.writers.film import FilmPen

        artist = Artist(self._joints, self._bones, self._radius, self._width, self._kpt_thr)
        return FilmPen(film, artist, self._text)


def _seconds(extraction: Extraction, row: int | None) -> float:
    return math.nan if row is None or extraction.seconds is None else float(extraction.seconds[row])
