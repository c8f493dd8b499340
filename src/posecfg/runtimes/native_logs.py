"""Keep what native libraries print of themselves off the standard error of somebody else's program."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

# Lines of absl and glog, and of TensorFlow Lite.
_NATIVE = re.compile(rb"[IWEF]\d{4} \d\d:\d\d:\d\d|(?:INFO|WARNING): |WARNING: All log messages before absl")
# Most bytes of other lines that are passed on in the end.
_MOST = 1 << 20


@contextmanager
def kept_off() -> Iterator[TextIO]:
    """Take log lines of native libraries off file descriptor 2 inside the block; yield a stream to where it leads.

    What Python prints to ``sys.stderr`` goes on to its place at once. Other lines, as of a library that says why it
    cannot go on, are passed on when the block ends.
    """
    try:
        sys.stderr.flush()
        place = os.dup(2)
    except (OSError, ValueError, AttributeError):
        yield sys.stderr
        return
    before = sys.stderr
    with (
        os.fdopen(place, "w", encoding="utf-8", errors="backslashreplace", buffering=1) as stream,
        tempfile.TemporaryFile() as aside,
    ):
        os.dup2(aside.fileno(), 2)
        if _number(before) == 2:
            sys.stderr = stream
        try:
            yield stream
        finally:
            if sys.stderr is stream:
                sys.stderr = before
            stream.flush()
            os.dup2(stream.fileno(), 2)
            aside.seek(0)
            os.write(2, b"".join(line for line in aside.read(_MOST).splitlines(True) if not _NATIVE.match(line)))


def _number(stream: object) -> int | None:
    """Return the file descriptor of a stream, None for one without, as in a notebook."""
    try:
        found: int = stream.fileno()  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None
    return found
