"""Read the bytes of a film for FFmpeg, and remember an error of the machine that it met."""

from __future__ import annotations

import errno
import os
from io import FileIO
from pathlib import Path
from types import TracebackType

# Bytes that FFmpeg asks for at a time. A larger piece costs as much to read, and is read in vain where a film's sound
# is stored far from its pictures.
PIECE = 1 << 16


class Source:
    """An open file that FFmpeg reads through PyAV; ``error`` is the first error that it met.

    Many demuxers take a read error for the end of the file, or for damage, and PyAV shows neither. So the file seems to
    end where reading failed, and who reads it asks ``error`` before believing in an end or in damage.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.error: OSError | MemoryError | None = None
        self._file = FileIO(path)

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, none at the end of the file or once reading failed."""
        if self.error is not None:
            return b""
        try:
            data = self._file.read(size)
            if data is None:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        except (OSError, MemoryError) as error:
            self.error = error
            return b""
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the position and return it, or a negative number where there is no such position."""
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            # A damaged film names places that cannot be; anything else is the machine's error.
            if error.errno != errno.EINVAL:
                self.error = self.error or error
            return -(error.errno or errno.EIO)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
