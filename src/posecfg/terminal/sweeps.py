"""Draw the table that closes a sweep: the results of all jobs side by side."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from posecfg.runs.report import STOPPED
from posecfg.runs.sweep_file import shared, words
from posecfg.terminal.console import WIDE
from posecfg.text import count, printable, seconds, two_digits

# Scores that have room beside the counts of jobs.
FEW = 4
UNKNOWN = "-"
# Columns of a heading's words, and the share of the screen that the settings of a job take at most.
HEADING, OWN = 10, 0.45
# What poses tell of themselves: its name, the heading of its column, and its numbers as text.
SCORE = ("score", "mean score", "{:.2f}".format)
# Each model has scores of its own kind: visibility, confidence, a height of its heatmap.
MODELS = ("detector=", "detector/")
UNLIKE = "Scores of one detector cannot be held against those of another: each means something else by them."
QUALITY: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("detection_rate", "rows found", "{:.1%}".format),
    ("people", "people a row", "{:.2f}".format),
    ("jitter_px_s2", "jitter px/s²", "{:,.0f}".format),
    ("jitter_m_s2", "jitter m/s²", two_digits),
)


@dataclass(frozen=True, eq=False)
class Column:
    """One column; where there is no room for all, those with the lowest ``rank`` are taken first."""

    name: str
    rank: int
    cells: Sequence[str]
    is_text: bool = False

    @property
    def heading(self) -> list[str]:
        """The lines of its heading."""
        return textwrap.wrap(printable(self.name), HEADING, break_long_words=False) or [""]

    @property
    def width(self) -> int:
        """Columns of the screen that it takes, with the space before it."""
        return 2 + max(map(len, [*self.heading, *self.cells]))


def compared(outcomes: Sequence[dict[str, Any]], width: int = WIDE, file: str = "") -> RenderableType:
    """Draw one row a job: the overrides that differ, and its numbers, as many as ``width`` columns have room for.

    A count that is 0 for all jobs has no column. Scores of what the jobs were asked for are among them if they are few;
    else they have a table of their own, with one row a score. ``file`` is the table that has all.
    """
    common = shared(outcomes)
    jobs = [printable(" ".join(word for word in words(one) if word not in common)) for one in outcomes]
    scored = [_asked(outcome) for outcome in outcomes]
    measures = list(dict.fromkeys(name for one in scored for name in one))
    parents = {os.path.dirname(outcome["output_dir"]) for outcome in outcomes if outcome.get("output_dir")}
    parent = parents.pop() if len(parents) == 1 else ""
    columns = list(_columns(outcomes, measures if len(measures) <= FEW else [], parent))
    room = max(map(len, ("job", *jobs)))
    room = min(room, max(HEADING, int(width * OWN)))
    kept = _fitting(columns, width - room - 2)
    table = _table(room)
    for column in kept:
        justify = "left" if column.is_text else "right"
        table.add_column(Text("\n".join(column.heading)), justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for number, (told, outcome) in enumerate(zip(jobs, outcomes, strict=True)):
        style = "red" if outcome.get("error") or outcome.get("failed") else ""
        table.add_row(Text(told), *(Text(column.cells[number]) for column in kept), style=style)
    where = f": {printable(parent)}" if parent else ""
    scores = (_scores(measures, jobs, scored),) if len(measures) > FEW else ()
    left_out = [column.name for column in columns if column not in kept]
    ended = (Text(text, style="yellow") for text in [untried(outcomes)] if text)
    models = {word for one in outcomes for word in words(one) if word not in common and word.startswith(MODELS)}
    unlike = any(column.name == SCORE[1] for column in kept) and models
    remark = (Text(UNLIKE, style="dim"),) if unlike else ()
    ending = (*_errors(jobs, outcomes), *ended, *remark, *_told(left_out, file))
    return Group(Text(f"\nThe jobs of this sweep{where}", style="bold"), table, *scores, *ending)


def untried(outcomes: Sequence[dict[str, Any]]) -> str:
    """Say how many jobs were not started because another one failed; empty where the user stopped them."""
    number = sum(one.get("error") == "not started" for one in outcomes)
    if not number or any(one["exit_code"] == STOPPED for one in outcomes):
        return ""
    return (
        f"{count(number, 'job')} {'was' if number == 1 else 'were'} not started, as another one failed (on_error=stop)."
    )


def ending(outcome: dict[str, Any], common: Collection[str]) -> str:
    """Return how a job beside others ended as one line: its number, its own settings, its counts and its time."""
    named = " ".join(word for word in words(outcome) if word not in common)
    if outcome.get("error"):
        return f"[job {outcome['job']}] FAILED: {outcome['error']} ({named})"
    counts = [f"{number:,} {name}" for name, number in _counts(outcome).items() if number]
    stopped = "stopped: " if outcome["stopped"] else ""
    return f"[job {outcome['job']}] {stopped}{', '.join(counts) or 'no clips'}, {seconds(outcome['seconds'])} ({named})"


def results(outcome: dict[str, Any], common: Collection[str]) -> str:
    """Return where the results of a job beside others are as one line, with its number and its own settings."""
    named = " ".join(word for word in words(outcome) if word not in common)
    return f"[job {outcome['job']}] {named}: Results: {outcome['output_dir']}"


def _columns(outcomes: Sequence[dict[str, Any]], measures: Sequence[str], parent: str) -> Iterator[Column]:
    """Yield all columns behind the settings of a job that tell anything, in order."""
    ran = [bool(outcome.get("output_dir")) for outcome in outcomes]

    def numbers(name: str, rank: int, values: Sequence[float | None], text: Callable[[Any], str]) -> Iterator[Column]:
        if any(values):
            cells = [
                text(value) if has and value is not None else UNKNOWN for has, value in zip(ran, values, strict=True)
            ]
            yield Column(name, rank, cells)

    def of(name: str) -> list[Any]:
        return [outcome.get(name) for outcome in outcomes]

    counts = [_counts(outcome) for outcome in outcomes]
    yield from numbers("done", 0, [row.get("done") for row in counts], "{:,}".format)
    yield from numbers("people", 1, of("people"), "{:,}".format)
    for name in dict.fromkeys(name for row in counts for name in row if name != "done"):
        # A reason for which no clip of a job was skipped is not among its counts.
        yield from numbers(name, 2, [row.get(name, 0) for row in counts], "{:,}".format)
    yield from numbers("rows missing", 4, of("rows_missing"), "{:,}".format)
    quality = [outcome.get("quality", {}) for outcome in outcomes]
    is_known = any(one.get("people") for one in quality)
    for rank, (name, heading, text) in ((5, SCORE), *((10, one) for one in QUALITY)) if is_known else ():
        yield from numbers(heading, rank, [one.get(name) for one in quality], text)
    scored = [_asked(outcome) for outcome in outcomes]
    for name in measures:
        cells = [UNKNOWN if (value := one.get(name)) is None else f"{value:.4f}" for one in scored]
        yield Column(name, 3, cells)
    yield from numbers("recalled", 8, of("recalled"), "{:,}".format)
    yield from numbers("new frames", 9, of("frames"), "{:,}".format)
    rates = [(outcome.get("frames_per_second") or {}).get("end_to_end") for outcome in outcomes]
    yield from numbers("frames/s", 7, rates, "{:,.0f}".format)
    yield from numbers("seconds", 6, of("seconds"), "{:,.1f}".format)
    endings = [_ending(outcome) for outcome in outcomes]
    if any(endings):
        yield Column("ended", 1, endings, is_text=True)
    names = [printable(str(outcome.get("output_dir", "")).removeprefix(f"{parent}/")) for outcome in outcomes]
    yield Column("results", 8, names, is_text=True)


def _fitting(columns: Sequence[Column], room: int) -> list[Column]:
    """Return the columns that have room, chosen by rank; the first stays in any case."""
    kept = [columns[0]]
    for column in sorted(columns[1:], key=lambda column: column.rank):
        if sum(one.width for one in kept) + column.width <= room:
            kept.append(column)
    return [column for column in columns if column in kept]


def _counts(outcome: dict[str, Any]) -> dict[str, int]:
    """Return the counts of clips of one job, in order; none of a job that never ran."""
    if not outcome.get("output_dir"):
        return {}
    unreadable, empty = len(outcome["unreadable"]), outcome["clips_without_person"]
    return {
        "done": outcome["done"] + outcome["already_done"],
        # Records of earlier versions do not tell of clips that were done before.
        "no person": outcome["no_person"] if empty is None else empty,
        **outcome["skipped"],
        "unreadable": unreadable,
        "failed": len(outcome["failed"]) - unreadable,
        "not tried": outcome["left"],
    }


def _ending(outcome: dict[str, Any]) -> str:
    """Return how a job ended that did not come to its end."""
    if outcome.get("stopped"):
        return "stopped"
    error = str(outcome.get("error") or "")
    return error if error in ("not started", "stopped between two jobs") else "error" if error else ""


def _errors(jobs: Sequence[str], outcomes: Sequence[dict[str, Any]]) -> Iterator[Text]:
    """Yield the sentences that ended jobs."""
    for told, outcome in zip(jobs, outcomes, strict=True):
        if _ending(outcome) == "error":
            yield Text(f"{told or 'this job'}: {printable(str(outcome['error']))}", style="red")


def _told(left_out: Sequence[str], file: str) -> Iterator[Text]:
    """Say what the screen has no room for, and where all of it is."""
    if left_out:
        yield Text(f"No room here for {', '.join(map(printable, left_out))}.", style="dim")
    if file:
        yield Text(f"All numbers of all jobs: {printable(file)}")


def _asked(outcome: dict[str, Any]) -> dict[str, float | None]:
    """Return the scores of a job without those that only earlier runs asked for."""
    earlier = outcome.get("scores_earlier", ())
    return {name: value for name, value in outcome.get("scores", {}).items() if name not in earlier}


def _scores(measures: Sequence[str], jobs: Sequence[str], scored: Sequence[dict[str, float | None]]) -> Table:
    """Draw one row a score, with a column for each job."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("score", no_wrap=True)
    for told in jobs:
        table.add_column(Text(told), justify="right", overflow="fold")
    for name in measures:
        cells = [UNKNOWN if (value := one.get(name)) is None else f"{value:.4f}" for one in scored]
        table.add_row(printable(name), *cells)
    return table


def _table(room: int) -> Table:
    """Return a table without columns but that of the jobs, which has so much ``room``."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("job", overflow="fold", width=room)
    return table
