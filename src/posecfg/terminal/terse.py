"""Show of a run what needs a look, and how it ended: warnings, failures and the closing line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event, Finished
from posecfg.runs.pace import Pace
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.terminal.closing import verdict
from posecfg.terminal.console import in_sight, say, say_in_sight
from posecfg.terminal.progress import line_of
from posecfg.text import printable
from posecfg.types import Excluded


class Terse:
    """Display of a quiet run, on a terminal and elsewhere; ``prefix`` begins each line of a job beside others."""

    def __init__(self, console: Console, prefix: str = "") -> None:
        self.console, self.prefix = console, prefix
        self.pace = Pace()

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Say nothing."""
        self.pace = Pace(found.work)

    def event(self, event: Event) -> None:
        """Print one line when a clip has failed, or is done with a warning."""
        self.pace.event(event)
        if isinstance(event, Finished) and (event.outcome.row.status == "failed" or event.outcome.row.warnings):
            self.say(line_of(event.outcome))

    def say(self, text: str) -> None:
        """Print one line as it is."""
        say(self.console, Text(printable(f"{self.prefix}{text}")))

    def detail(self, text: str) -> None:
        """Say nothing."""

    def stopping(self) -> None:
        """Say that the clips in work are finished first."""
        self.console = say_in_sight(self.console, Text(f"{self.prefix}{self.pace.stopping()}"))

    def end(self, report: Report) -> None:
        """Print the closing line; that of a job beside others is its sweep's."""
        if self.prefix:
            return
        if report.stopped:
            self.console = in_sight(self.console)
        say(self.console, verdict(report))
