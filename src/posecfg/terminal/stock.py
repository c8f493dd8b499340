"""Print on the terminal what a data set has of what it should have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from posecfg.terminal.console import literal
from posecfg.text import printable, size

NAMED = 10


def show(status: dict[str, Any] | None, flag: str = "--stats") -> None:
    """Print two tables, then what is not there or differs, and the disk that frames would take.

    Where nothing is known nothing is printed. ``flag`` is what to type for the files to be read.
    """
    if status is None:
        return
    console = literal()
    rows, exact = status["rows"], status["exact"]
    kinds = list(rows[0]["kinds"]) if rows else []
    there = ("ignored", "films", *kinds)
    console.print(_table(there, [_there(row, kinds) for row in rows]))
    ready = ("ready", *(("unequal", "no person") if exact else ()), "frames", "as JPEG")
    console.print(_table(ready, [_ready(row, exact) for row in rows]))
    for line in lines(status, flag):
        console.print(Text(printable(line)))
    unreadable = list(dict.fromkeys(reason for row in rows for reason in row["unreadable"].values()))
    for problem in unreadable[:NAMED]:
        console.print(Text.assemble(("problem: ", "bold red"), printable(problem)))
    if len(unreadable) > NAMED:
        console.print(Text(f"  and {len(unreadable) - NAMED:,} more problems: --json names them all"))


def _table(numbers: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    """Return a table by split and view that fits a terminal of 80 columns."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("split", "view", *numbers):
        table.add_column(name, justify="left" if name in ("split", "view") else "right", no_wrap=True)
    for row in cells:
        table.add_row(*row)
    return table


def _there(row: dict[str, Any], kinds: list[str]) -> list[str]:
    """Return the cells that say of how many of the sequences there is what."""
    whole = row["sequences"]
    there = [f"{number:,}/{whole:,}" for number in (row["films"], *(row["kinds"][kind] for kind in kinds))]
    return [printable(row["split"]), row["view"], f"{row['ignored']:,}", *there]


def _ready(row: dict[str, Any], exact: bool) -> list[str]:
    """Return the cells that say what a run would make."""
    cells = [printable(row["split"]), row["view"], f"{row['ready']:,}"]
    if exact:
        cells += [f"{len(row['unequal']):,}", "" if row["without"] is None else f"{100 * row['without']:.1f} %"]
    return [*cells, f"{row['frames']:,}" if exact else f"~{row['frames']:,}", f"~{size(row['bytes'])}"]


def lines(status: dict[str, Any], flag: str) -> list[str]:
    """Return what the tables do not say: films that are not there or of another length, and the room for pictures."""
    unequal = {name: text for row in status["rows"] for name, text in row["unequal"].items()}
    told = [f"  {name}: {text}" for name, text in list(unequal.items())[:NAMED]]
    if len(unequal) > NAMED:
        told.append(f"  and {len(unequal) - NAMED:,} more: --json names them all")
    missing = list(dict.fromkeys(name for row in status["rows"] for name in row["missing"]))
    told += [f"  {name}: no film" for name in missing[:NAMED]]
    if len(missing) > NAMED:
        told.append(f"  and {len(missing) - NAMED:,} more films are not there: --json names them all")
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
