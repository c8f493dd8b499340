"""Print what would be done with single clips, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from posecfg.terminal.layout import strong, wrapped
from posecfg.text import count, printable

NAMED = 12


def page(told: Mapping[str, Any], width: int) -> str:
    """Return a paragraph for each clip, the first ones of many."""
    clips: Sequence[Mapping[str, Any]] = told["clips"]
    text = "\n".join(_clip(one, width) for one in clips[:NAMED])
    if len(clips) > NAMED:
        text += "\n" + wrapped(f"and {count(len(clips) - NAMED, 'other clip')}: --json tells of all", width)
    if told["refused"]:
        text += "\n" + wrapped(printable(f"A run would refuse: {told['refused']}"), width)
    return text


def _clip(one: Mapping[str, Any], width: int) -> str:
    to_do = "to do: " if one["to_do"] else ""
    text = f"{strong(printable(one['clip']))}: {to_do}{printable(one['reason'])}\n"
    text += "".join(wrapped(printable(line), width, 2) for line in one["because"])
    if one["does"]:
        text += wrapped(f"a run would make {printable(one['does'])}", width, 2)
    return text + "".join(wrapped(f"note: {printable(line)}", width, 2) for line in one["notes"])
