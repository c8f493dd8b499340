"""Make the console that all output is printed to."""

from __future__ import annotations

from rich.console import Console


def literal(width: int | None = None) -> Console:
    """Return a console that prints names and reasons literally, without markup, emoji and highlighting."""
    return Console(width=width, highlight=False, markup=False, emoji=False)
