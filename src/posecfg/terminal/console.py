"""Make the console that all output is printed to."""

from __future__ import annotations

import os
import re
import select
import stat
import sys
from contextlib import suppress
from typing import IO, Any, cast

from rich.console import Console
from rich.text import Text

from posecfg.terminal.redrawing import is_terminal

WIDE, USUAL, NARROW = 160, 80, 10
# Seconds in which Ctrl-C ends the other programs of a pipe.
MOMENT = 0.3


class _Trimmed:
    """Standard output without blanks at the ends of lines: they would make empty lines where ``tee`` shows a table."""

    def write(self, text: str) -> int:
        """Write ``text``; tables pad each line to the width of the longest."""
        sys.stdout.write(re.sub(" +\n", "\n", text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        """Return everything else from the stream itself."""
        return getattr(sys.stdout, name)


def literal(width: int | None = None, stderr: bool = False) -> Console:
    """Return a console that prints names and reasons literally, without markup, emoji and highlighting.

    Into a file or a pipe lines may be wide, so that tables do not lose words.
    """
    console = Console(width=width, highlight=False, markup=False, emoji=False, stderr=stderr)
    if width is None and not is_terminal(console.file) and "COLUMNS" not in os.environ:
        console.width = WIDE
    if console.width < NARROW:
        console.width = USUAL  # COLUMNS=0 is no width
    if not stderr and not is_terminal(console.file):
        console.file = cast(IO[str], _Trimmed())
    return console


def say(console: Console, text: Text) -> None:
    """Print a paragraph: on a terminal its lines end between words, elsewhere it is one line."""
    console.print(text, soft_wrap=not is_terminal(console.file))


def say_in_sight(console: Console, text: Text) -> Console:
    """Print a line on Ctrl-C, again on the standard error where it ended the reader; return the console to use now."""
    say(console, text)
    if (other := in_sight(console, MOMENT)) is not console:
        say(other, text)
    elif _is_file(console) and is_terminal(sys.stderr):
        say(literal(stderr=True), text)
    return other


def in_sight(console: Console, seconds: float = 0.0) -> Console:
    """Return ``console``, or one for the standard error where its reader is gone: Ctrl-C ends ``tee`` as well.

    ``seconds`` are waited at most for a reader of a pipe to end.
    """
    with suppress(OSError, ValueError):
        console.file.flush()
    if not isinstance(getattr(console.file, "error", None), BrokenPipeError) and not _unread(console, seconds):
        return console
    return literal(stderr=True)


def _is_file(console: Console) -> bool:
    """Tell whether the output is kept in a file, at which the user does not look now."""
    with suppress(OSError, ValueError, AttributeError):
        return stat.S_ISREG(os.fstat(console.file.fileno()).st_mode)
    return False


def _unread(console: Console, seconds: float) -> bool:
    """Tell whether the output is a pipe that no program reads any more."""
    with suppress(OSError, ValueError, AttributeError):
        number = console.file.fileno()
        if stat.S_ISFIFO(os.fstat(number).st_mode):
            poll = select.poll()
            poll.register(number, 0)
            return bool(poll.poll(seconds * 1000))
    return False
