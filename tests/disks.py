"""A disk that fails to read parts of a file, put in the place of the one that films are read from."""

from __future__ import annotations

import errno
import os
from io import FileIO

# Each is the machine's, however it is spelled.
ERRNOS = (errno.EIO, errno.ESTALE, errno.ENOMEM, errno.ETIMEDOUT, errno.EAGAIN)

LOOKS = ("open", "lstat", "listdir")


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


class SickPlace:
    """Looking at paths that end in ``name`` fails with ``error``: opening them to read, their status, their entries."""

    def __init__(
        self, name: str, error: int = errno.EIO, calls: tuple[str, ...] = ("open", "lstat", "listdir")
    ) -> None:
        self.name, self.error, self.calls = name, error, calls
        self.hits = 0

    def install(self, monkeypatch) -> SickPlace:
        for name in self.calls:
            monkeypatch.setattr(os, name, self._failing(getattr(os, name)))
        return self

    def _failing(self, call):
        def failing(path, *values, **named):
            writes = values and isinstance(values[0], int) and values[0] & (os.O_WRONLY | os.O_CREAT)
            if isinstance(path, str | os.PathLike) and os.fspath(path).endswith(self.name) and not writes:
                self.hits += 1
                raise OSError(self.error, os.strerror(self.error), os.fspath(path))
            return call(path, *values, **named)

        return failing
