"""Tell whether lines that were printed can be replaced, as a live display does."""

from __future__ import annotations

import os
from typing import IO

from posecfg.environment import NOTEBOOK

# Terminals that only take one line after another.
_PLAIN = ("dumb", "unknown")


def can_redraw(stream: IO[str]) -> bool:
    """Tell whether a live display works on a stream: not below a cell of a notebook, whose terminal never goes up."""
    return is_terminal(stream) and os.environ.get("TERM") not in _PLAIN and NOTEBOOK not in os.environ


def is_terminal(stream: IO[str]) -> bool:
    """Tell whether a stream is a terminal; rich says so too of a file, where FORCE_COLOR asks for colours."""
    try:
        return stream.isatty()
    except (OSError, ValueError):
        return False
