"""Show what a page tells: a row for each job, the clips that seem worst, and where the page is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from posecfg.terminal.console import WIDE
from posecfg.text import count, printable, shortened, size

UNKNOWN = "-"
# Measures beside the counts of clips, as many as there is room for, in this order; scores against truth come first.
SHOWN = ("detection_rate", "people", "score", "jitter_px_s2", "bone_variation", "swaps", "frames_per_second", "seconds")
_NAME, _COLUMN = 0.4, 11


def told(page: Mapping[str, Any], width: int = WIDE) -> RenderableType:
    """Draw what a page tells; ``page`` is as the verb gives it with --json."""
    heading = Text(f"\n{printable(page['title'])}", style="bold")
    notes = [Text(printable(note), style="yellow") for note in page["notes"]]
    worst = [_worst(page["worst"], width)] if page["worst"] else [Text("No clip seems wrong.")]
    shown = page["shown"]
    ending = Text.assemble(
        "\nThe page: ",
        (printable(page["page"]), "bold"),
        f" ({size(page['bytes'])}, {printable(shown['why'])}){_beside(page['folder'])}",
        f"\nThe table: {printable(page['table'])}",
    )
    return Group(heading, *notes, _jobs(page["jobs"], page["measures"], width), *worst, ending)


def _beside(folder: str | None) -> str:
    return f"\nIts clips are in {printable(folder)}: pass both on together." if folder else ""


def _jobs(jobs: Sequence[Mapping[str, Any]], measures: Mapping[str, Any], width: int) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("job", overflow="fold", max_width=max(16, int(width * _NAME)))
    states = len({job["state"] for job in jobs}) > 1 or jobs[0]["state"] != "done"
    counts = [key for key in ("done", "skipped", "failed") if key == "done" or any(job["clips"][key] for job in jobs)]
    order = [*(key for key in measures if key.startswith("score.")), *SHOWN]
    room = (width - int(width * _NAME)) // _COLUMN - len(counts) - states
    kept = [key for key in order if key in measures and any(key in job["measures"] for job in jobs)][: max(room, 1)]
    for name in (*(["state"] if states else []), *counts):
        table.add_column(name, justify="left" if name == "state" else "right")
    for key in kept:
        about = measures[key]
        unit = f" {about['unit']}" if about["unit"] not in ("", "%") else ""
        table.add_column(f"{about['label']}{unit}", justify="right")
    for job in jobs:
        cells = [job["state"]] if states else []
        cells += [f"{job['clips'][key]:,}" for key in counts]
        cells += [_number(job["measures"].get(key), measures[key]) for key in kept]
        style = "" if job["state"] in ("done", "working") else "red"
        table.add_row(*(Text(printable(cell)) for cell in (job["name"], *cells)), style=style)
    return table


def _number(value: float | None, measure: Mapping[str, Any]) -> str:
    if value is None:
        return UNKNOWN
    shown = value * 100 if measure["unit"] == "%" else value
    return f"{shown:,.{measure['digits']}f}{'%' if measure['unit'] == '%' else ''}"


def _worst(clips: Sequence[Mapping[str, Any]], width: int) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, show_header=False, title_justify="left")
    table.title = Text(f"\n{count(len(clips), 'clip')} to look at first", style="bold")
    for justify in ("right", "left", "left"):
        table.add_column(justify=justify)
    longest = min(max(len(printable(clip["clip"])) for clip in clips), int(width * _NAME))
    for clip in clips:
        name = shortened(printable(clip["clip"]), longest)
        table.add_row(f"{clip['badness']:.0f}", Text(name), Text(printable(clip["why"]), style="dim"))
    return table
