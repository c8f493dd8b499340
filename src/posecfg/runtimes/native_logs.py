"""Keep what native libraries print of themselves off the standard error of somebody else's program."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

# Lines of absl and glog, and of TensorFlow Lite.
_NATIVE = re.compile(rb"[IWEF]\d{4} \d\d:\d\d:\d\d|(?:INFO|WARNING): |WARNING: All log messages before absl")
# Most bytes of other lines that are passed on in the end.
_MOST = 1 << 20


_lock = threading.Lock()


@dataclass
class _Aside:
    """The standard error while it is turned aside: ``stream`` is where it led, ``file`` where it leads now."""

    held: ExitStack
    stream: TextIO
    file: BinaryIO
    before: TextIO
    users: int = 0

    @classmethod
    def begin(cls) -> _Aside | None:
        """Turn file descriptor 2 aside; None where there is no standard error."""
        before = sys.stderr
        try:
            before.flush()
            place = os.dup(2)
        except (OSError, ValueError, AttributeError):
            return None
        held, temporary = ExitStack(), tempfile.TemporaryFile
        file = cast(BinaryIO, held.enter_context(temporary()))
        stream = held.enter_context(os.fdopen(place, "w", encoding="utf-8", errors="backslashreplace", buffering=1))
        os.dup2(file.fileno(), 2)
        if _number(before) == 2:
            sys.stderr = stream
        return cls(held, stream, file, before)

    def end(self, passes_on: bool = True) -> None:
        """Put it back, and pass on what was no log line."""
        with self.held:
            if sys.stderr is self.stream:
                sys.stderr = self.before
            self.stream.flush()
            os.dup2(self.stream.fileno(), 2)
            if passes_on:
                os.write(2, b"".join(one for one in self._kept().splitlines(True) if not _NATIVE.match(one)))

    def lead(self, descriptor: int) -> None:
        """Write what was kept, and from now on what comes, to an open file."""
        os.write(descriptor, self._kept())
        os.dup2(descriptor, 2)

    def _kept(self) -> bytes:
        self.file.seek(0)
        return self.file.read(_MOST)


_aside: _Aside | None = None


@contextmanager
def kept_off() -> Iterator[TextIO]:
    """Take log lines of native libraries off file descriptor 2 inside the block; yield a stream to where it leads.

    What Python prints to ``sys.stderr`` goes on to its place at once. Other lines, as of a library that says why it
    cannot go on, are passed on when the block ends, or the last of the blocks that several threads are in.
    """
    global _aside
    with _lock:
        aside = _aside = _aside or _Aside.begin()
        if aside is not None:
            aside.users += 1
    if aside is None:
        yield sys.stderr
        return
    try:
        yield aside.stream
    finally:
        with _lock:
            aside.users -= 1
            if not aside.users:
                _aside = None
                aside.end()


@contextmanager
def kept_aside() -> Iterator[Callable[[int], None]]:
    """Keep all that is printed on file descriptor 2 inside the block, but not what Python prints to ``sys.stderr``.

    The function that is yielded writes it to an open file; without a call of that it is dropped.
    """
    aside = _Aside.begin()
    if aside is None:
        yield lambda descriptor: None
        return
    try:
        yield aside.lead
    finally:
        aside.end(passes_on=False)


def _number(stream: object) -> int | None:
    """Return the file descriptor of a stream, None for one without, as in a notebook."""
    try:
        found: int = stream.fileno()  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None
    return found
