"""Print the result of ``verify`` on the terminal."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from posecfg.terminal.console import literal
from posecfg.text import count, printable, shortened, size

NAMED = 20


def show(result: dict[str, Any]) -> None:
    """Print the table of folders, the notes, the problems and the verdict."""
    console = literal()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, side in (("folder", "left"), ("files", "right"), ("size", "right"), ("rows in arrays", "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    table.add_column("missing rows", justify="right")
    table.add_column("NaN", justify="right")
    table.add_column("contents")
    table.add_column("sample", overflow="fold")
    for row in result["tree"]:
        table.add_row(
            shortened(row["folder"], 40),
            f"{row['files']:,}",
            size(row["bytes"]),
            f"{row['rows']:,}",
            f"{row['missing_rows']:,}",
            f"{row['nan']:,}",
            printable(", ".join(row["contents"])),
            shortened(row["sample"], 44),
        )
    if result["tree"]:
        console.print(table)
    _list(console, result["notes"], "note", "yellow")
    _list(console, result["problems"], "problem", "red")
    clips = result["clips"]
    counted = f"{clips['done']:,} done, {clips['skipped']:,} skipped, {clips['failed']:,} failed"
    text = f"{count(result['files'], 'file')}, {size(result['bytes'])}"
    text += f"; clips: {counted}" if result["recorded"] else " (no records of posecfg here: only the files were read)"
    console.print(Text(text))
    if result["problems"]:
        console.print(
            Text(f"{count(len(result['problems']), 'problem')} in {printable(result['folder'])}", style="bold red")
        )
    elif result["recorded"]:
        console.print(Text(f"All is well in {printable(result['folder'])}", style="bold green"))
    else:
        text = f"Nothing is wrong with what was read in {printable(result['folder'])}, which posecfg did not make."
        console.print(Text(text, style="bold yellow"))


def _list(console: Console, lines: list[str], kind: str, style: str) -> None:
    for line in lines[:NAMED]:
        console.print(Text.assemble((f"{kind}: ", style), printable(line)))
    if len(lines) > NAMED:
        console.print(Text(f"{kind}: {len(lines) - NAMED} more (--json lists them all)", style=style))
