"""Open a video file with PyAV, and turn PyAV's errors into sentences for the user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.stream import Disposition

from posecfg.errors import ClipError, Unreadable, blame

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel
    from av.container import InputContainer
    from av.video.stream import VideoStream

Threads = int | str
# FFmpeg draws a text file as a film of a terminal.
TEXT = ("tty",)
# Metadata in a broken encoding must not make a film unreadable; PyAV 19 has no such option, and needs none.
_LENIENT: dict[str, Any] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}


def open_film(path: Path, threads: Threads = 1, accel: HWAccel | None = None) -> tuple[InputContainer, VideoStream]:
    """Open a film and its video stream, ready to be decoded."""
    check(path)
    try:
        # The prefix keeps a name such as 'a:b.mp4' from being taken for a network address.
        container = av.open(f"file:{path}", hwaccel=accel, **_LENIENT)
    except RuntimeError as error:
        raise ClipError(f"Expected {path} to be decodable with the chosen hwaccel, but {error}.") from error
    except (av.FFmpegError, OSError) as error:
        raise fault(path, error) from error
    if container.format.name in TEXT:
        container.close()
        raise Unreadable(f"Expected {path} to be a film or a picture, but it holds text.")
    # A cover picture counts as a video stream in the container.
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        kinds = ", ".join(sorted({s.type for s in container.streams})) or "nothing"
        container.close()
        raise Unreadable(f"Expected {path} to hold video, but it holds {kinds}.")
    stream = streams[0]
    if stream.codec_context is None:
        container.close()
        raise Unreadable(f"Expected {path} to hold video that can be decoded, but no decoder here knows its codec.")
    count = 1 if threads == "auto" else int(threads)
    stream.codec_context.thread_type = "SLICE" if count == 1 else "AUTO"
    stream.codec_context.thread_count = count
    return container, stream


def check(path: Path) -> None:
    """Raise ``ClipError`` for a file that is missing or empty, without opening it with PyAV."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise fault(path, error) from error
    if size == 0:
        raise Unreadable(f"Expected {path} to be a film or a picture, but it is empty (0 bytes).")


def fault(path: Path, error: Exception) -> ClipError:
    """Return the error for a file that cannot be opened: ``Unreadable`` if the file is at fault, not the machine."""
    return blame(error)(explain(path, error))


def explain(path: Path, error: Exception) -> str:
    """Say in one sentence why ``path`` cannot be opened."""
    wanted = f"Expected {path} to be a film or a picture"
    if isinstance(error, FileNotFoundError):
        return f"{wanted}, but there is no such file."
    if isinstance(error, PermissionError):
        return f"{wanted}, but reading it is not permitted."
    if isinstance(error, av.InvalidDataError):
        if _starts_like_mp4(path):
            return f"{wanted}, but its index (moov) is missing or damaged, as when a recording was cut short."
        return f"{wanted}, but its content is in no format that can be read."
    return f"{wanted}, but it cannot be opened: {getattr(error, 'strerror', None) or error}."


def _starts_like_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[4:8] in (b"ftyp", b"mdat", b"wide", b"free", b"moov")
