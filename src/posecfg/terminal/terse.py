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
    """Display of a quiet run, on a terminal and elsewhere; ``prefix`` begins each line of a job of a sweep.

    ``own`` are its own settings, for its closing line. Where it is not ``alone``, that line is its sweep's.
    """

    def __init__(self, console: Console, prefix: str = "", own: str = "", alone: bool = True) -> None:
        self.console, self.prefix, self.own, self.alone = console, prefix, own, alone
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
        if not self.alone:
            return
        if report.stopped:
            self.console = in_sight(self.console)
        own = f"{printable(self.own)}: " if self.own else ""
        say(self.console, Text.assemble(f"{self.prefix}{own}", verdict(report)))
