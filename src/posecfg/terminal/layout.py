"""Lay text out for the width of the terminal, without imports that take time."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Sequence

NARROWEST, USUAL, WIDEST = 40, 110, 110
STACKED = 70
"""Below this width, what a row tells stands under its name."""


def columns() -> int:
    """Return how wide text is laid out: as the terminal, within what can be read."""
    text = os.environ.get("COLUMNS", "")
    if text.isdecimal() and int(text):
        width = int(text)
    else:
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns or USUAL
        except (OSError, ValueError, AttributeError):
            width = USUAL
    return max(NARROWEST, min(width, WIDEST))


def wrapped(text: str, width: int, indent: int = 0) -> str:
    """Return a paragraph of lines that end with a line break; words are never cut."""
    blank = " " * indent
    lines = textwrap.wrap(text, max(width - indent, 20), break_long_words=False, break_on_hyphens=False)
    return "".join(f"{blank}{line}\n" for line in lines)


def command(text: str, width: int, indent: int = 0) -> str:
    """Return a command that a shell takes as it is shown, on several lines where it is long."""
    blank = " " * indent
    lines = textwrap.wrap(
        text,
        max(width - 2, 20),
        initial_indent=blank,
        subsequent_indent=f"{blank}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return " \\\n".join(lines) + "\n"


def table(rows: Sequence[tuple[str, str]], width: int, indent: int = 2) -> str:
    """Return names and what they tell, side by side, or below each other where it is narrow."""
    return "".join(_rows(rows, width, indent)) if rows else ""


def _rows(rows: Sequence[tuple[str, str]], width: int, indent: int) -> Iterator[str]:
    blank = " " * indent
    longest = max(len(name) for name, _ in rows)
    if width < STACKED and longest + indent + 2 > width // 3:
        for name, text in rows:
            yield f"{blank}{strong(name)}\n{wrapped(text, width, indent + 2)}"
        return
    first = min(longest, width * 9 // 20) + 2
    for name, text in rows:
        lines = textwrap.wrap(text, width - first - indent, break_long_words=False, break_on_hyphens=False)
        if len(name) > first - 2:
            yield f"{blank}{strong(name)}\n"
        else:
            yield f"{blank}{strong(name)}{' ' * (first - len(name))}{lines.pop(0) if lines else ''}".rstrip() + "\n"
        yield from (f"{blank}{' ' * first}{line}\n" for line in lines)


def strong(text: str) -> str:
    """Return text in bold where a terminal shows it."""
    return f"\x1b[1m{text}\x1b[0m" if _is_styled() else text


def faint(text: str) -> str:
    """Return text that stands back where a terminal shows it."""
    return f"\x1b[2m{text}\x1b[0m" if _is_styled() else text


def _is_styled() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return not plain and sys.stdout.isatty()
