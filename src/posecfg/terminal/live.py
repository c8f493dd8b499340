"""Show a run on a terminal as it goes: a bar over all clips, one for each clip in work, and failures as they happen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event, Finished
from posecfg.pipeline.work import Outcome
from posecfg.runs.pace import Flight, Pace
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.terminal.closing import closing
from posecfg.terminal.progress import line_of, opening
from posecfg.text import printable, seconds, shortened
from posecfg.types import Excluded

SHOWN = 8
# Columns of a bar, at most and at least; a clip's own is left out where there is no room for it.
WIDEST, LEAST = 40, 8
NAME = 60
# Columns that stay free: a terminal shows ^C behind the last line, which must not wrap it.
FREE = 3


class Lively:
    """Live display: a bar over all clips, the clips in work, and failures as they happen.

    With ``verbose`` the configuration comes first, and every clip has a line.
    """

    def __init__(self, console: Console, verbose: bool = False) -> None:
        self.console, self.verbose = console, verbose
        self.pace = Pace()
        self.spinner = Spinner("dots", style="cyan")
        self.live: Live | None = None
        self.told = 0

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Print the opening lines and start the display."""
        self.pace = Pace(found.work)
        for line in opening(job, report, found, excluded, self.verbose):
            self.say(line)
        if found.work:
            self.live = Live(get_renderable=self.render, console=self.console, refresh_per_second=8, transient=True)
            self.live.start()

    def event(self, event: Event) -> None:
        """Update the clips in work; print failures at once."""
        self.pace.event(event)
        if isinstance(event, Finished):
            row = event.outcome.row
            if row.status != "done" or row.reason or row.warnings:
                self.console.print(_colored(event.outcome))
                self.told += 1
            elif self.verbose:
                self.say(f"[{self.pace.finished}/{self.pace.total}] {line_of(event.outcome)}")
                self.told += 1

    def say(self, text: str) -> None:
        """Print one line above the display."""
        self.console.print(Text(printable(text)))

    def detail(self, text: str) -> None:
        """Print one line that a quiet run leaves out."""
        self.say(text)

    def stopping(self) -> None:
        """Say that the clips in work are finished first."""
        self.say(self.pace.stopping())

    def end(self, report: Report) -> None:
        """Remove the display and print the closing table."""
        if self.live is not None:
            self.live.stop()
        self.console.print(closing(report, self.console.width, self.told))

    def render(self) -> Group:
        """Draw the bar and the clips in work."""
        flights = list(self.pace.flight.items())
        more = len(flights) - SHOWN
        rows = [self._all(), *self._each(flights[:SHOWN])]
        if more > 0:
            rows.append(Text(f"  and {more} more", "dim"))
        return Group(*rows, *self._waiting())

    def _waiting(self) -> list[RenderableType]:
        """Draw the line of what is waited for, which is replaced as that changes."""
        if not (text := self.pace.waits):
            return []
        return [Text(shortened(f"  {text}", self.console.width - FREE), "yellow")]

    def _all(self) -> RenderableType:
        """Draw the line over all clips; where it is too long, words are left out before the bar gets short."""
        pace, left = self.pace, self.pace.left()
        words = [
            Text(f"{pace.rate():.0f} frames/s", style="cyan"),
            Text(f"{seconds(pace.spent)} gone", style="dim"),
            Text("" if left is None else f"about {seconds(left)} left", style="dim"),
        ]
        clips = Text(f"{pace.finished:,}/{pace.total:,} clips", style="bold")
        for needless in (1, 0, 0):
            if self._room(clips, *words) >= LEAST:
                break
            del words[needless]
        width = max(LEAST, min(WIDEST, self._room(clips, *words)))
        # A bar moves where nothing tells how far a single clip is: its own is left out.
        unknown = pace.total == 1 and any(flight.of is None for flight in pace.flight.values())
        return _line(self.spinner, clips, _bar(pace.total, pace.share, width, unknown), *words)

    def _room(self, *words: Text) -> int:
        """Return the columns that are left beside the spinner and ``words``."""
        return self.console.width - FREE - 2 - sum(len(word) + 1 for word in words)

    def _each(self, flights: Sequence[tuple[str, Flight]]) -> list[RenderableType]:
        """Draw a line for each clip in work, their columns below each other."""
        counts = [flight.told for _, flight in flights]
        width = max(map(len, counts), default=0)
        names = [printable(name) for name, _ in flights]
        room = self.console.width - FREE - 4 - width
        longest = max(1, min(NAME, room, max(map(len, names), default=0)))
        bar = min(WIDEST, room - longest - 1) if self.pace.total > 1 else 0
        if 0 < bar < LEAST:
            bar, longest = (LEAST, room - LEAST - 1) if room - LEAST - 1 >= 2 * LEAST else (0, longest)
        rows: list[RenderableType] = []
        for (name, flight), text in zip(flights, counts, strict=True):
            drawn = [_bar(flight.of, flight.frames, bar, flight.of is None)] if bar else []
            rows.append(
                _line(Text(" "), Text(f"{shortened(name, longest):{longest}}"), *drawn, Text(f"{text:>{width}}"))
            )
        return rows


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


def _colored(outcome: Outcome) -> Text:
    row = outcome.row
    mark, style = {"failed": ("✗", "bold red"), "skipped": ("–", "yellow")}.get(row.status, ("!", "yellow"))
    reason = "; ".join(filter(None, [row.reason, *row.warnings]))
    return Text.assemble((f"{mark} ", style), (shortened(row.id, NAME), "bold"), f": {printable(reason)}")
