"""Write a film of poses in space: each picture of the clip with its people, and beside it the same people in 3D."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import frames_done, stage
from posecfg.types import Extraction
from posecfg.writers.film_file import FilmFile
from posecfg.writers.people import seen
from posecfg.writers.space import refuse_flat, spatial

if TYPE_CHECKING:
    from posecfg.writers.beside import Beside

SMALLEST, LARGEST = 64, 2160


class Render3d:
    """Write ``<path>.mp4``: the clip's pictures with their people on the left, the people in space on the right.

    The film has the clip's own times and sound; ``path``, ``preset``, ``crf``, ``threads`` and ``audio`` are as those
    of ``Overlay``. Pictures are scaled to ``height`` px, and the scene beside them is as wide as it is high. It is seen
    from ``elev`` and ``azim`` degrees, as matplotlib counts them. The poses are turned upright for it, for display
    only; with ``text``, the film says so. A pose that was made up is pale.
    """

    suffix = ".mp4"

    def __init__(
        self,
        path: str = "{id}.3d",
        preset: str = "ultrafast",
        crf: float = 23,
        threads: int = 1,
        audio: bool = True,
        text: bool = True,
        height: int = 600,
        elev: float = 15.0,
        azim: float = 70.0,
        kpt_thr: float = 0.3,
    ) -> None:
        self._film = FilmFile("render3d", path, preset, crf, threads, audio)
        self.suffix = self._film.suffix
        if isinstance(height, bool) or not SMALLEST <= height <= LARGEST or height % 2:
            raise ConfigError(f"Expected height to be an even number from {SMALLEST} to {LARGEST}, but got {height}.")
        if not 0 < elev <= 80:
            raise ConfigError(f"Expected elev to be degrees from above 0 to 80, but got {elev}.")
        if not -360 <= azim <= 360:
            raise ConfigError(f"Expected azim to be degrees from -360 to 360, but got {azim}.")
        if not 0 <= kpt_thr <= 100:
            raise ConfigError(f"Expected kpt_thr to be from 0 to 100, but got {kpt_thr}.")
        self._text, self._height, self._elev, self._azim, self._kpt_thr = text, height, elev, azim, kpt_thr

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(ordered=True, operational=("threads",))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses have no points in space."""
        refuse_flat(given)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's film."""
        return self._film.name(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Decode the clip again, and draw its people on and beside each picture."""
        if extraction.frames is None:
            raise ClipError("A film of poses in space needs the clip's own, which is not available for stored poses.")
        rows: dict[int, int] = {}
        for place, index in enumerate(extraction.clock.indices.tolist()):
            rows.setdefault(index, place)
        with stage("draw"):
            beside = self._beside(extraction)
        with self._film.begin(extraction.clip, files) as film:
            for frames in extraction.frames():
                film.begin(frames.tick)
                with stage("draw"):
                    pictures = frames.planes(beside.size(frames.size))
                moments = zip(frames.indices.tolist(), frames.times.tolist(), strict=True)
                for picture, (index, time) in zip(pictures, moments, strict=True):
                    row = rows.get(index)
                    with stage("draw"):
                        whole = beside(picture, frames.size, row, [] if row is None else seen(extraction, row))
                    film.add(whole, index, time)
                frames_done(len(frames))
            film.end()

    def _beside(self, extraction: Extraction) -> Beside:
        from posecfg.drawing.people import Artist
        from posecfg.writers.beside import Beside
        from posecfg.writers.placing import Placing

        artist = Artist([color(text) for text in JOINTS], [color(text) for text in BONES], None, None, self._kpt_thr)
        placing = Placing(spatial(extraction.tracks), self._elev, self._azim)
        return Beside(placing, artist, self._height, self._text)
