"""Fingerprints of inputs: what the file system tells of a file, and a hash of its content, whole or of samples."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from posecfg.errors import ClipError, Unseen, blame
from posecfg.store.clip_record import EARLIER_WHOLE, UNKNOWN, InputRecord
from posecfg.types import Clip
from posecfg.video.suffixes import IMAGES

WHOLE = 256 << 20
"""Bytes of the largest file that is hashed whole when its clip is done; hashing more would cost what decoding does."""
BLOCK = 1 << 16
BLOCKS = 128


class Stamp(NamedTuple):
    """What the file system tells of a file without reading it; a folder's numbers stand for those of its images.

    A program can set the modification time, but not the change time. Both times and the inode change when a file is
    copied or replaced. Records of earlier versions have the first two numbers only.
    """

    size: int
    mtime_ns: int
    ctime_ns: int = UNKNOWN
    inode: int = UNKNOWN

    @classmethod
    def of(cls, seen: os.stat_result) -> Stamp:
        """Return the stamp in a status."""
        return cls(seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino)


def stamp(clip: Clip) -> Stamp | None:
    """Return the clip's stamp, or None where the file is gone or the system does not tell."""
    try:
        return _stamp(clip)
    except ClipError:
        return None


def _stamp(clip: Clip) -> Stamp | None:
    """Return the clip's stamp, or None where the file is gone; that of computed pixels follows from what they show."""
    if clip.scene is not None:
        return Stamp(0, int(whole(clip)[:15], 16), 0, 0)
    try:
        found = os.stat(clip.path)
        if stat.S_ISDIR(found.st_mode):
            entries = [(path, os.stat(path)) for path in _pictures(clip)]
            return Stamp(
                sum(seen.st_size for _, seen in entries),
                _number((path.name, seen.st_size, seen.st_mtime_ns) for path, seen in entries),
                _number((path.name, seen.st_ctime_ns, seen.st_ino) for path, seen in entries),
                found.st_ino,
            )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unread(clip, error) from error
    return Stamp.of(found)


def _number(told: Iterable[tuple[Any, ...]]) -> int:
    return int(hashlib.sha256(repr(list(told)).encode()).hexdigest()[:15], 16)


def whole(clip: Clip) -> str:
    """Return the SHA-256 of the clip's size and whole content."""
    return _content(clip, None)


def sampled(clip: Clip) -> str:
    """Return a hash of the clip's size and, above 16 MB a file, of 128 blocks of its content."""
    return _content(clip, EARLIER_WHOLE)


def _content(clip: Clip, bound: int | None) -> str:
    if clip.scene is not None:
        return hashlib.sha256(repr(clip.scene).encode()).hexdigest()
    try:
        if clip.path.is_dir():
            sha = hashlib.sha256()
            for file in _pictures(clip):
                sha.update(os.fsencode(file.name) + b"\0" + bytes.fromhex(_file(file, bound)))
            return sha.hexdigest()
        return _file(clip.path, bound)
    except OSError as error:
        raise _unread(clip, error) from error


def _unread(clip: Clip, error: OSError) -> ClipError:
    kind = Unseen if isinstance(error, FileNotFoundError | PermissionError) else blame(error)
    return kind(
        f"Expected a readable file at '{clip.path}', but it cannot be read ({error.strerror or error}): see that it "
        "may be read and that its disk or connection works, and type the same command again."
    )


def _pictures(clip: Clip) -> list[Path]:
    """List the images of a folder that is a clip, or those that it names: others beside them are no part of it."""
    if clip.pictures:
        return [clip.path / name for name in clip.pictures]
    shown = (p for p in clip.path.iterdir() if not p.name.startswith("."))
    return sorted(p for p in shown if p.suffix.lower().lstrip(".") in IMAGES and p.is_file())


def _file(path: Path, bound: int | None) -> str:
    """Return the hash of a file; clips that are parts of one film have it read once a process."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        # A pipe may never be written to, and a device may have no end.
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    seen = Stamp.of(found)
    return _hashed(path, seen, bound is None or seen.size <= bound)


@lru_cache(maxsize=4096)
def _hashed(path: Path, seen: Stamp, is_whole: bool) -> str:
    sha = hashlib.sha256(str(seen.size).encode() + b"\0")
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
        if is_whole:
            while block := stream.read(1 << 20):
                sha.update(block)
        else:
            for i in range(BLOCKS):
                stream.seek((seen.size - BLOCK) * i // (BLOCKS - 1))
                sha.update(stream.read(BLOCK))
    return sha.hexdigest()


def part(clip: Clip) -> dict[str, Any]:
    """Return the part of the file that the clip is, and how it is read: these may change while the file does not.

    ``said`` stands for what the data set says of it, such as a sentence; earlier versions did not record it. ``listed``
    is how many pictures the clip names, which notes hold by name.
    """
    found: dict[str, Any] = {"start": clip.start, "end": clip.end}
    found |= {"independent": clip.independent, "counted": clip.counted or None}
    if clip.pictures:
        found["listed"] = len(clip.pictures)
    if clip.meta:
        told = sorted((str(key), str(value)) for key, value in clip.meta.items())
        found["said"] = hashlib.sha256(repr(told).encode(errors="surrogatepass")).hexdigest()[:16]
    return found


def record(clip: Clip) -> InputRecord:
    """Return the fingerprint as a clip's record keeps it; the stamp is taken before the content is read."""
    seen = _stamp(clip)
    if seen is None:
        raise Unseen(f"Expected a file at '{clip.path}', but it is not there any more.")
    is_whole = clip.scene is not None or _largest(clip) <= WHOLE
    return InputRecord(
        *seen[:2],
        sha256=whole(clip) if is_whole else "",
        sampled="" if is_whole else sampled(clip),
        ctime_ns=seen.ctime_ns,
        inode=seen.inode,
        path="" if clip.scene is not None else os.path.abspath(clip.path),
    )


def _largest(clip: Clip) -> int:
    try:
        files = _pictures(clip) if clip.path.is_dir() else [clip.path]
        return max((os.stat(file).st_size for file in files), default=0)
    except OSError:
        return 0  # reading it says what is wrong


def is_same(clip: Clip, known: InputRecord) -> bool:
    """Tell whether the clip's content is the recorded one, whole where the record has a hash of the whole."""
    seen = _stamp(clip)
    if seen is None or seen.size != known.bytes:
        return False
    return whole(clip) == known.sha256 if known.sha256 else sampled(clip) == known.sampled


def is_content(clip: Clip, told: str) -> bool:
    """Tell whether ``told`` is the fingerprint of the clip's content as this version or an earlier one computed it."""
    return told in (record(clip).content, sampled(clip))


def refuse_change(clip: Clip, known: InputRecord) -> None:
    """Refuse a clip whose content is not, or may not be, what it was when ``known`` was taken, before it was read."""
    seen = _stamp(clip)
    if seen == stamp_of(known) or (known.sha256 and is_same(clip, known)):
        return
    raise ClipError(f"'{clip.path}' was changed while it was read: type the same command again.")


def stamp_of(known: InputRecord) -> Stamp:
    """Return the stamp in a record."""
    return Stamp(known.bytes, known.mtime_ns, known.ctime_ns, known.inode)
