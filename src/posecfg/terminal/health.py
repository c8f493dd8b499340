"""Print what ``doctor`` found: what is ready and what to type for the rest, then the details."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from posecfg.models import registry
from posecfg.terminal.console import literal
from posecfg.terminal.weights import WAYS, size_of
from posecfg.text import count, printable

Row = dict[str, Any]
_LABEL = 12


def show(rows: Sequence[Row]) -> None:
    """Print which detectors and lifters are ready, what to type for each of the others, and the state of packages."""
    console = literal()
    chains = [row for row in rows if "settings" in row]
    backends = [row for row in rows if row["kind"] in ("python", "backend", "encoder")]
    broken = [row for row in rows if row["required"] and not row["ok"]]
    for row in broken:
        _advice(console, f"Nothing works without {row['name']} ({row['detail']}).", "Type", row["advice"])
    _ready(console, [row for row in chains if row["ok"]])
    for row in chains:
        if not row["ok"]:
            _lacking(console, row)
    console.print()
    _hanging(console, "ok", "green", ", ".join(_told(row) for row in backends if row["ok"]))
    for row in backends:
        if not row["ok"]:
            _one(console, row)
    weights = [row for row in rows if row["kind"] == "weights"]
    here = sum(row["ok"] for row in weights)
    console.print(Text(f"weights  {here:,} of {count(len(weights), 'file')} are here: posecfg models list"))
    for row in weights:
        if row["detail"] not in ("present", "missing"):
            _advice(console, f"{row['name']} is {row['detail']}.", "Type", row["advice"])
    _plugins(console, [row for row in rows if row["kind"] == "plugin"])
    _gpus(console, [row for row in rows if row["kind"] == "gpus"])
    if chains:
        console.print(Text("All about one: posecfg doctor NAME"))


def show_named(rows: Sequence[Row]) -> None:
    """Print all that is known of the detectors, lifters and packages in ``rows``, and of what they need."""
    console = literal()
    for row in rows:
        if "settings" in row:
            _option(console, row, [other for other in rows if other["kind"] == "weights"])
    for row in rows:
        if row["kind"] == "backend":
            _one(console, row)


def _plugins(console: Console, rows: Sequence[Row]) -> None:
    """Print which options each plugin brings, or why it brings none."""
    for row in rows:
        name = " ".join(filter(None, [row["name"], row["version"]]))
        told = row["detail"] if row["ok"] else f"it brings no options: {row['detail']}"
        _hanging(console, "plugin", "green" if row["ok"] else "bold red", f"{name}: {told}")


def _gpus(console: Console, rows: Sequence[Row]) -> None:
    """Print how many GPUs there are, and what ``workers=auto`` makes of them."""
    for row in rows:
        _hanging(console, "gpus", "green" if row["ok"] else "yellow", row["detail"])


def _ready(console: Console, rows: Sequence[Row]) -> None:
    """Print the options that can run: models first, then what loads none."""
    rows = sorted(rows, key=lambda row: not row["packages"])
    names = [_called(row) for row in rows if row["kind"] == "detector" or row["packages"]]
    if rows:
        begin = Text("Ready now: ", "bold green")
        console.print(begin + Text(", ".join(names)))


def _called(row: Row) -> str:
    return str(row["name"]) if row["kind"] == "detector" else f"{row['kind']}={row['name']}"


def _lacking(console: Console, row: Row) -> None:
    if row["advice"]:
        _advice(console, f"For {_called(row)} ({row['detail']})", "type", row["advice"])
    else:
        _wrapped(console, f"{_called(row)} cannot run: {row['detail']}")


def _advice(console: Console, text: str, verb: str, command: str) -> None:
    """Print a sentence that ends in a command: in one line where there is room, else the command in one of its own."""
    line = printable(f"{text} {verb}: {command}")
    if len(line) <= console.width:
        console.print(Text(line))
    else:
        _wrapped(console, f"{text} {verb}:")
        console.print(Text(f"  {printable(command)}"), soft_wrap=True)


def _wrapped(console: Console, text: str) -> None:
    for line in textwrap.wrap(printable(text), console.width, break_on_hyphens=False, subsequent_indent="  "):
        console.print(Text(line), soft_wrap=True)


def _one(console: Console, row: Row) -> None:
    """Print one line a package: its state, version and devices, and below what to type where it does not work."""
    style = "green" if row["ok"] else "bold red" if row.get("installed") or row["required"] else "yellow"
    _hanging(console, verdict(row), style, _told(row) + (f", for {row['what']}" if row.get("what") else ""))
    if row["advice"]:
        console.print(Text(f"{'':9}{printable(row['advice'])}"), soft_wrap=True)


def _hanging(console: Console, label: str, style: str, text: str, begin: int = 9) -> None:
    room = max(console.width - begin, 20)
    for number, line in enumerate(textwrap.wrap(printable(text), room, break_on_hyphens=False)):
        console.print(Text.assemble((("" if number else label).ljust(begin), style), line), soft_wrap=True)


def _told(row: Row) -> str:
    """Return the name of a package with its version and what is known of it."""
    name = " ".join(filter(None, [row["name"], row.get("version")]))
    return name if row["detail"] in ("", "not installed") else f"{name} ({row['detail']})"


def verdict(row: Row) -> str:
    """Return the state of a package in one word."""
    if row["ok"]:
        return "ok"
    if row.get("installed"):
        return "broken"
    return "missing" if row.get("required") else "absent"


def _option(console: Console, row: Row, weights: Sequence[Row]) -> None:
    """Print what a detector or lifter is, whether it is ready, what it loads, and where it can run."""
    state = ("ready", "green") if row["ok"] else ("not ready", "bold yellow")
    console.print(Text.assemble((f"{row['kind']}={row['name']}", "bold"), ": ", state))
    _wrapped(console, row["what"])
    if not row["ok"]:
        _lacking(console, row)
    _line(console, "try", row["example"])
    for key in row["settings"]:
        _line(console, "needs", f"{key}=...")
    if row["instead"]:
        _line(console, "or choose", row["instead"])
    _line(console, "devices", ", ".join(row["devices"]) or "any")
    if row["elsewhere"]:
        _line(console, "not here", ", ".join(row["elsewhere"]))
    for other in weights:
        entry = registry.entry(other["name"])
        begins = f"{row['kind']}={row['name']}"
        uses = [words for words in entry.used_by if words == begins or words.startswith(f"{begins} ")]
        if uses or other["name"] in row["weights"]:
            here = other["detail"]
            here = here if here != "missing" else f"{WAYS.get(entry.way, here)}, {_size(entry)}"
            more = f", with {uses[0].removeprefix(begins).strip()}" if other["name"] not in row["weights"] else ""
            _hanging(console, "  weights", "dim", f"{other['name']}: {here}{more}", _LABEL)


def _size(entry: registry.Entry) -> str:
    return size_of({"bytes": entry.bytes, "about": entry.about})


def _line(console: Console, label: str, text: str) -> None:
    console.print(Text.assemble((f"  {label}".ljust(_LABEL), "dim"), printable(text)), soft_wrap=True)
