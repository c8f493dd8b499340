"""Print what the memory of detections holds, what was removed from it, or what of it is damaged."""

from __future__ import annotations

import shlex
import time
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from posecfg.terminal.console import literal
from posecfg.text import printable, shortened, size

SHOWN = 20
# Columns from which on everything fits.
WIDE = 100
HEADS = {"floor": "above"}


def show(told: dict[str, Any]) -> None:
    """Print the result of ``cache list``, ``clear`` or ``check``."""
    console = literal()
    where = printable(told["folder"])
    if "removed" in told:
        what = f"Forgot {_entries(told['removed'])}, {size(told['bytes'])}" if told["removed"] else "Nothing was there"
        console.print(Text(f"{what}: {where}"), soft_wrap=True)
        return
    entries = told.get("entries", ())
    if entries:
        console.print(_table(entries[:SHOWN], console.width))
    for name in told.get("damaged", ()):
        console.print(Text(f"damaged: {printable(name)}", style="red"), soft_wrap=True)
    if not told["number"]:
        console.print(Text(f"Nothing is remembered in {where}."), soft_wrap=True)
        return
    more = f" ({len(entries) - SHOWN:,} more are not shown; --json has all)" if len(entries) > SHOWN else ""
    whole = "; every one is as it was written" if told.get("damaged") == [] else ""
    console.print(Text(f"{_entries(told['number'])}, {size(told['bytes'])}, in {where}{more}{whole}"), soft_wrap=True)
    if told.get("damaged"):
        clear = f"posecfg cache clear {printable(shlex.quote(told['folder']))}"
        console.print(Text(f"Runs make what is damaged again by themselves; {clear} forgets all."), soft_wrap=True)


def _entries(number: int) -> str:
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def _table(entries: list[dict[str, Any]], width: int) -> Table:
    """Draw one row an entry; a narrow screen has no room for how many people there are, and above which score."""
    names = ("frames", *(("people", "floor") if width >= WIDE else ()))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("clip", overflow="fold")
    table.add_column("what", overflow="fold")
    for name in (*names, "size", "used"):
        table.add_column(HEADS.get(name, name), justify="right", no_wrap=True)
    for one in entries:
        kind = "?" if one["kind"] is None else f"{one['kind']}, {one['detector']}"
        state = "" if one["state"] == "whole" else f", {one['state']}"
        numbers = ("" if one[name] is None else f"{one[name]:,}" for name in names)
        name = shortened(str(one["clip"] or one["file"]), 30)
        table.add_row(name, printable(f"{kind}{state}"), *numbers, size(one["bytes"]), _ago(one["used"]))
    return table


def _ago(when: float) -> str:
    """Return how long ago a moment was, in its largest unit."""
    past = max(0.0, time.time() - when)
    for noun, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if past >= length:
            return f"{past // length:,.0f} {noun} ago"
    return "just now"
