"""Draw how far a run is: a line over all clips, and one for each clip in work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from posecfg.runs.pace import Flight
from posecfg.text import printable, seconds, shortened

SHOWN = 8
# Columns of a bar, at most and at least; a clip's own is left out where there is no room for it.
WIDEST, LEAST = 40, 8
NAME, PLACE = 60, 24
# Columns that stay free: a terminal shows ^C behind the last line, which must not wrap it.
FREE = 3


@dataclass(frozen=True)
class Far:
    """How far a run is: ``finished`` of ``total`` clips, ``share`` with those in work, frames a second, and seconds.

    A bar that is ``unknown`` moves: nothing tells how far a single clip is.
    """

    total: int
    finished: int
    share: float
    rate: float
    spent: float
    left: float | None
    unknown: bool = False


def over_all(first: RenderableType, far: Far, width: int) -> Table:
    """Draw the line over all clips; where it is too long, words are left out before the bar gets short."""
    words = [
        Text(f"{far.rate:.0f} frames/s", style="cyan"),
        Text(f"{seconds(far.spent)} gone", style="dim"),
        Text("" if far.left is None else f"about {seconds(far.left)} left", style="dim"),
    ]
    clips = Text(f"{far.finished:,}/{far.total:,} clips", style="bold")
    for needless in (1, 0, 0):
        if _room(width, clips, *words) >= LEAST:
            break
        del words[needless]
    bar = max(LEAST, min(WIDEST, _room(width, clips, *words)))
    return _line(first, clips, _bar(far.total, far.share, bar, far.unknown), *words)


def _room(width: int, *words: Text) -> int:
    """Return the columns that are left beside what moves, and ``words``."""
    return width - FREE - 2 - sum(len(word) + 1 for word in words)


def each(
    flights: Sequence[tuple[str, Flight]], width: int, bars: bool = True, moves: bool = True
) -> list[RenderableType]:
    """Draw a line for each clip in work, their columns below each other; where it is worked on comes last.

    In a picture that does not move, the bar of a clip of unknown length is empty.
    """
    counts = [flight.told for _, flight in flights]
    number = max(map(len, counts), default=0)
    names, places = [printable(name) for name, _ in flights], [shortened(one.where, PLACE) for _, one in flights]
    longest_place = max(map(len, places), default=0)
    room = width - FREE - 4 - number
    if longest_place and room - longest_place - 1 < 2 * LEAST:
        longest_place = 0
    room -= longest_place + bool(longest_place)
    longest = max(1, min(NAME, room, max(map(len, names), default=0)))
    bar = min(WIDEST, room - longest - 1) if bars else 0
    if 0 < bar < LEAST:
        bar, longest = (LEAST, room - LEAST - 1) if room - LEAST - 1 >= 2 * LEAST else (0, longest)
    rows: list[RenderableType] = []
    for (name, flight), text, where in zip(flights, counts, places, strict=True):
        parts: list[RenderableType] = [Text(" "), Text(f"{shortened(name, longest):{longest}}")]
        parts += [_of(flight, bar, moves)] if bar else []
        parts += [Text(f"{text:>{number}}"), *([Text(where)] if longest_place else [])]
        rows.append(_line(*parts))
    return rows


def waiting(text: str, width: int) -> list[RenderableType]:
    """Draw the line of what is waited for, none where that is nothing."""
    return [Text(shortened(f"  {text}", width - FREE), "yellow")] if text else []


def _of(flight: Flight, width: int, moves: bool) -> ProgressBar:
    if flight.of is None and not moves:
        return _bar(1.0, 0.0, width, unknown=False)
    return _bar(flight.of, flight.frames, width, flight.of is None)


def _bar(total: float | None, completed: float, width: int, unknown: bool) -> ProgressBar:
    """Draw how far something is; a bar that moves says that this is ``unknown``."""
    return ProgressBar(
        total, completed, width, unknown, complete_style="cyan", finished_style="green", pulse_style="cyan"
    )


def _line(*parts: RenderableType) -> Table:
    table = Table.grid(padding=(0, 1))
    for _ in parts:
        table.add_column(no_wrap=True)
    table.add_row(*parts, style="dim" if isinstance(parts[0], Text) else "")
    return table
