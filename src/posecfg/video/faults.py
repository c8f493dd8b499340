"""Turn errors of PyAV and of the machine into sentences for the user: the one place where a reason is made of them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from posecfg.errors import ClipError, Unreadable, blame, is_of_machine


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what PyAV and the machine report as ``ClipError``: ``Unreadable`` if the film ``path`` is at fault."""
    try:
        yield
    except (av.FFmpegError, OSError, MemoryError) as error:
        raise fault(path, error) from error


def fault(path: Path, error: Exception, on_device: bool = False) -> ClipError:
    """Return the error for a file that cannot be read: ``Unreadable`` if the file is at fault, not the machine.

    Of FFmpeg's errors only the lack of memory is the machine's: ``Source`` keeps those of the disk from it, so that its
    others stand for data that it cannot follow. ``on_device`` says that a graphics device decodes, whose errors they
    may be too.
    """
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return ClipError(
            f"Expected memory to decode {path}, but there was none left: run fewer clips at a time (workers=1), or "
            "close other programs, and type the same command again; where that never helps, the video is damaged and "
            "asks for too much."
        )
    if on_device and may_be_of_device(error) and not _is_list(path):
        return ClipError(
            f"Expected the device of video.hwaccel to decode {path}, but it failed ({' '.join(str(error).split())}): "
            "type the same command again, or add video.hwaccel=cpu to decode without it."
        )
    cause = Unreadable if isinstance(error, av.FFmpegError) else blame(error)
    return cause(explain(path, error))


def may_be_of_device(error: Exception) -> bool:
    """Tell whether a graphics device that decodes may have met an error of FFmpeg's: all but damage and the end are."""
    return isinstance(error, av.FFmpegError) and not isinstance(error, av.InvalidDataError | av.EOFError)


def missing(path: Path, error: OSError) -> ClipError:
    """Return the error for a file of a folder that was listed and cannot be opened: no content is at fault."""
    if is_of_machine(error):
        return unread(path, error)
    return ClipError(
        f"Expected to open {path}, which its folder lists, but the system refused ({error.strerror or error}): see "
        "that the folder is where it was and the file may be read, and type the same command again."
    )


def unread(path: Path, error: OSError | MemoryError) -> ClipError:
    """Return the error for a file in which reading failed: never the film's fault."""
    if isinstance(error, MemoryError) or error.errno == errno.ENOMEM:
        return fault(path, error)
    return ClipError(
        f"Expected to read all of {path}, but the machine could not ({error.strerror or error}): look at the disk or "
        "the connection, and type the same command again."
    )


def explain(path: Path, error: Exception) -> str:
    """Say in one sentence why ``path`` cannot be opened."""
    wanted = f"Expected {path} to be a film or a picture"
    if _is_list(path):
        return f"{wanted}, but it is a list of other files: give these instead."
    if isinstance(error, av.InvalidDataError):
        if _starts_like_mp4(path):
            return f"{wanted}, but its index (moov) is missing or damaged, as when a recording was cut short."
        return f"{wanted}, but its content is in no format that can be read."
    if isinstance(error, av.EOFError):
        return f"{wanted}, but it ends before a picture of it can be decoded."
    if isinstance(error, av.FFmpegError):
        return f"{wanted}, but its content is damaged, or of a kind that cannot be decoded here."
    if isinstance(error, FileNotFoundError):
        return f"{wanted}, but there is no such file."
    if isinstance(error, PermissionError):
        return f"{wanted}, but reading it is not permitted."
    return f"{wanted}, but it cannot be opened: {getattr(error, 'strerror', None) or error}."


def _is_list(path: Path) -> bool:
    """Tell whether a file is a playlist of HLS, DASH or FFmpeg."""
    try:
        with path.open("rb") as file:
            head = file.read(400).lstrip()
    except OSError:
        return False
    return head.startswith((b"#EXTM3U", b"ffconcat version")) or (head.startswith(b"<") and b"<MPD" in head)


def _starts_like_mp4(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(12)[4:8] in (b"ftyp", b"mdat", b"wide", b"free", b"moov")
    except OSError:
        return False
