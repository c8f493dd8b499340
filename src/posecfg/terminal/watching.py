"""Show runs while they are watched: a display that is drawn anew on a terminal, a line a change elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from posecfg.review.watching import WORKS, Folder
from posecfg.terminal.console import literal, say
from posecfg.terminal.redrawing import can_redraw
from posecfg.terminal.watched import brief, drawn
from posecfg.text import printable

Show = Callable[[Sequence[Folder]], None]


def show(folders: Sequence[Folder]) -> None:
    """Print what is seen of runs."""
    console = literal()
    console.print(drawn(folders, console.width))


@contextmanager
def showing(quiet: bool = False, below: str = "") -> Iterator[Show]:
    """Yield what shows runs each time that they were looked at; the text ``below`` stays in sight on a terminal."""
    console = literal()
    if quiet:
        yield lambda folders: None
    elif can_redraw(console.file):
        with Live(console=console, auto_refresh=True, refresh_per_second=8, transient=True) as live:
            yield lambda folders: live.update(_with(drawn(folders, console.width, moves=True), below))
    else:
        yield _Lines(console).show


def _with(picture: RenderableType, below: str) -> RenderableType:
    return Group(picture, Text(printable(below), "dim")) if below else picture


class _Lines:
    """Print a line for a folder when something changed there: not more than one a moment."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, object] = {}

    def show(self, folders: Sequence[Folder]) -> None:
        """Print what is new."""
        for folder in folders:
            jobs = [job.text for job in folder.submitted]
            # A run that has ended waits for nothing any more.
            waits = [text for one in folder.runs if one.verdict == WORKS for text in one.state.waiting]
            far = folder.verdict, folder.clips, jobs, waits, [one.state.stop for one in folder.runs]
            if self._told.get(str(folder.root)) == far:
                continue
            self._told[str(folder.root)] = far
            word, _, text = brief(folder)
            said = "; ".join([f"{time.strftime('%H:%M:%S')} {folder.root}: {word}, {text}", *waits])
            say(self._console, Text(printable(said)))
