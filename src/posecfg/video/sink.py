"""Wrap an open file for the muxer."""

from __future__ import annotations

from typing import Any, BinaryIO


class Sink:
    """Wrapper around a stream that the caller owns: the muxer can write to it, but not close it.

    Once it is ``dead``, everything that is written is discarded.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.dead = False
        self._stream = stream

    def write(self, data: bytes) -> int:
        """Write ``data`` at the stream's position."""
        return len(data) if self.dead else self._stream.write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the stream's position."""
        return 0 if self.dead else self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the stream's position."""
        return 0 if self.dead else self._stream.tell()

    def reopen(self, url: str, flags: int, options: dict[str, Any]) -> Back:
        """Return a second view of the stream, for reading: the muxer uses it to move its index to the front."""
        if self.dead:
            raise OSError("this film was given up")
        return Back(self._stream)


class Back:
    """View for reading a stream from its beginning while it is written at its end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        stand = self._stream.tell()
        self._stream.seek(self._at)
        data = self._stream.read(size)
        self._stream.seek(stand)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the position of this view, relative to the beginning or to the current position."""
        self._at = offset + (self._at if whence == 1 else 0)
        return self._at

    def tell(self) -> int:
        """Return the position of this view."""
        return self._at
