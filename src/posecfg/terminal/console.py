"""Make the console that all output is printed to."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from rich.console import Console

WIDE, USUAL, NARROW = 160, 80, 10


def literal(width: int | None = None) -> Console:
    """Return a console that prints names and reasons literally, without markup, emoji and highlighting.

    Into a file or a pipe lines may be wide, so that tables do not lose words.
    """
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    if width is None and not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    if console.width < NARROW:
        console.width = USUAL  # COLUMNS=0 is no width
    return console


def in_sight(console: Console) -> Console:
    """Return ``console``, or one for the standard error where its reader is gone: Ctrl-C ends ``tee`` as well."""
    with suppress(OSError, ValueError):
        console.file.flush()
    if not isinstance(getattr(console.file, "error", None), BrokenPipeError):
        return console
    other = literal(console.width)
    other.file = sys.stderr
    return other
