"""Give up a server that comes too slowly: it could keep us waiting by a byte now and then."""

from __future__ import annotations

import http.client
import io
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

SLOWEST = 10_000
"""Bytes a second that must come on average."""

# Lines without anything else between them: an answer has at most 100 headers, which may come after a line or two.
_LINES = 250


@dataclass(frozen=True)
class Patience:
    """Seconds in which an answer must begin with all of its headers, and those in which ``SLOWEST`` must be reached."""

    opening: float
    window: float


def handlers(patience: Patience) -> tuple[urllib.request.BaseHandler, ...]:
    """Return the handlers of http and https whose responses raise ``OSError`` when they come too slowly."""
    return _Http(patience), _Https(patience)


class _Watched(io.RawIOBase):
    """The bytes of a connection, watched where they come in: no layer above can wait for more without being seen."""

    def __init__(self, source: io.RawIOBase, patience: Patience) -> None:
        self._source, self._patience = source, patience
        self._since, self._count = time.monotonic(), 0
        self._is_open = False

    def opened(self) -> None:
        """Say that all headers have come: from now on the body is measured."""
        self._since, self._count, self._is_open = time.monotonic(), 0, True

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """Read what has come into ``buffer``."""
        length = self._source.readinto(buffer)
        self._count += length or 0
        passed = time.monotonic() - self._since
        if not self._is_open and passed >= self._patience.opening:
            raise OSError(f"sent no complete headers in {passed:.0f} s")
        if self._is_open and length and passed >= self._patience.window:
            if self._count < SLOWEST * passed:
                rate = f"{self._count / passed:,.0f} bytes a second"
                raise OSError(f"came too slowly: {rate} in {passed:.0f} s, but {SLOWEST:,} are expected")
            self._since, self._count = time.monotonic(), 0
        return int(length or 0)

    def close(self) -> None:
        """Close the connection's own stream too."""
        self._source.close()
        super().close()


class _Lines(io.BufferedReader):
    """The same bytes, of which ``http.client`` reads pieces and lines, as many as a server likes.

    A piece with a length below zero would be read without end, and so would the lines behind the last piece.
    """

    def __init__(self, watched: _Watched) -> None:
        super().__init__(watched)
        self._in_a_row = 0

    def read(self, length: int | None = -1, /) -> bytes:
        """Read ``length`` bytes; only what has an end is read."""
        return super().read(self._checked(length))

    def read1(self, length: int = -1, /) -> bytes:
        """Read what has come, at most ``length`` bytes."""
        return super().read1(self._checked(length))

    def _checked(self, length: int | None) -> int:
        if length is None or length < 0:
            raise OSError("sent a piece without a length")
        self._in_a_row = 0
        return length

    def readline(self, length: int | None = -1, /) -> bytes:
        """Read a line."""
        self._in_a_row += 1
        if self._in_a_row > _LINES:
            raise OSError(f"sent more than {_LINES} lines where none was expected")
        return super().readline(length)


class _Response(http.client.HTTPResponse):
    def __init__(self, patience: Patience, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._watched = _Watched(self.fp.detach(), patience)
        self.fp = _Lines(self._watched)

    def begin(self) -> None:
        """Read the headers."""
        super().begin()
        self._watched.opened()


class _Slow(urllib.request.AbstractHTTPHandler):
    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience

    def do_open(
        self, http_class: Callable[..., http.client.HTTPConnection], req: urllib.request.Request, **more: Any
    ) -> http.client.HTTPResponse:
        """Open a connection whose responses are watched."""

        def connection(*arguments: Any, **named: Any) -> http.client.HTTPConnection:
            made = http_class(*arguments, **named)
            made.response_class = partial(_Response, self._patience)  # type: ignore[assignment]
            return made

        return super().do_open(connection, req, **more)


class _Http(_Slow, urllib.request.HTTPHandler):
    pass


class _Https(_Slow, urllib.request.HTTPSHandler):
    pass
