"""Print what ``models`` knows of weights: one line a file, or all of a few."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from posecfg.terminal.console import literal
from posecfg.text import printable, size

# What is said of weights that are missing, by the way in which they are got.
WAYS = {"fetch": "fetchable", "export": "to export", "install": "to install"}
STYLES = {"present": "green", "wrong": "bold red", "untrusted": "red"}
# Columns of a line, the least that is worth beginning to say in, and those before the values of ``show``.
_STATE, _SIZE, _ROOM, _LABEL = 10, 8, 20, 14
_ORDER = ("present", "wrong", "untrusted", *WAYS.values(), "missing")


def show_list(rows: Sequence[dict[str, Any]], action: str = "list") -> None:
    """Print one line a file of weights, what is here first, and the commands that mend those that ``action`` is of."""
    console, every = literal(), rows
    if action == "verify":
        # Of all weights, missing ones that were not named are only counted.
        rows = [row for row in rows if row["state"] != "missing" or not row.get("ok", True)]
    for row in sorted(rows, key=lambda row: _ORDER.index(state(row))):
        console.print(_one(row, max(len(one["name"]) for one in rows), console.width))
    for row in rows:
        if row.get("note"):
            console.print(Text(f"{row['name']}: {printable(row['note'])}", style="green"), soft_wrap=True)
        advice = row["advice"] if row["state"] != "present" and (action != "list" or row["state"] != "missing") else ""
        if text := row.get("error") or advice:
            console.print(Text(f"{row['name']}: {printable(text)}"), soft_wrap=True)
    if action == "verify":
        states = Counter("verified" if row["state"] == "present" else row["state"] for row in every)
        console.print(Text(f"{', '.join(f'{number:,} {state}' for state, number in states.items())}."))
    elif action == "list":
        _close(console, rows)


def _one(row: dict[str, Any], longest: int, width: int) -> Text:
    """Return one line: name, state, size, and as much of what the weights are as ``width`` has room for."""
    mark = Text(f"{state(row):{_STATE}}", STYLES.get(row["state"], "yellow"))
    text = Text.assemble((f"{row['name']:{longest}}", "bold"), "  ", mark, f"{size_of(row):>{_SIZE}}")
    if width - len(text) > _ROOM:
        text.append(f"  {printable(row['what'])}", "dim")
    text.truncate(width, overflow="ellipsis")
    return text


def _close(console: Console, rows: Sequence[dict[str, Any]]) -> None:
    here = sum(row["state"] == "present" for row in rows)
    console.print(Text(f"{here:,} of {len(rows):,} are here. Get, make or look at one:"))
    for action in ("fetch", "export", "show"):
        console.print(Text(f"  posecfg models {action} NAME"))


def show_details(rows: Sequence[dict[str, Any]]) -> None:
    """Print all that is known of a few files of weights."""
    console = literal()
    for number, row in enumerate(rows):
        if number:
            console.print()
        console.print(Text.assemble((row["name"], "bold"), ": ", (state(row), STYLES.get(row["state"], "yellow"))))
        for label, text, literally in _details(row):
            _line(console, label, printable(text), literally)


def _details(row: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield label, text and whether it is to be copied, so that no line break may be in it."""
    yield "what", row["what"], False
    for words in row["used_by"]:
        yield "used by", words, True
    yield "size", size_of(row), False
    yield "licence", row["licence"], False
    yield "commercial", use(row), False
    if row["cite"]:
        yield "cite", row["cite"], False
    yield "sha256", row["sha256"] or "none is published", True
    if row["found"] and row["found"] != row["sha256"]:
        yield "found", row["found"], True
    yield "file", row["file"], True
    if row["path"]:
        yield "where", row["path"], True
    for url in row["urls"]:
        yield "from", url, True
    if row["made_from"]:
        yield "made from", row["made_from"], True
    if row["advice"]:
        yield "type", row["advice"], True
    if row["instead"] and row["state"] != "present":
        yield "or choose", row["instead"], True


def _line(console: Console, label: str, text: str, literally: bool) -> None:
    room = max(console.width - _LABEL, 20)
    lines = [text] if literally else textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    for number, line in enumerate(lines):
        begin = f"  {'' if number else label}".ljust(_LABEL)
        console.print(Text.assemble((begin, "dim"), line), soft_wrap=True)


def state(row: dict[str, Any]) -> str:
    """Return in what state weights are here, and of missing ones how they are got."""
    return WAYS.get(row["way"], "missing") if row["state"] == "missing" else str(row["state"])


def use(row: dict[str, Any]) -> str:
    """Say whether commercial use is allowed; terms of the training data leave that open."""
    if row["commercial"] is None:
        return f"see terms, {row['caution']}"
    return "yes" if row["commercial"] else "no"


def asks_to_be_named(row: dict[str, Any]) -> bool:
    """Tell whether the licence of weights asks to name who made them."""
    return bool(row["licence"].startswith("CC BY") and row["cite"])


def size_of(row: dict[str, Any]) -> str:
    """Return the size of weights, rough where the exact one is unknown."""
    if row["bytes"]:
        return size(row["bytes"])
    return f"~{row['about'] / 1e6:.0f} MB" if row["about"] else "?"
