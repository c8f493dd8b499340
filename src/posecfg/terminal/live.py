"""Show a run on a terminal as it goes: a bar over all clips, one for each clip in work, and failures as they happen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event, Finished
from posecfg.pipeline.work import Outcome
from posecfg.runs.pace import Pace
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.terminal.bars import NAME, SHOWN, Far, each, over_all, waiting
from posecfg.terminal.closing import closing
from posecfg.terminal.progress import line_of, opening
from posecfg.text import printable, shortened
from posecfg.types import Excluded


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
        """Draw the bar, the clips in work, and what is waited for in one line, which is replaced as that changes."""
        flights, width = list(self.pace.flight.items()), self.console.width
        more = len(flights) - SHOWN
        rows = [self._all(), *each(flights[:SHOWN], width, self.pace.total > 1)]
        if more > 0:
            rows.append(Text(f"  and {more} more", "dim"))
        return Group(*rows, *waiting(self.pace.waits, width))

    def _all(self) -> Table:
        """Draw the line over all clips."""
        pace = self.pace
        # A bar moves where nothing tells how far a single clip is: its own is left out.
        unknown = pace.total == 1 and any(flight.of is None for flight in pace.flight.values())
        far = Far(pace.total, pace.finished, pace.share, pace.rate(), pace.spent, pace.left(), unknown)
        return over_all(self.spinner, far, self.console.width)


def _colored(outcome: Outcome) -> Text:
    row = outcome.row
    mark, style = {"failed": ("✗", "bold red"), "skipped": ("–", "yellow")}.get(row.status, ("!", "yellow"))
    reason = "; ".join(filter(None, [row.reason, *row.warnings]))
    return Text.assemble((f"{mark} ", style), (shortened(row.id, NAME), "bold"), f": {printable(reason)}")
