"""Show the progress of a run in plain lines, or not at all, as with ``--json``."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event, Finished, Placed
from posecfg.pipeline.work import Outcome
from posecfg.runs import placement
from posecfg.runs.pace import Pace
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.terminal.closing import closing
from posecfg.terminal.configuration import configuration
from posecfg.terminal.console import in_sight, say, say_in_sight
from posecfg.terminal.quarters import Quarters
from posecfg.terminal.text import briefly_left_out
from posecfg.text import count, printable
from posecfg.types import Excluded

NAMED = 5


class Quiet:
    """Display that prints nothing: the caller prints the report."""

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Say nothing."""

    def event(self, event: Event) -> None:
        """Say nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def detail(self, text: str) -> None:
        """Say as little of details."""
        self.say(text)

    def stopping(self) -> None:
        """Say nothing."""

    def end(self, report: Report) -> None:
        """Say nothing."""


class Plain:
    """Display with one line a finished clip, for logs and pipes; long ones are told of on the way.

    With ``verbose`` the configuration comes first; ``prefix`` stands before each line of a job beside others.
    """

    def __init__(self, console: Console, verbose: bool = False, prefix: str = "") -> None:
        self.console, self.verbose, self.prefix = console, verbose, prefix
        self.pace, self.quarters = Pace(), Quarters()

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Print how many clips there are to do."""
        self.pace = Pace(found.work)
        for line in opening(job, report, found, excluded, self.verbose):
            self.say(line)

    def event(self, event: Event) -> None:
        """Print one line when a clip is finished, or a quarter of a long one, and where other things are waited for."""
        before = self.pace.waits
        self.pace.event(event)
        if isinstance(event, Placed) and self.pace.waits not in ("", before):
            self.say(self.pace.waits)
        if (text := self.quarters.passed(event, self.pace)) is not None:
            self.say(text)
        if isinstance(event, Finished):
            self.say(f"[{self.pace.finished}/{self.pace.total}] {line_of(event.outcome)}")

    def say(self, text: str) -> None:
        """Print one line as it is."""
        say(self.console, Text(printable(f"{self.prefix}{text}")))

    def detail(self, text: str) -> None:
        """Print one line that a quiet run leaves out."""
        self.say(text)

    def stopping(self) -> None:
        """Say that the clips in work are finished first."""
        self.console = say_in_sight(self.console, Text(f"{self.prefix}{self.pace.stopping()}"))

    def end(self, report: Report) -> None:
        """Print the closing table; that of a job beside others is part of its sweep's."""
        if self.prefix:
            return
        if report.stopped:
            self.console = in_sight(self.console)
        self.console.print(closing(report, self.console.width, self.pace.finished))


def opening(job: Job, report: Report, found: Survey, excluded: Sequence[Excluded], verbose: bool) -> list[str]:
    """Return the lines that open a run; where it is ``verbose``, the configuration first."""
    why = ", ".join(f"{number:,} {reason}" for reason, number in found.why.most_common())
    return [
        *(configuration(job, report) if verbose else ()),
        f"{count(report.total, 'clip')}: {report.already:,} done, {len(report.skipped):,} skipped, "
        f"{len(found.work):,} to do{f' ({why})' if why else ''} -> {report.output_dir}",
        *([placement.told(report.workers, report.gpus)] if report.gpus else ()),
        *(f"  not taken: {line}" for line in briefly_left_out(excluded, NAMED)),
    ]


def line_of(outcome: Outcome) -> str:
    """Return what became of a clip as one line."""
    row = outcome.row
    if row.status == "failed":
        return f"{row.id}: FAILED: {row.reason}"
    extra = "; ".join(filter(None, [row.reason, *row.warnings]))
    if row.status == "skipped":
        return f"{row.id}: skipped: {extra}"
    rate = f", {row.frames / outcome.seconds:,.0f} frames/s" if outcome.fresh and outcome.seconds else ""
    recalled = ", recalled" if outcome.helped else ""
    return f"{row.id}: {count(row.frames, 'frame')}{rate}{recalled}{f' ({extra})' if extra else ''}"
