"""Print the table of ``doctor`` on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from posecfg.terminal.console import literal
from posecfg.text import printable


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
