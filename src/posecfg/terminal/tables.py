"""Print the tables of ``models`` and ``doctor`` on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from posecfg.terminal.console import literal
from posecfg.text import printable, size

STATES = {"present": "green", "missing": "yellow", "wrong": "bold red", "untrusted": "red"}


def show_models(rows: Sequence[dict[str, Any]], hashed: bool = False) -> None:
    """Print one line a file of weights, and the command that gets a missing one; with ``hashed``, count the states."""
    console = literal()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("weights", "state", "size", "licence", "commercial"):
        table.add_column(name, justify="right" if name == "size" else "left", no_wrap=name != "weights")
    for row in rows:
        table.add_row(
            Text.assemble((row["name"], "bold"), "\n", (printable(_what(row)), "dim")),
            Text(row["state"], style=STATES.get(row["state"], "")),
            _size(row),
            printable(row["licence"]),
            _use(row),
        )
    console.print(table)
    for row in rows:
        if row.get("note"):
            console.print(Text(f"{row['name']}: {printable(row['note'])}", style="green"), soft_wrap=True)
        if row.get("error") or (row.get("advice") and row["state"] != "present"):
            console.print(Text(f"{row['name']}: {printable(row.get('error') or row['advice'])}"), soft_wrap=True)
    if hashed:
        states = Counter("verified" if row["state"] == "present" else row["state"] for row in rows)
        console.print(Text(f"{', '.join(f'{number:,} {state}' for state, number in states.items())}."))


def asks_to_be_named(row: dict[str, Any]) -> bool:
    """Tell whether the licence of weights asks to name who made them."""
    return bool(row["licence"].startswith("CC BY") and row["cite"])


def _what(row: dict[str, Any]) -> str:
    return f"{row['what']}; cite {row['cite']}" if asks_to_be_named(row) else str(row["what"])


def _use(row: dict[str, Any]) -> str:
    """Say whether the licence allows commercial use; where the training data came with terms, it does not settle it."""
    if not row["commercial"]:
        return "no"
    return "see terms" if row["caution"] else "yes"


def _size(row: dict[str, Any]) -> str:
    if row["bytes"]:
        return size(row["bytes"])
    return f"~{row['about'] / 1e6:.0f} MB" if row["about"] else "?"


def show_doctor(rows: Sequence[dict[str, Any]]) -> None:
    """Print one line a package, and what to type to install the absent ones."""
    console = literal()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "what", "version", "to install it, or what is known"):
        table.add_column(name, overflow="fold")
    for row in rows:
        note = "; ".join(filter(None, [row.get("detail"), row.get("advice")]))
        table.add_row(_verdict(row), row["name"], printable(row.get("version") or ""), printable(note))
    console.print(table)


def _verdict(row: dict[str, Any]) -> Text:
    if row["ok"]:
        return Text("ok", style="green")
    if row.get("installed"):
        return Text("broken", style="bold red")
    return Text("missing", style="bold red") if row.get("required") else Text("absent", style="yellow")
