"""Show the progress of a run: a live display on a terminal, plain lines elsewhere, nothing for ``--json``."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event, Finished, Progress, Started
from posecfg.pipeline.work import Outcome
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.terminal.closing import closing
from posecfg.terminal.text import left_out
from posecfg.text import count, printable, seconds, shortened
from posecfg.types import Excluded

WINDOW = 8.0
NAMED = 5


class Quiet:
    """Display that prints nothing: the caller prints the report."""

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Say nothing."""

    def event(self, event: Event) -> None:
        """Say nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def end(self, report: Report) -> None:
        """Say nothing."""


class Plain:
    """Display with one line a finished clip, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.total = self.finished = 0

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Print how many clips there are to do."""
        self.total = len(found.work)
        for line in opening(report, found, excluded):
            self.say(line)

    def event(self, event: Event) -> None:
        """Print one line when a clip is finished."""
        if isinstance(event, Finished):
            self.finished += 1
            self.say(f"[{self.finished}/{self.total}] {_line(event.outcome)}")

    def say(self, text: str) -> None:
        """Print one line as it is."""
        self.console.print(Text(printable(text)), soft_wrap=True)

    def end(self, report: Report) -> None:
        """Print the closing table."""
        self.console.print(closing(report))


class Lively:
    """Live display: a bar over all clips, the clips in work, and failures as they happen."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.total = self.finished = 0
        self.flight: dict[str, int] = {}
        self.since = time.monotonic()
        self.ticks: deque[tuple[float, int]] = deque()
        self.spinner = Spinner("dots", style="cyan")
        self.live: Live | None = None

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Print the opening lines and start the display."""
        self.total, self.since = len(found.work), time.monotonic()
        for line in opening(report, found, excluded):
            self.say(line)
        if found.work:
            self.live = Live(get_renderable=self.render, console=self.console, refresh_per_second=8, transient=True)
            self.live.start()

    def event(self, event: Event) -> None:
        """Update the clips in work; print failures at once."""
        if isinstance(event, Started):
            self.flight[event.clip_id] = 0
        elif isinstance(event, Progress):
            self._tick(event.frames)
            self.flight[event.clip_id] = self.flight.get(event.clip_id, 0) + event.frames
        elif isinstance(event, Finished):
            row = event.outcome.row
            self._tick(row.frames - self.flight.pop(event.clip_id, 0))
            self.finished += 1
            if row.status != "done" or row.reason or row.warnings:
                self.console.print(_colored(event.outcome))

    def say(self, text: str) -> None:
        """Print one line above the display."""
        self.console.print(Text(printable(text)))

    def end(self, report: Report) -> None:
        """Remove the display and print the closing table."""
        if self.live is not None:
            self.live.stop()
        self.console.print(closing(report))

    def _tick(self, frames: int) -> None:
        now = time.monotonic()
        self.ticks.append((now, max(0, frames)))
        while self.ticks and now - self.ticks[0][0] > WINDOW:
            self.ticks.popleft()

    def _rate(self) -> float:
        if not self.ticks:
            return 0.0
        span = min(WINDOW, max(0.5, time.monotonic() - self.since))
        return sum(frames for _, frames in self.ticks) / span

    def render(self) -> Group:
        """Draw the bar and the clips in work."""
        spent = time.monotonic() - self.since
        left = spent / self.finished * (self.total - self.finished) if self.finished else None
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            self.spinner,
            Text(f"{self.finished}/{self.total} clips", style="bold"),
            ProgressBar(
                total=self.total, completed=self.finished, width=30, complete_style="cyan", finished_style="green"
            ),
            Text(f"{self._rate():.0f} frames/s", style="cyan"),
            Text(f"{seconds(spent)} gone", style="dim"),
            Text("" if left is None else f"about {seconds(left)} left", style="dim"),
        )
        rows = [Text(f"  {shortened(name, 60):60} {frames:>7,} frames", "dim") for name, frames in self._shown()]
        more = len(self.flight) - len(rows)
        return Group(bar, *rows, *([Text(f"  and {more} more", "dim")] if more > 0 else []))

    def _shown(self) -> list[tuple[str, int]]:
        return list(self.flight.items())[:8]


def opening(report: Report, found: Survey, excluded: Sequence[Excluded]) -> list[str]:
    """Return the lines that open a run."""
    why = ", ".join(f"{number:,} {reason}" for reason, number in found.why.most_common())
    lines = [
        f"{count(report.total, 'clip')}: {report.already:,} done, {len(report.skipped):,} skipped, "
        f"{len(found.work):,} to do{f' ({why})' if why else ''} -> {report.output_dir}"
    ]
    return lines + [f"  not taken: {line}" for line in left_out(excluded, NAMED)]


def _line(outcome: Outcome) -> str:
    row = outcome.row
    if row.status == "failed":
        return f"{row.id}: FAILED: {row.reason}"
    if row.status == "skipped":
        return f"{row.id}: skipped: {row.reason}"
    rate = f", {row.frames / row.seconds:.0f} frames/s" if row.seconds else ""
    extra = "; ".join(filter(None, [row.reason, *row.warnings]))
    return f"{row.id}: {count(row.frames, 'frame')}{rate}{f' ({extra})' if extra else ''}"


def _colored(outcome: Outcome) -> Text:
    row = outcome.row
    mark, style = {"failed": ("✗", "bold red"), "skipped": ("–", "yellow")}.get(row.status, ("!", "yellow"))
    reason = "; ".join(filter(None, [row.reason, *row.warnings]))
    return Text.assemble((f"{mark} ", style), (shortened(row.id, 60), "bold"), f": {printable(reason)}")
