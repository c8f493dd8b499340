"""Write an annotated film: the clip's own pictures and sound, with every person drawn on them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files, Pen
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import frames_done
from posecfg.types import Clip, Extraction
from posecfg.writers.choice import expect
from posecfg.writers.enough import Enough
from posecfg.writers.film_file import FilmFile
from posecfg.writers.names import Names
from posecfg.writers.people import people

if TYPE_CHECKING:
    from posecfg.writers.film import Canvas, DrawingPen

THICKEST = 1000
SUFFIX = ".jpg"


OUTPUTS = ("film", "pictures")


class Overlay:
    """Write ``<path>.mp4``: H.264, upright, with square pixels, with the time stamps and the sound of the film.

    ``path`` may end in .mp4, .mov or .mkv, and may be the name of a file when there is one clip. ``preset``, ``crf``
    and ``threads`` are x264's. ``audio`` copies the sound, where the format can hold it. ``text`` shows the time that
    each frame took, and the rate that it makes. ``joints`` and ``bones`` are colours of the first person, the second
    and so on; ``radius`` and ``width`` are px, None depends on the picture's size. A pose that a refine step made has
    bones and no joints. ``sides`` are three colours, of the left, the right and the middle, in place of those two.

    As ``output``, pictures are ``<path>/frame_000000.jpg`` and so on. Only the first ``frames`` are drawn, all if it is
    0; a film of some has no sound. With ``truth``, people whom the annotations know are drawn in ``truth_color`` below
    those found. Of people with fewer than ``least_points`` keypoints, fewer than ``least_px`` px across them, or a
    lower score than ``least_score``, nothing is drawn: see ``Enough``.
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
        sides: Sequence[str] | None = None,
        radius: float | None = None,
        width: float | None = None,
        kpt_thr: float = 0.3,
        output: Literal["film", "pictures"] = "film",
        frames: int = 0,
        truth: bool = False,
        truth_color: str = "ff2d95",
        least_points: int = 0,
        least_px: float = 0.0,
        least_score: float = 0.0,
    ) -> None:
        expect("output", output, OUTPUTS)
        if isinstance(frames, bool) or not isinstance(frames, int) or frames < 0:
            raise ConfigError(f"Expected frames to be a whole number from 1, or 0 for all, but got {frames}.")
        self._film = FilmFile("overlay", path, preset, crf, threads, audio and not frames) if output == "film" else None
        self._folders = Names(path, "") if output == "pictures" else None
        self.suffix = self._film.suffix if self._film is not None else SUFFIX
        if not 0 <= kpt_thr <= 100:
            raise ConfigError(f"Expected kpt_thr to be from 0 to 100, but got {kpt_thr}.")
        for name, size in (("radius", radius), ("width", width)):
            if size is not None and not 0 < size <= THICKEST:
                raise ConfigError(f"Expected {name} to be null or px from above 0 to {THICKEST}, but got {size}.")
        for name, texts in (("joints", joints), ("bones", bones)):
            if isinstance(texts, str) or not texts:
                raise ConfigError(f"Expected {name} to be a list of one or more colours, but got {texts!r}.")
        if sides is not None and (isinstance(sides, str) or len(sides) != 3):
            raise ConfigError(f"Expected sides to be colours of left, right and middle, or null, but got {sides!r}.")
        self._sides = None if sides is None else [color(text) for text in sides]
        self._text = text
        self._joints, self._bones = [color(text) for text in joints], [color(text) for text in bones]
        self._radius, self._width, self._kpt_thr = radius, width, kpt_thr
        self._frames, self._truth = frames, color(truth_color) if truth else None
        color(truth_color)
        self._enough = Enough(least_points, least_px, least_score, kpt_thr)

    @staticmethod
    def facts(output: str, truth: bool, sides: Any, text: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        is_film = output == "film"
        idle = ("threads", *(() if is_film else ("preset", "crf", "audio")), *(() if truth else ("truth_color",)))
        idle = (*idle, *(() if sides is None else ("joints", "bones")))
        return Facts(ordered=is_film, filmed=True, annotated=truth, flat=True, timed=text, operational=idle)

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's film, or of the folder of its pictures."""
        if self._film is not None:
            return self._film.name(clip_id)
        return f"{self._folder(clip_id)}/"

    def write(self, extraction: Extraction, files: Files) -> None:
        """Decode the clip again and draw its people."""
        if extraction.frames is None:
            raise ClipError("An overlay needs the film, which is not available for stored poses.")
        rows: dict[int, int] = {}
        for row, index in enumerate(extraction.clock.indices.tolist()):
            rows.setdefault(index, row)
        with self._drawing(extraction.clip, files) as pen:
            for frames in extraction.frames():
                own = [rows.get(index) for index in frames.indices.tolist()]
                drawn = [[] if row is None else people(extraction, row) for row in own]
                pen.draw(frames, drawn, [_seconds(extraction, row) for row in own], [row or 0 for row in own])
                frames_done(len(own))
                if pen.is_full:
                    break
            pen.end()

    @contextmanager
    def begin(self, clip: Clip, files: Files) -> Iterator[Pen]:
        """Start the film of a clip; leaving the block finishes it."""
        with self._drawing(clip, files) as pen:
            yield pen

    @contextmanager
    def _drawing(self, clip: Clip, files: Files) -> Iterator[DrawingPen]:
        if self._film is not None:
            with self._film.begin(clip, files) as film:
                yield self._pen(clip, film)
        else:
            from posecfg.writers.drawn_pictures import DrawnPictures

            yield self._pen(clip, DrawnPictures(self._folder(clip.id), files, "overlay"))

    def _folder(self, clip_id: str) -> str:
        return "" if self._folders is None else self._folders(clip_id)

    def _pen(self, clip: Clip, canvas: Canvas) -> DrawingPen:
        from posecfg.drawing.people import Artist
        from posecfg.writers.film import DrawingPen
        from posecfg.writers.known_people import KnownPeople

        artist = Artist(self._joints, self._bones, self._radius, self._width, self._kpt_thr, sides=self._sides)
        if self._truth is None:
            return DrawingPen(canvas, artist, self._text, most=self._frames, enough=self._enough)
        marker = Artist([self._truth], [self._truth], self._radius, self._width, self._kpt_thr)
        known = KnownPeople(clip, self._enough)
        return DrawingPen(canvas, artist, self._text, known, marker, self._frames, self._enough)


def _seconds(extraction: Extraction, row: int | None) -> float:
    return math.nan if row is None or extraction.seconds is None else float(extraction.seconds[row])
