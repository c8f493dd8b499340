"""Draw the table that closes a sweep: the results of all jobs side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from posecfg.config.quoting import brief
from posecfg.text import printable, two_digits

# Scores that have room beside the counts of jobs.
FEW = 4
UNKNOWN = "-"
# What poses tell of themselves: the heading of each column, and its numbers as text.
QUALITY: dict[str, tuple[str, Callable[[float], str]]] = {
    "detection_rate": ("rows found", "{:.1%}".format),
    "people": ("people", "{:.2f}".format),
    "score": ("mean score", "{:.2f}".format),
    "jitter_px_s2": ("jitter px/s²", "{:,.0f}".format),
    "jitter_m_s2": ("m/s²", two_digits),
}


def compared(outcomes: Sequence[dict[str, Any]]) -> RenderableType:
    """Draw one row a job: the overrides that differ, and its counts; a count that is 0 for all jobs has no column.

    Scores of what the job was asked for are among them if they are few; else they have a table of their own, with one
    row a score. What poses tell of themselves is below, again with one row a job.
    """
    words = [[brief(word) for word in outcome.get("overrides", ())] for outcome in outcomes]
    known = [told for told in words if told]
    shared = set(known[0]).intersection(*known) if len(known) > 1 else set()
    scored = [_asked(outcome) for outcome in outcomes]
    measures = list(dict.fromkeys(name for one in scored for name in one))
    few = measures if len(measures) <= FEW else []
    counts = [_counts(outcome) for outcome in outcomes]
    names = [name for name in dict.fromkeys(n for row in counts for n in row) if any(row.get(name) for row in counts)]
    parents = {os.path.dirname(outcome["output_dir"]) for outcome in outcomes if outcome.get("output_dir")}
    parent = parents.pop() if len(parents) == 1 else ""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("job", overflow="fold")
    for name in [*names, *few]:
        table.add_column(printable(name), justify="right")
    table.add_column("results", overflow="fold", no_wrap=bool(parent))
    jobs = [_own(told, shared) for told in words]
    for told, row, one, outcome in zip(jobs, counts, scored, outcomes, strict=True):
        style = "red" if outcome.get("error") or row.get("unreadable") or row.get("failed") else ""
        cells = [f"{row.get(name, 0):,}" if row else UNKNOWN for name in names]
        cells += [_score(one.get(name)) for name in few]
        table.add_row(Text(told), *cells, Text(_results(outcome, parent)), style=style)
    where = f": {printable(parent)}" if parent else ""
    scores = () if few or not measures else (_scores(measures, jobs, scored),)
    return Group(Text(f"\nThe jobs of this sweep{where}", style="bold"), table, *_quality(jobs, outcomes), *scores)


def _asked(outcome: dict[str, Any]) -> dict[str, float | None]:
    """Return the scores of a job without those that only earlier runs asked for."""
    earlier = outcome.get("scores_earlier", ())
    return {name: value for name, value in outcome.get("scores", {}).items() if name not in earlier}


def _own(told: Sequence[str], shared: Collection[str]) -> str:
    """Return the overrides of a job that not all have."""
    return printable(" ".join(word for word in told if word not in shared and not word.startswith("score_floor=")))


def _quality(jobs: Sequence[str], outcomes: Sequence[dict[str, Any]]) -> Iterator[Table]:
    """Draw one row a job: how often a person was found, how many and how surely, and how steadily they move."""
    known = [outcome.get("quality", {}) for outcome in outcomes]
    names = [name for name in QUALITY if any(name in one for one in known)]
    if not any(one.get("people") for one in known):
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("job", overflow="fold")
    for name in names:
        table.add_column(QUALITY[name][0], justify="right", no_wrap=True)
    for told, one in zip(jobs, known, strict=True):
        table.add_row(Text(told), *(QUALITY[name][1](one[name]) if name in one else UNKNOWN for name in names))
    yield table


def _scores(measures: Sequence[str], jobs: Sequence[str], scored: Sequence[dict[str, float | None]]) -> Table:
    """Draw one row a score, with a column for each job."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("score", no_wrap=True)
    for told in jobs:
        table.add_column(Text(told), justify="right", overflow="fold")
    for name in measures:
        table.add_row(printable(name), *(_score(one.get(name)) for one in scored))
    return table


def _counts(outcome: dict[str, Any]) -> dict[str, int]:
    """Return the columns of one job, in order; none of a job that never ran."""
    if not outcome.get("output_dir"):
        return {}
    row = {"done": outcome["done"] + outcome["already_done"], "no person": outcome["no_person"]}
    row |= dict(outcome["skipped"])
    unreadable = len(outcome["unreadable"])
    row |= {"unreadable": unreadable, "failed": len(outcome["failed"]) - unreadable}
    row |= {"not tried": outcome["left"], "new frames": outcome["frames"]}
    return row


def _score(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.4f}"


def _results(outcome: dict[str, Any], parent: str) -> str:
    if outcome.get("error"):
        return printable(str(outcome["error"]))
    name = str(outcome.get("output_dir", "")).removeprefix(f"{parent}/")
    return printable(name) + (" (stopped)" if outcome.get("stopped") else "")
