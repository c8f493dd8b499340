"""Standard streams that may be closed, full, or read by a program that goes away."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast


class Output:
    """A stream that a program can go on writing to: after the first error, which is kept, nothing is written.

    What a signal's handler writes while the stream is being written to is written afterwards: Python would refuse it.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.error: OSError | None = None
        self._users: set[int] = set()
        self._later: list[str] = []

    def write(self, text: str) -> int:
        """Write ``text`` where that is possible."""
        if threading.get_ident() in self._users:
            self._later.append(text)
        else:
            self._do(self._stream.write, text)
        return len(text)

    def flush(self) -> None:
        """Flush what was written, where that is possible."""
        if threading.get_ident() not in self._users:
            self._do(self._stream.flush)

    def _do(self, act: Callable[..., Any], *arguments: str) -> None:
        if self.error is not None:
            return
        self._users.add(me := threading.get_ident())
        try:
            act(*arguments)
        except OSError as error:
            self._give_up(error)
        finally:
            self._users.discard(me)
        if self._later:
            held, self._later = "".join(self._later), []
            self.write(held)
            self.flush()

    def _give_up(self, error: OSError) -> None:
        """Send what is still in the buffer nowhere: the interpreter would fail once more as it flushes it."""
        self.error = error
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        """Return everything else from the stream itself."""
        return getattr(self._stream, name)


@contextmanager
def guarded() -> Iterator[Output]:
    """Put streams that bear errors in place of the standard ones inside the block; yield that of the output.

    A stream that is closed is opened to nowhere: the next file would get its number, and what a library prints.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    _open_closed()
    out, err = Output(sys.stdout), Output(sys.stderr)
    for stream in (out, err):
        # A name that the terminal's encoding lacks is shown escaped; it must not end a run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = cast(Any, out), cast(Any, err)
    try:
        yield out
    finally:
        out.flush()
        err.flush()
        sys.stdin, sys.stdout, sys.stderr = before


def _open_closed() -> None:
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one; workers inherit it.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
