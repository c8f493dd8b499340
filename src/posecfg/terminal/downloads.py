"""Show a download: a bar on a terminal, a line a film elsewhere, and what came of it at the end."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from posecfg.downloads.batch import Film, Flight
from posecfg.downloads.report import DOWNLOADED, ELSEWHERE, FAILED, OTHER, Report
from posecfg.terminal.console import literal
from posecfg.terminal.redrawing import can_redraw
from posecfg.terminal.text import left_out
from posecfg.text import count, printable, seconds, shortened, size

_NAMED = 5


class Quiet:
    """Display that shows nothing: the caller prints the report."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Show nothing."""

    def begin(self, report: Report, number: int, flight: Flight) -> None:
        """Say what there is to do."""

    def film(self, film: Film) -> None:
        """Say what came of a film."""

    def end(self, report: Report) -> None:
        """Say what came of all."""


class Lines(Quiet):
    """Display of one line a film."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.total = self.finished = 0

    def begin(self, report: Report, number: int, flight: Flight) -> None:
        """Print how many films are here, and how many are to come from where."""
        self.total = number
        here = f"{len(report.here):,} here, {number:,} to download"
        self._say(f"{report.plan.label}: {here} from {report.base} -> {report.plan.folder}")
        for line in left_out(report.plan.excluded, _NAMED):
            self._say(f"  not taken: {line}")

    def film(self, film: Film) -> None:
        """Print what came of a film."""
        self.finished += 1
        self._say(f"[{self.finished}/{self.total}] {_line(film)}")

    def end(self, report: Report) -> None:
        """Print the counts, and what to do about films that failed."""
        for text in closing(report):
            self._say(text)

    def _say(self, text: str) -> None:
        self.console.print(Text(printable(text)), soft_wrap=True)


class Lively(Lines):
    """Display of a bar and the films in flight, for a terminal."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.live: Live | None = None
        self.flight = Flight()
        self.since = time.monotonic()
        self.spinner = Spinner("dots", style="cyan")

    def begin(self, report: Report, number: int, flight: Flight) -> None:
        """Start the display."""
        super().begin(report, number, flight)
        self.flight, self.since = flight, time.monotonic()
        if number:
            self.live = Live(get_renderable=self.render, console=self.console, refresh_per_second=4, transient=True)
            self.live.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def film(self, film: Film) -> None:
        """Count a film; print what is not as expected."""
        self.finished += 1
        if film.state != DOWNLOADED:
            self._say(_line(film))

    def end(self, report: Report) -> None:
        """Remove the display and print the counts."""
        self._stop()
        super().end(report)

    def _stop(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None

    def render(self) -> Group:
        """Draw the bar and the films in flight."""
        spent = max(time.monotonic() - self.since, 0.1)
        bar = Table.grid(padding=(0, 1))
        share = ProgressBar(total=self.total, completed=self.finished, width=30, complete_style="cyan")
        bar.add_row(
            self.spinner,
            Text(f"{self.finished}/{self.total} films", style="bold"),
            share,
            Text(f"{size(self.flight.bytes)}, {size(self.flight.bytes / spent)}/s", style="cyan"),
            Text(f"{seconds(spent)} gone", style="dim"),
        )
        films = list(self.flight.films().items())[:8]
        return Group(bar, *(Text(f"  {shortened(name, 50):50} {size(came):>8}", "dim") for name, came in films))


def screen(console: str) -> Quiet:
    """Return the display that fits the terminal; ``console`` is the knob of this name."""
    found = literal()
    return Lively(found) if console == "auto" and can_redraw(found.file) else Lines(found)


def closing(report: Report) -> list[str]:
    """Return the lines that close a download."""
    plan, failed, others = report.plan, report.failed(), report.of(OTHER)
    came, were = len(report.of(DOWNLOADED)), "was" if len(report.here) == 1 else "were"
    rate = f" in {seconds(report.seconds)}, {size(report.bytes / report.seconds)}/s" if report.seconds else ""
    lines = [
        f"{count(came, 'film')} downloaded ({size(report.bytes)}{rate}), {len(report.here):,} {were} here, "
        f"{len(failed):,} failed."
    ]
    if elsewhere := len(report.of(ELSEWHERE)):
        lines.append(f"{count(elsewhere, 'film')} left to another process, which is at it.")
    if others:
        lines.append(
            f"{count(len(others), 'film')} of another view, under its own name: name it in dataset.views= to use it."
        )
    lines += [f"  {shortened(name, 50)}: {reason}" for name, reason in list(failed.items())[:_NAMED]]
    if len(failed) > _NAMED:
        lines.append(f"  and {len(failed) - _NAMED:,} more")
    if failed:
        lines.append(f"Their names are in '{report.list_file}'.")
    if report.of(FAILED):
        lines.append(
            "The same command tries what failed again. By hand: get these films from "
            f"{plan.by_hand} and put them into '{plan.folder}' under these names."
        )
        if any(film.state == FAILED and film.reason.startswith("the server has no") for film in report.films):
            lines.append("Where one view is gone, --other-views takes another of the same dance.")
    if report.stopped:
        lines.append("Stopped. Type the same command to go on; what has come of each film is kept.")
    return lines


def _line(film: Film) -> str:
    if film.state == DOWNLOADED:
        resumed = f", {size(film.earlier)} of it earlier" if film.earlier else ""
        return f"{film.name}: {size(film.bytes)}{resumed}"
    if film.state == OTHER:
        what = "was taken instead" if film.bytes else "is here instead"
        return f"{film.name}: {film.reason}; '{film.file.name if film.file else ''}' {what}"
    if film.state == ELSEWHERE:
        return f"{film.name}: {film.reason}"
    return f"{film.name}: FAILED: {film.reason}"
