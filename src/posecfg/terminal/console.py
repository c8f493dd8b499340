"""The console that everything is printed on."""

from __future__ import annotations

from rich.console import Console


def literal(width: int | None = None) -> Console:
    """Return a console that prints names and reasons as they are: brackets and colons in them mean nothing."""
    return Console(width=width, highlight=False, markup=False, emoji=False)
