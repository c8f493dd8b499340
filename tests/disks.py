"""A disk that fails to read parts of a file, put in the place of the one that films are read from."""

from __future__ import annotations

import errno
import os
from io import FileIO

# Each is the machine's, however it is spelled.
ERRNOS = (errno.EIO, errno.ESTALE, errno.ENOMEM, errno.ETIMEDOUT, errno.EAGAIN)


class BadDisk:
    """Reading bytes from ``begin`` on of a file whose path holds ``name`` fails with ``error``."""

    def __init__(self, name: str, begin: int, error: int | MemoryError) -> None:
        self.name, self.begin, self.error = name, begin, error
        self.hits = 0

    def install(self, monkeypatch) -> BadDisk:
        disk = self

        class Bad(FileIO):
            def read(self, size=-1):
                if disk.name in os.fspath(self.name) and self.tell() + size > disk.begin:
                    disk.hits += 1
                    if disk.error == errno.EAGAIN:
                        return None  # what Python makes of it
                    raise disk.error if isinstance(disk.error, Exception) else OSError(disk.error, "the disk broke")
                return super().read(size)

        monkeypatch.setattr("posecfg.video.source.FileIO", Bad)
        return self
