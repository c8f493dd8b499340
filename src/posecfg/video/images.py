"""Source of the pictures of a folder, or of a single picture, played like a film."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import av

from posecfg.errors import ClipError, Unreadable, is_of_machine
from posecfg.video.animated import is_animated
from posecfg.video.bound import MAX_PIXELS, bind, refuse
from posecfg.video.container import ALONE, check
from posecfg.video.faults import fault, missing, translated, unread
from posecfg.video.memory import ran_out
from posecfg.video.orientation import Turn, turn_of_still
from posecfg.video.picture_size import picture_size
from posecfg.video.reel import Info, Shot, upright_size
from posecfg.video.source import PIECE, Source
from posecfg.video.span import Span
from posecfg.video.suffixes import IMAGES

if TYPE_CHECKING:
    from av.container import InputContainer

SUFFIXES = frozenset(f".{kind}" for kind in IMAGES)
FPS = 30
# Bytes at the beginning of a picture in which EXIF stands.
_HEAD = 1 << 17


class Images:
    """Pictures in natural order of their names, shown at a nominal rate.

    Pictures of a film must have one size; ``independent`` ones may differ. ``names`` are those of some pictures in a
    folder, in their order.
    """

    tick = Fraction(1, FPS)
    restarts = 0

    def __init__(
        self, path: Path, independent: bool = False, max_pixels: int | None = MAX_PIXELS, names: Sequence[str] = ()
    ) -> None:
        self.damaged = 0
        self._independent, self._max_pixels = independent, max_pixels
        self._paths = [path / name for name in names] or listed(path)
        # A clip that is one file may be missing; the pictures that a folder lists may not.
        self._refused = missing if self._paths != [path] else fault
        first, failure = None, None
        for candidate in self._paths:
            try:
                first = _open(candidate, max_pixels, self._refused)
                break
            except Unreadable as error:
                failure = failure or error
        if first is None:
            raise failure or Unreadable(f"Expected the folder {path} to hold pictures, but it holds none.")
        self.info = Info(
            size=first.size,
            rotation=0,
            fps=float(FPS),
            frames=len(self._paths),
            duration=len(self._paths) / FPS,
            codec=first.codec,
            pixels=first.picture.format.name,
            source="synthetic",
            names=tuple(names) or tuple(path.name for path in self._paths),
        )

    def shots(self, span: Span) -> Iterator[Shot]:
        """Yield the pictures; one that cannot be decoded is counted as damaged and passed over.

        One that cannot be opened, although the folder lists it, is no damage and fails the clip.
        """
        for index in self._range(span):
            path = self._paths[index]
            try:
                still = _open(path, self._max_pixels, self._refused)
            except Unreadable:
                self.damaged += 1
                continue
            if not self._independent and still.size != self.info.size:
                raise Unreadable(
                    f"Expected the pictures of one folder to be {_spell(self.info.size)} like the first, but {path} is "
                    f"{_spell(still.size)}: type dataset.independent=true if they are unrelated pictures."
                )
            yield Shot(index, index, still.picture, *still.turn)

    def times(self, span: Span) -> list[float]:
        """Return the times of the pictures inside ``span``."""
        return [index / FPS for index in self._range(span)]

    def ends_early(self) -> bool:
        """Return False: what the folder lists is there."""
        return False

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


class _Still(NamedTuple):
    picture: av.VideoFrame
    codec: str
    turn: Turn

    @property
    def size(self) -> tuple[int, int]:
        return upright_size(self.picture, self.turn.rotation)


def _open(path: Path, max_pixels: int | None, refused: Callable[[Path, OSError], ClipError]) -> _Still:
    """Read one picture, with the format detected from its content, or else from its suffix.

    ``refused`` makes the error for a file that cannot be opened.
    """
    check(path, refused)
    try:
        if is_animated(path):
            raise ClipError(
                f"Expected the pictures of a folder to hold one frame each, but {path} is animated: move it elsewhere, "
                "and give it as a film of its own, with dataset.path=."
            )
        opened = Source(path, str(path))
    except OSError as error:
        raise refused(path, error) from error
    with translated(path), opened as source:
        size = picture_size(source)
        source.seek(0)
        head = source.read(_HEAD)
        source.seek(0)
        if size is not None:
            refuse(path, *size, max_pixels)
        try:
            # Opened as a stream, since PyAV would treat a name such as '100%d.png' as a pattern.
            with av.open(source, "r", buffer_size=PIECE, container_options=ALONE) as container:
                return _first(path, container, max_pixels, head)
        except (av.FFmpegError, StopIteration) as error:
            failure = error
        finally:
            # A decoder makes a picture of what it got, so that a picture is no proof that all was read.
            if source.error is not None:
                raise unread(path, source.error) from source.error
    try:
        # Some releases cannot read a TIFF from a stream.
        with av.open(f"file:{path}", "r", format="image2", options={"pattern_type": "none"}) as container:
            return _first(path, container, max_pixels, b"")
    except (av.FFmpegError, StopIteration) as error:
        # Here FFmpeg reads the file itself, so that its errors may be the machine's.
        if isinstance(error, FileNotFoundError | PermissionError):
            raise refused(path, error) from error
        if isinstance(error, OSError | MemoryError) and is_of_machine(error):
            raise unread(path, error) from error
        if ran_out(4 * math.prod(size or (0, 0))):
            raise fault(path, MemoryError()) from error
        raise fault(path, failure) from failure


def _first(path: Path, container: InputContainer, max_pixels: int | None, head: bytes) -> _Still:
    if not container.streams.video:
        raise StopIteration
    stream = container.streams.video[0]
    bind(path, stream, max_pixels)
    try:
        picture = next(container.decode(stream), None)
    except av.FFmpegError:
        refuse(path, stream.codec_context.width, stream.codec_context.height, max_pixels)
        raise
    if picture is None:
        raise StopIteration
    refuse(path, picture.width, picture.height, max_pixels)
    # The decoder knows nothing of the nominal rate at which pictures are shown.
    picture.duration = 0
    return _Still(picture, stream.codec_context.codec.canonical_name, turn_of_still(picture, head))


def _spell(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
