"""Limits on the size of command lines, numbers and YAML files, and of what aliases and interpolations become."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from posecfg.config.options import pages_below
from posecfg.errors import ConfigError, UsageError
from posecfg.text import size

WORDS = 200_000
"""Characters of a command line."""
MARKS = 5_000
"""Commas and brackets of a command line: Hydra's grammar takes about a millisecond for each."""
FILE = 1 << 16
"""Bytes of a YAML file."""
NODES = 20_000
"""Values of a YAML file once its aliases are put in."""
EXPANDED = 1 << 20
"""Characters and values of a configuration once its interpolations are put in."""

_INNERMOST = re.compile(r"\$\{([^${}]*)\}")
_HOLE = "\0"


def check_words(words: Sequence[str]) -> None:
    """Refuse a command line that would take very long to read."""
    words = [word for word in words if "=" in word]
    length = sum(map(len, words))
    marks = sum(word.count(mark) for word in words for mark in ",[{(")
    if length > WORDS or marks > MARKS:
        found = f"{length:,} characters" if length > WORDS else f"{marks:,} commas and brackets"
        most = f"{WORDS:,}" if length > WORDS else f"{MARKS:,}"
        raise UsageError(
            f"The command line has {found}, but at most {most} are read: name fewer values, or put them into a file "
            "and type --config-dir FOLDER experiment=NAME."
        )


def check_files(folder: Path) -> None:
    """Refuse YAML files below ``folder`` that are too large, or become so by aliases."""
    for file in pages_below(folder):
        try:
            with file.open("rb") as stream:
                text = stream.read(FILE + 1)
        except OSError:
            continue
        if len(text) > FILE:
            raise ConfigError(f"'{file}' has more than {size(FILE)}, which no configuration needs: make it smaller.")
        if b"&" in text and _nodes(text) > NODES:
            raise ConfigError(f"'{file}' becomes more than {NODES:,} values by its aliases: leave them out.")


def _nodes(text: bytes) -> int:
    """Return how many values a YAML text has once its aliases are put in; 0 for one that is left to Hydra to refuse."""
    import yaml  # type: ignore[import-untyped]

    counts: dict[int, int] = {}

    def count(node: Any) -> int:
        if id(node) not in counts:
            # An alias inside its own anchor is no value.
            counts[id(node)] = 0
            parts = node.value if isinstance(node.value, list) else []
            flat = [one for part in parts for one in (part if isinstance(part, tuple) else (part,))]
            counts[id(node)] = 1 + sum(count(one) for one in flat)
        return counts[id(node)]

    try:
        return sum(count(node) for node in yaml.compose_all(text.decode(), yaml.SafeLoader) if node is not None)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return 0


def check_expansion(plain: Mapping[str, Any]) -> None:
    """Refuse a configuration (unresolved) that becomes too large once its interpolations are put in."""
    if _Expansion(plain).weight(()) > EXPANDED:
        raise ConfigError(
            f"The configuration becomes more than {size(EXPANDED)} once its interpolations, ${{...}}, are put in: "
            "write the values themselves."
        )


def check_numbers(plain: Any, place: str = "") -> None:
    """Refuse whole numbers that no floating-point number can stand for: wherever one is reckoned with, Python ends."""
    if isinstance(plain, Mapping):
        for key, value in plain.items():
            check_numbers(value, f"{place}.{key}" if place else str(key))
    elif isinstance(plain, list):
        for number, value in enumerate(plain):
            check_numbers(value, f"{place}[{number}]")
    elif isinstance(plain, int) and abs(plain) > sys.float_info.max:
        raise ConfigError(
            f"{place}: expected a number of at most {sys.float_info.max_10_exp} digits, but got a longer one."
        )


class _Expansion:
    """The size of every value of a configuration after resolution; each is computed once."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._plain = plain
        self._known: dict[tuple[str, ...], int] = {}

    def weight(self, path: tuple[str, ...]) -> int:
        """Return the size of the value at ``path``; 0 where there is none, or where it refers to itself."""
        if path not in self._known:
            self._known[path] = 0
            node = self._at(path)
            if isinstance(node, Mapping):
                total = sum(1 + self.weight((*path, str(key))) for key in node)
            elif isinstance(node, list):
                total = sum(1 + self.weight((*path, str(place))) for place in range(len(node)))
            elif isinstance(node, str):
                total = len(node) + sum(self.weight(other) for other in self._references(node, path))
            else:
                total = 1
            self._known[path] = min(total, 2 * EXPANDED)
        return self._known[path]

    def _at(self, path: tuple[str, ...]) -> Any:
        node: Any = self._plain
        for part in path:
            if isinstance(node, str) and "${" in node:
                # Inside what another interpolation puts there: its size is that of the whole.
                return node
            if isinstance(node, Mapping):
                node = node.get(part)
            elif isinstance(node, list):
                node = node[int(part)] if part.isdecimal() and int(part) < len(node) else None
            else:
                return None
        return node

    def _references(self, text: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield the paths that the interpolations of ``text`` name, from the innermost outwards."""
        for _ in range(20):
            found = _INNERMOST.findall(text)
            if not found:
                return
            for inside in found:
                yield from self._named(inside, path)
            text = _INNERMOST.sub(_HOLE, text)
        raise ConfigError(f"{'.'.join(path)}: expected at most 20 interpolations inside each other.")

    def _named(self, inside: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        resolver, colon, arguments = inside.partition(":")
        if _HOLE in (resolver if colon else inside):
            raise ConfigError(f"{'.'.join(path)}: the name in ${{...}} must stand there, without another ${{...}}.")
        for name in arguments.split(",") if colon else [inside]:
            name = name.strip(" '\"")
            dots = len(name) - len(name.lstrip("."))
            parts = tuple(part for part in re.split(r"[.\[\]]", name[dots:]) if part)
            yield (*path[: max(len(path) - dots, 0)], *parts) if dots else parts
