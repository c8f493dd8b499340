"""Copy a stream to a file, hashed on its way and never longer than it should be."""

from __future__ import annotations

import hashlib
import os
from typing import IO

_CHUNK = 1 << 20


class Damaged(Exception):
    """What came is not what should have come, and will not be when it comes again."""


def written(source: IO[bytes], file: IO[bytes], most: int) -> tuple[int, str]:
    """Copy ``source`` to ``file``, onto the disk; return how many bytes they are, and their SHA-256."""
    sha256, count = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        count += len(chunk)
        if count > most:
            raise Damaged(f"expected at most {most} bytes, but more came")
        sha256.update(chunk)
        file.write(chunk)
    file.flush()
    os.fsync(file.fileno())
    return count, sha256.hexdigest()
