"""Write an annotated film: the clip's own pictures and sound, with every person drawn on them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.errors import BackendMissing, ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files, Pen
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import frames_done
from posecfg.types import Clip, Extraction
from posecfg.writers.choice import expect
from posecfg.writers.names import Names
from posecfg.writers.people import people

if TYPE_CHECKING:
    from posecfg.writers.film import FilmPen

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
OTHERS = (".avi", ".flv", ".gif", ".m4v", ".mpeg", ".mpg", ".ogv", ".ts", ".webm", ".wmv")
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
        expect("preset", preset, PRESETS)
        if not 0 <= crf <= 51:
            raise ConfigError(f"Expected crf to be from 0 (best) to 51 (smallest), but got {crf}.")
        if threads < 0:
            raise ConfigError(f"Expected threads to be 1 or more, or 0 for all of the machine's, but got {threads}.")
        if not 0 <= kpt_thr <= 100:
            raise ConfigError(f"Expected kpt_thr to be from 0 to 100, but got {kpt_thr}.")
        for name, size in (("radius", radius), ("width", width)):
            if size is not None and not 0 < size <= THICKEST:
                raise ConfigError(f"Expected {name} to be null or px from above 0 to {THICKEST}, but got {size}.")
        for name, texts in (("joints", joints), ("bones", bones)):
            if isinstance(texts, str) or not texts:
                raise ConfigError(f"Expected {name} to be a list of one or more colours, but got {texts!r}.")
        if isinstance(path, str) and PurePosixPath(path).suffix in FORMATS:
            self.suffix = PurePosixPath(path).suffix
        elif isinstance(path, str) and PurePosixPath(path).suffix.lower() in OTHERS:
            raise ConfigError(f"Expected path to end in {', '.join(FORMATS)}, or in no suffix, but got '{path}'.")
        self._names = Names(path, self.suffix, fixed=True)
        self._preset, self._crf, self._threads = preset, crf, threads
        self._audio, self._text = audio, text
        self._joints, self._bones = [color(text) for text in joints], [color(text) for text in bones]
        self._radius, self._width, self._kpt_thr = radius, width, kpt_thr
        _require_encoder()

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(ordered=True, filmed=True, operational=("threads",))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's film."""
        return self._names(clip_id)

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
        if clip.independent:
            raise ClipError(
                "Expected a clip whose frames belong together, but these pictures are unrelated: type writer=[preview] "
                "for pictures with people drawn on them."
            )
        about: dict[str, Any] = {"kind": "overlay", "codec": "h264"}
        name = self.target(clip.id)
        with files.open(name, about) as stream:
            pen = self._pen(clip, stream)
            try:
                yield pen
                about.update(pen.finish())
                if about["sound"] not in ("copied", "none"):
                    about["warning"] = f"the sound of {name} was {about['sound']}"
            except BaseException:
                pen.abandon()
                raise

    def _pen(self, clip: Clip, stream: Any) -> FilmPen:
        from posecfg.drawing.people import Artist
        from posecfg.video.encode import Settings
        from posecfg.writers.film import FilmPen

        settings = Settings(self._preset, self._crf, self._threads)
        artist = Artist(self._joints, self._bones, self._radius, self._width, self._kpt_thr)
        return FilmPen(clip, stream, FORMATS[self.suffix], settings, artist, self._text, self._audio)


def _seconds(extraction: Extraction, row: int | None) -> float:
    return math.nan if row is None or extraction.seconds is None else float(extraction.seconds[row])


def _require_encoder() -> None:
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    try:
        Codec("libx264", "w")
    except UnknownCodecError as error:
        raise BackendMissing(
            "writer=overlay needs an H.264 encoder, and this build of PyAV has no libx264: pip install "
            "--force-reinstall --only-binary av av"
        ) from error
