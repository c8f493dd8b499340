"""An open file as the muxer needs it."""

from __future__ import annotations

from typing import Any, BinaryIO


class Sink:
    """Passes on what is written to a stream of somebody else, which the muxer cannot close.

    Once it is ``dead``, it swallows everything.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.dead = False
        self._stream = stream

    def write(self, data: bytes) -> int:
        """Write ``data`` where the stream stands."""
        return len(data) if self.dead else self._stream.write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move in the stream."""
        return 0 if self.dead else self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return where the stream stands."""
        return 0 if self.dead else self._stream.tell()

    def reopen(self, url: str, flags: int, options: dict[str, Any]) -> Back:
        """Return a second, reading view of the stream: with it the muxer moves its index to the front."""
        if self.dead:
            raise OSError("this film was given up")
        return Back(self._stream)


class Back:
    """Reads a stream from its beginning while another goes on writing it."""

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
        """Move this view; from its beginning or from where it stands."""
        self._at = offset + (self._at if whence == 1 else 0)
        return self._at

    def tell(self) -> int:
        """Return where this view stands."""
        return self._at
