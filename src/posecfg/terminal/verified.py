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
TEXTS = ("folder", "contents", "sample")
# Columns of a folder's name at least, and of contents before they fold.
FOLDER, FOLDED = 12, 20


def show(result: dict[str, Any]) -> None:
    """Print the table of folders, the notes, the problems and the verdict."""
    console = literal()
    if result["tree"]:
        console.print(_tree(result["tree"], console.width))
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


def _tree(rows: list[dict[str, Any]], width: int) -> Table:
    """Draw one row a folder; where it is narrow, what is least needed has no column, so that folders stay known."""
    cells = {
        "folder": [shortened(row["folder"], 40) for row in rows],
        "files": [f"{row['files']:,}" for row in rows],
        "size": [size(row["bytes"]) for row in rows],
        "rows in arrays": [f"{row['rows']:,}" for row in rows],
        "missing rows": [f"{row['missing_rows']:,}" for row in rows],
        "NaN": [f"{row['nan']:,}" for row in rows],
        "contents": [printable(", ".join(row["contents"])) for row in rows],
        "sample": [shortened(row["sample"], 44) for row in rows],
    }
    for needless in ("sample", "NaN", "contents", "size", "files"):
        if _room(cells, width) >= 0:
            break
        if needless != "NaN" or set(cells[needless]) == {"0"}:
            del cells[needless]
    if (lacking := -_room(cells, width)) > 0:
        longest = max(FOLDER, max(map(len, cells["folder"])) - lacking)
        cells["folder"] = [shortened(name, longest) for name in cells["folder"]]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in cells:
        is_text = name in TEXTS
        table.add_column(
            name, justify="left" if is_text else "right", no_wrap=name in ("folder", "files", "size", "NaN")
        )
    for row in zip(*cells.values(), strict=True):
        table.add_row(*row)
    return table


def _room(cells: dict[str, list[str]], width: int) -> int:
    """Return how many columns are left beside the narrowest table of ``cells`` in which only contents fold."""
    needed = {
        name: max(max(map(len, name.split())), min(max(map(len, column)), FOLDED if name == "contents" else width))
        for name, column in cells.items()
    }
    return width - sum(needed.values()) - 3 * (len(cells) - 1) - 2


def _list(console: Console, lines: list[str], kind: str, style: str) -> None:
    for line in lines[:NAMED]:
        console.print(Text.assemble((f"{kind}: ", style), printable(line)))
    if len(lines) > NAMED:
        console.print(Text(f"{kind}: {len(lines) - NAMED} more (--json lists them all)", style=style))
