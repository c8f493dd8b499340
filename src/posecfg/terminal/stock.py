"""Print on the terminal what a data set has of what it should have."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from posecfg.terminal.console import literal
from posecfg.text import printable, size

NAMED = 12


def show(status: dict[str, Any] | None, flag: str = "--stats") -> None:
    """Print one table, then what differs, and the disk that frames would take; nothing where nothing is known.

    ``flag`` is what to type for the files to be read.
    """
    if status is None:
        return
    console = literal()
    rows, exact = status["rows"], status["exact"]
    kinds = list(rows[0]["kinds"]) if rows else []
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    numbers = ("sequences", "ignored", "films", *kinds, "ready", *(("unequal", "no person") if exact else ()), "frames")
    for name in ("split", "view", *numbers, "as JPEG"):
        table.add_column(name, justify="left" if name in ("split", "view") else "right", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row, kinds, exact))
    console.print(table)
    for line in lines(status, flag):
        console.print(Text(printable(line)))
    for problem in status["problems"][:NAMED]:
        console.print(Text.assemble(("problem: ", "bold red"), printable(problem)))
    if len(status["problems"]) > NAMED:
        console.print(Text(f"  and {len(status['problems']) - NAMED:,} more problems: --json names them all"))


def _cells(row: dict[str, Any], kinds: list[str], exact: bool) -> list[str]:
    """Return the cells of a row; what is missing of a kind stands behind its number."""
    whole = row["sequences"]
    there = [row["films"], *(row["kinds"][kind] for kind in kinds)]
    cells = [printable(row["split"]), row["view"], f"{whole:,}", f"{row['ignored']:,}"]
    cells += [f"{number:,}" if number == whole else f"{number:,} (-{whole - number:,})" for number in there]
    cells.append(f"{row['ready']:,}")
    if exact:
        cells += [f"{len(row['unequal']):,}", "" if row["without"] is None else f"{100 * row['without']:.1f} %"]
    return [*cells, f"{row['frames']:,}" if exact else f"~{row['frames']:,}", f"~{size(row['bytes'])}"]


def lines(status: dict[str, Any], flag: str) -> list[str]:
    """Return what the table does not say: films of another length, and the room that pictures need."""
    unequal = {name: text for row in status["rows"] for name, text in row["unequal"].items()}
    told = [f"  {name}: {text}" for name, text in list(unequal.items())[:NAMED]]
    if len(unequal) > NAMED:
        told.append(f"  and {len(unequal) - NAMED:,} more: --json names them all")
    told.append(_disk(status))
    if not status["exact"]:
        told.append(f"Files were only counted, not opened: {flag} reads them and compares the length of films.")
    return told


def _disk(status: dict[str, Any]) -> str:
    """Say how much room the frames of each split take, and how much there is."""
    splits: dict[str, int] = {}
    for row in status["rows"]:
        splits[row["split"]] = splits.get(row["split"], 0) + row["bytes"]
    width, height = status["size"]
    needs = ", ".join(f"{name} about {size(number)}" for name, number in splits.items())
    text = f"Frames of {width}x{height} as JPEG: {needs}"
    if status["free"] is None:
        return f"{text}."
    return f"{text}; {size(status['free'])} are free{_lack(splits, status['free'])}."


def _lack(splits: dict[str, int], free: int) -> str:
    short = [name for name, number in splits.items() if number > free]
    return f", which is not enough for {', '.join(short)}" if short else ""
