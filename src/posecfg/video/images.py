"""Source of the pictures of a folder, or of a single picture, played like a film."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from posecfg.errors import ClipError, Unreadable
from posecfg.video.container import check, fault
from posecfg.video.reel import Info, Shot, quarter, upright_size
from posecfg.video.span import Span
from posecfg.video.suffixes import IMAGES

if TYPE_CHECKING:
    from av.container import InputContainer

SUFFIXES = frozenset(f".{kind}" for kind in IMAGES)
FPS = 30


class Images:
    """Pictures in natural order of their names, shown at a nominal rate.

    Pictures of a film must have one size; ``independent`` ones may differ.
    """

    tick = Fraction(1, FPS)

    def __init__(self, path: Path, independent: bool = False) -> None:
        self.damaged = 0
        self._independent = independent
        self._paths = listed(path)
        picture, codec, failure = None, "", None
        for candidate in self._paths:
            try:
                picture, codec = _open(candidate)
                break
            except ClipError as error:
                failure = failure or error
        if picture is None:
            raise failure or Unreadable(f"Expected the folder {path} to hold pictures, but it holds none.")
        self.info = Info(
            size=_size(picture),
            rotation=0,
            fps=float(FPS),
            frames=len(self._paths),
            duration=len(self._paths) / FPS,
            codec=codec,
            pixels=picture.format.name,
            source="synthetic",
        )

    def shots(self, span: Span) -> Iterator[Shot]:
        """Yield the pictures; one that cannot be read is counted as damaged and passed over."""
        for index in self._range(span):
            path = self._paths[index]
            try:
                picture, _ = _open(path)
            except ClipError:
                self.damaged += 1
                continue
            if not self._independent and _size(picture) != self.info.size:
                raise Unreadable(
                    f"Expected the pictures of one folder to be {_spell(self.info.size)} like the first, but {path} is "
                    f"{_spell(_size(picture))}; unrelated pictures need a dataset that marks them independent."
                )
            yield Shot(index, index, picture, quarter(picture.rotation))

    def times(self, span: Span) -> list[float]:
        """Return the times of the pictures inside ``span``."""
        return [index / FPS for index in self._range(span)]

    def short(self) -> bool:
        """Return False: what the folder lists is there."""
        return False

    def close(self) -> None:
        """Do nothing: each picture is closed as soon as it is read."""

    def _range(self, span: Span) -> range:
        low, high = span.ticks(self.tick)
        return range(low, len(self._paths) if high is None else min(high, len(self._paths)))


def listed(path: Path) -> list[Path]:
    """Return the pictures of a folder in natural order (2 before 10); a single picture is alone."""
    if not path.is_dir():
        return [path]
    try:
        paths = [p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(".")]
    except OSError as error:
        raise fault(path, error) from error
    if not paths:
        kinds = " ".join(sorted(SUFFIXES))
        raise Unreadable(f"Expected the folder {path} to hold pictures ({kinds}), but it holds none.")
    return sorted(paths, key=_natural)


def _natural(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"([0-9]+)", path.name.lower())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts if part], path.name


def _open(path: Path) -> tuple[av.VideoFrame, str]:
    """Read one picture, with the format detected from its content, or else from its suffix."""
    check(path)
    try:
        # Opened as a stream, since PyAV would treat a name such as '100%d.png' as a pattern.
        with path.open("rb") as file, av.open(file, "r") as container:
            return _first(container)
    except (av.FFmpegError, OSError, StopIteration) as error:
        failure = error
    try:
        # Some releases cannot read a TIFF from a stream.
        with av.open(f"file:{path}", "r", format="image2", options={"pattern_type": "none"}) as container:
            return _first(container)
    except (av.FFmpegError, OSError, StopIteration):
        raise fault(path, failure) from failure


def _first(container: InputContainer) -> tuple[av.VideoFrame, str]:
    if not container.streams.video:
        raise StopIteration
    picture = next(container.decode(video=0))
    return picture, container.streams.video[0].codec_context.codec.canonical_name


def _size(picture: av.VideoFrame) -> tuple[int, int]:
    return upright_size(picture, quarter(picture.rotation))


def _spell(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
