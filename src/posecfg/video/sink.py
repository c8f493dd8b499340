"""Wrap an open file for the muxer."""

from __future__ import annotations

from collections.abc import Callable
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
        return len(data) if self.dead else self._stream_does(self._stream.write, data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the stream's position."""
        return 0 if self.dead else self._stream_does(self._stream.seek, offset, whence)

    def tell(self) -> int:
        """Return the stream's position."""
        return 0 if self.dead else self._stream_does(self._stream.tell)

    def read(self, at: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``at`` on; the stream's position stays."""
        if self.dead:
            return b""
        stand = self.tell()
        self.seek(at)
        data: bytes = self._stream_does(self._stream.read, size)
        self.seek(stand)
        return data

    def reopen(self, url: str, flags: int, options: dict[str, Any]) -> Back:
        """Return a second view of the stream, for reading: the muxer uses it to move its index to the front."""
        return Back(self)

    def _stream_does(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Raise the stream's first error only: PyAV keeps one, and prints all that follow."""
        try:
            return call(*arguments)
        except OSError:
            self.dead = True
            raise


class Back:
    """View for reading a stream from its beginning while it is written at its end."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._at = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        data = self._sink.read(self._at, size)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Change the position of this view, relative to the beginning or to the current position."""
        self._at = offset + (self._at if whence == 1 else 0)
        return self._at

    def tell(self) -> int:
        """Return the position of this view."""
        return self._at
