"""Make the console that all output is printed to."""

from __future__ import annotations

import os

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
