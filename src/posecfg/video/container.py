"""Open a film with PyAV, and read its packets; what the machine fails to read is told from damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.stream import Disposition

from posecfg.errors import ClipError, Unreadable
from posecfg.video.bound import bind
from posecfg.video.faults import fault, unread
from posecfg.video.source import PIECE, Source

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.stream import VideoStream

Threads = int | str
# FFmpeg draws a text file as a film of a terminal.
TEXT = ("tty",)
# Metadata in a broken encoding must not make a film unreadable; PyAV 19 has no such option, and needs none.
_LENIENT: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
# A film must not name other files, here or on the network: only the one that is open is looked at, hashed and bounded.
ALONE = {"protocol_whitelist": "data"}
_GIVE_UP = 50


class Opened:
    """An open film: its container, its video stream, and the source of its bytes."""

    def __init__(self, path: Path, source: Source, container: InputContainer, stream: VideoStream) -> None:
        self.path, self.container, self.stream = path, container, stream
        self.gave_up = False
        self._source = source

    def packets(self, *streams: Stream, hurt: Callable[[av.FFmpegError], None]) -> Iterator[Packet[Any]]:
        """Yield the packets of ``streams``; go on after damage, which ``hurt`` is told, as long as that ends."""
        failures = 0
        while failures < _GIVE_UP:
            try:
                for packet in self.container.demux(streams):
                    if self._source.error is not None:
                        self.check()
                    failures = 0
                    yield packet
                self.check()
                return
            except av.FFmpegError as error:
                self.check()
                if isinstance(error, MemoryError):
                    raise
                failures += 1
                hurt(error)
            except IndexError:
                self.check()
                break  # PyAV finds no stream for a number that damage made up, which it only meets at the end
        self.gave_up = True

    def first(self, stream: Stream) -> Packet[Any] | None:
        """Return the next packet of ``stream``, None at the end."""
        packet = None
        with suppress(IndexError):
            packet = next(iter(self.container.demux(stream)), None)
        self.check()
        return packet

    def seek(self, offset: int, stream: Stream) -> None:
        """Seek to a raw time stamp of ``stream``."""
        self.container.seek(offset, stream=stream)
        self.check()

    def check(self) -> None:
        """Raise ``ClipError`` if the machine failed to read the file so far."""
        if self._source.error is not None:
            raise unread(self.path, self._source.error) from self._source.error

    def close(self) -> None:
        """Release the file."""
        self.container.close()
        self._source.close()


def open_film(path: Path, threads: Threads = 1, accel: HWAccel | None = None, max_pixels: int | None = None) -> Opened:
    """Open a film and its video stream, ready to be decoded; ``max_pixels`` is the largest picture to decode."""
    check(path)
    try:
        # The prefix is the name that FFmpeg gives to a local file.
        source = Source(path, f"file:{path}")
    except OSError as error:
        raise fault(path, error) from error
    try:
        return _opened(path, source, threads, accel, max_pixels)
    except BaseException:
        source.close()
        raise


def _opened(path: Path, source: Source, threads: Threads, accel: HWAccel | None, max_pixels: int | None) -> Opened:
    try:
        container = av.open(
            source,
            "r",
            hwaccel=accel,
            buffer_size=PIECE,
            container_options=ALONE,
            options={} if max_pixels is None else {"max_pixels": str(max_pixels)},
            **_LENIENT,
        )
    except (av.FFmpegError, OSError, MemoryError) as error:
        if source.error is not None:
            raise unread(path, source.error) from source.error
        raise fault(path, error, on_device=accel is not None) from error
    except RuntimeError as error:
        raise ClipError(f"Expected {path} to be decodable with the chosen hwaccel, but {error}.") from error
    try:
        stream = _stream(path, container)
        film = Opened(path, source, container, stream)
        film.check()
        bind(path, stream, max_pixels)
    except BaseException:
        container.close()
        raise
    count = 1 if threads == "auto" else int(threads)
    stream.codec_context.thread_type = "SLICE" if count == 1 else "AUTO"
    stream.codec_context.thread_count = count
    return film


def _stream(path: Path, container: InputContainer) -> VideoStream:
    """Return the stream of the film's pictures, or raise ``Unreadable`` where there is none to decode."""
    if container.format.name in TEXT:
        raise Unreadable(f"Expected {path} to be a film or a picture, but it holds text.")
    # A cover picture counts as a video stream in the container.
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        kinds = ", ".join(sorted({s.type for s in container.streams})) or "nothing"
        raise Unreadable(f"Expected {path} to hold video, but it holds {kinds}.")
    if streams[0].codec_context is None:
        raise Unreadable(f"Expected {path} to hold video that can be decoded, but no decoder here knows its codec.")
    return streams[0]


def check(path: Path, refused: Callable[[Path, OSError], ClipError] = fault) -> None:
    """Raise ``ClipError`` for a file that is missing or empty, without opening it with PyAV.

    ``refused`` makes the error for a file that cannot be looked at.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise refused(path, error) from error
    if size == 0:
        raise Unreadable(f"Expected {path} to be a film or a picture, but it is empty (0 bytes).")
