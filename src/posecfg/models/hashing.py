"""Copy a stream to a file while hashing it, with a limit on its length."""

from __future__ import annotations

import hashlib
import os
from typing import IO, Protocol

_CHUNK = 1 << 20


class Readable(Protocol):
    """What bytes are read from; fewer than asked for may come, and none at the end."""

    def read(self, length: int, /) -> bytes:
        """Return the next bytes."""


class Damaged(Exception):
    """The download is not the expected file, and trying again would not help."""


def written(source: Readable, file: IO[bytes], most: int) -> tuple[int, str]:
    """Copy ``source`` to ``file`` and sync it to disk; return the number of bytes and their SHA-256."""
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
