"""The lines of a YAML file at which its keys stand, and at which its list of defaults chooses options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from posecfg.config.pages import CHOSEN


class Entry(NamedTuple):
    """One entry of a list of defaults: the group as it is written, the option, and the line."""

    group: str
    option: str
    line: int


def line_of(file: Path, keys: Sequence[str]) -> int | None:
    """Return the line at which a key stands, named by those above it and itself; None where it is not found."""
    node, line = _root(_text(file)), None
    for key in keys:
        pair = next((pair for pair in _pairs(node) if pair[0].value == key), None)
        if pair is None:
            return None
        line, node = pair[0].start_mark.line + 1, pair[1]
    return line


def entries(file: Path) -> Iterator[Entry]:
    """Yield what the list of defaults of a file chooses."""
    inside = False
    for number, line in enumerate(_text(file).splitlines(), 1):
        if inside and (match := CHOSEN.match(line)):
            if match[1] != "_self_" and match[2]:
                group = f"/{match[1]}" if f"/{match[1]}" in line else match[1]
                yield Entry(group, match[2].partition(" #")[0].strip(), number)
        elif line and not line.lstrip().startswith("#"):
            inside = line.startswith("defaults:")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


@cache
def _root(text: str) -> Any:
    import yaml  # type: ignore[import-untyped]

    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return node.value if node is not None and node.id == "mapping" else []
