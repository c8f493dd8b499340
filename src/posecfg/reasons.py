"""Group reasons: sentences that differ only in numbers, files and clips are one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from posecfg.types import Excluded

# Kind of the reason for which a clip is skipped if a file that posecfg did not write is in its place.
TAKEN = "already there"

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
# A path in quotes, one at the start of a sentence (it may contain blanks), and one without blanks.
_PATH = re.compile(r"'[^']*/[^']*'|(?<=^Expected )[^']*?/.*?(?= to (?:be|hold) )|(?<!\S)\S*/\S*")
# One entry can stand for many; files are counted by their suffix.
_MANY = re.compile(r"(\d[\d,]*) (?:more|segments?|(files?) (?:\.\S+|without a suffix))")


@dataclass(frozen=True)
class Group:
    """Clips with one reason: their ``names``, and the ``reason`` of the first with its own numbers."""

    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Left:
    """Inputs that were left out for one ``reason``: their ``number``, and the ``names`` of those that have one."""

    reason: str
    number: int
    names: tuple[str, ...]


def taken(file: Path) -> str:
    """Return the reason for a clip whose place is taken by ``file``, which posecfg does not replace."""
    return (
        f"{TAKEN}: '{file}', and no record says that posecfg wrote it for this clip: move it away, or choose another "
        "output_dir="
    )


def kind(reason: str) -> str:
    """Return the part before the first colon: 'too short' of 'too short: 0.1 s, ...'."""
    return reason.partition(": ")[0]


def groups(clips: Mapping[str, str]) -> list[Group]:
    """Group ``clips`` (name to reason) by reason, the largest group first."""
    found: dict[str, list[str]] = {}
    for name, reason in clips.items():
        found.setdefault(_gist(name, reason), []).append(name)
    gathered = (Group(tuple(names), clips[names[0]]) for names in found.values())
    return sorted(gathered, key=lambda group: -len(group.names))


def _gist(name: str, reason: str) -> str:
    """Return a reason without the details of its clip, to compare it with others."""
    text = _PATH.sub("#", reason)
    # Compiling an expression for each clip is slow.
    if name in text:
        own = re.escape(name)
        text = re.sub(rf"'{own}'|(?<=\bclip ){own}(?!\S)|(?<!\S){own}\.\w+", "#", text)
    return _NUMBER.sub("#", text)


def tally(excluded: Sequence[Excluded]) -> list[Left]:
    """Count what was left out by reason, in the order of the first of each."""
    numbers: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    for item in excluded:
        many = _MANY.fullmatch(item.name)
        numbers[item.reason] = numbers.get(item.reason, 0) + (int(many[1].replace(",", "")) if many else 1)
        named = names.setdefault(item.reason, [])
        if many is None or many[2]:
            named.append(item.name)
    return [Left(reason, number, tuple(names[reason])) for reason, number in numbers.items()]
