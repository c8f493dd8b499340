"""Fingerprints of inputs: a hash of the whole content for small files, of sampled blocks for large ones."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.errors import Unreadable, blame
from posecfg.store.clip_record import InputRecord
from posecfg.types import Clip
from posecfg.video.suffixes import IMAGES

WHOLE = 16 << 20
BLOCK = 1 << 16
BLOCKS = 128


@dataclass(frozen=True)
class Stamp:
    """Size and modification time (a number that stands for both in a folder), compared before any content is read."""

    size: int
    mtime_ns: int


def stamp(clip: Clip) -> Stamp | None:
    """Return the clip's stamp, or None where the file is gone; that of computed pixels follows from what they show."""
    if clip.scene is not None:
        return Stamp(0, int(content(clip)[:15], 16))
    try:
        found = os.stat(clip.path)
        if stat.S_ISDIR(found.st_mode):
            entries = [(path, os.stat(path)) for path in _pictures(clip.path)]
            told = repr([(path.name, seen.st_size, seen.st_mtime_ns) for path, seen in entries])
            return Stamp(
                sum(seen.st_size for _, seen in entries), int(hashlib.sha256(told.encode()).hexdigest()[:15], 16)
            )
    except OSError:
        return None
    return Stamp(found.st_size, found.st_mtime_ns)


def content(clip: Clip) -> str:
    """Return the SHA-256 of the clip's content, or of blocks of it."""
    if clip.scene is not None:
        return hashlib.sha256(repr(clip.scene).encode()).hexdigest()
    try:
        if clip.path.is_dir():
            sha = hashlib.sha256()
            for file in _pictures(clip.path):
                sha.update(os.fsencode(file.name) + b"\0" + bytes.fromhex(_file(file)))
            return sha.hexdigest()
        return _file(clip.path)
    except OSError as error:
        raise blame(error)(
            f"Expected a readable file at '{clip.path}', but it cannot be read ({error.strerror})."
        ) from error


def _pictures(folder: Path) -> list[Path]:
    """List the images of a folder that is a clip: other files beside them are no part of it."""
    shown = (p for p in folder.iterdir() if not p.name.startswith("."))
    return sorted(p for p in shown if p.suffix.lower().lstrip(".") in IMAGES and p.is_file())


def _file(path: Path) -> str:
    size = path.stat().st_size
    sha = hashlib.sha256(str(size).encode() + b"\0")
    with path.open("rb") as stream:
        if size <= WHOLE:
            while block := stream.read(1 << 20):
                sha.update(block)
        else:
            for i in range(BLOCKS):
                stream.seek((size - BLOCK) * i // (BLOCKS - 1))
                sha.update(stream.read(BLOCK))
    return sha.hexdigest()


def part(clip: Clip) -> dict[str, Any]:
    """Return the part of the file that the clip is, and how it is read: these may change while the file does not."""
    return {"start": clip.start, "end": clip.end, "independent": clip.independent, "counted": clip.counted or None}


def record(clip: Clip) -> InputRecord:
    """Return the fingerprint as a clip's record keeps it; the stamp is taken before the content is read."""
    seen = stamp(clip)
    if seen is None:
        raise Unreadable(f"Expected a file at '{clip.path}', but it is not there any more.")
    return InputRecord(seen.size, seen.mtime_ns, content(clip))
