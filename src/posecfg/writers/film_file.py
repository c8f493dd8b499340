"""The film that a writer makes of a clip: its name, its format, and what x264 is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from posecfg.errors import BackendMissing, ClipError, ConfigError
from posecfg.protocols import Files
from posecfg.types import Clip
from posecfg.writers.choice import expect
from posecfg.writers.names import Names

if TYPE_CHECKING:
    from posecfg.writers.film import Film

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
OTHERS = (".avi", ".flv", ".gif", ".m4v", ".mpeg", ".mpg", ".ogv", ".ts", ".webm", ".wmv")


class FilmFile:
    """The films of the writer ``kind``: H.264 with the time stamps and, with ``audio``, the sound of the clip.

    ``path`` may end in .mp4, .mov or .mkv, and may be the name of a file when there is one clip. ``preset``, ``crf``
    and ``threads`` are x264's.
    """

    def __init__(self, kind: str, path: str, preset: str, crf: float, threads: int, audio: bool) -> None:
        expect("preset", preset, PRESETS)
        if not 0 <= crf <= 51:
            raise ConfigError(f"Expected crf to be from 0 (best) to 51 (smallest), but got {crf}.")
        if threads < 0:
            raise ConfigError(f"Expected threads to be 1 or more, or 0 for all of the machine's, but got {threads}.")
        self.suffix = ".mp4"
        if isinstance(path, str) and PurePosixPath(path).suffix in FORMATS:
            self.suffix = PurePosixPath(path).suffix
        elif isinstance(path, str) and PurePosixPath(path).suffix.lower() in OTHERS:
            raise ConfigError(f"Expected path to end in {', '.join(FORMATS)}, or in no suffix, but got '{path}'.")
        self.name = Names(path, self.suffix, fixed=True)
        self._kind, self._audio = kind, audio
        self._preset, self._crf, self._threads = preset, crf, threads
        _require_encoder(kind)

    @contextmanager
    def begin(self, clip: Clip, files: Files) -> Iterator[Film]:
        """Start the film of a clip; leaving the block finishes it, an error in the block discards it."""
        if clip.independent:
            raise ClipError(
                "Expected a clip whose frames belong together, but these pictures are unrelated: type writer=[preview] "
                "for pictures with people drawn on them."
            )
        from posecfg.video.encode import Settings
        from posecfg.writers.film import Film

        settings = Settings(self._preset, self._crf, self._threads, self._kind)
        about = {"kind": self._kind, "codec": "h264"}
        name = self.name(clip.id)
        with files.open(name, about) as stream:
            film = Film(clip, stream, FORMATS[self.suffix], settings, self._audio)
            try:
                yield film
                about.update(film.finish())
                if about["sound"] not in ("copied", "none"):
                    about["warning"] = f"the sound of {name} was {about['sound']}"
            except BaseException:
                film.abandon()
                raise


def _require_encoder(kind: str) -> None:
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    try:
        Codec("libx264", "w")
    except UnknownCodecError as error:
        raise BackendMissing(
            f"writer={kind} needs an H.264 encoder, and this build of PyAV has no libx264: pip install "
            "--force-reinstall --only-binary av av"
        ) from error
