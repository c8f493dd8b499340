"""Find the columns of a table of segments: film, name, start, end, text and subject."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from posecfg.datasets.identifiers import printable
from posecfg.datasets.table import plain
from posecfg.errors import ConfigError

USUAL = {
    "video": ("VIDEO_NAME", "VIDEO_ID"),
    "name": ("SENTENCE_NAME", "SENTENCE_ID"),
    "text": ("SENTENCE", "TEXT"),
    "subject": ("SUBJECT", "SIGNER_ID", "SIGNER"),
}
"""Usual names of columns; the first that the table has is used."""
TIMES = (("START", "END"), ("START_REALIGNED", "END_REALIGNED"))
KNOWN = frozenset(plain(name) for names in (*USUAL.values(), *TIMES) for name in names)

_SHOWN = 12


@dataclass(frozen=True)
class Columns:
    """Indices of columns, from 0; None if the table has no such column."""

    video: int
    start: int
    end: int
    name: int | None
    text: int | None
    subject: int | None


class _Header:
    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.path, self.names = path, names
        self.plain = [plain(name) for name in names]

    def has(self, name: str) -> bool:
        return plain(name) in self.plain

    def place(self, name: str) -> int:
        if self.plain.count(plain(name)) > 1:
            raise ConfigError(f"Expected '{self.path}' to have one column {printable(name)}, but it has several.")
        return self.plain.index(plain(name))

    def lacks(self, what: str, *arguments: tuple[str, Sequence[str]]) -> ConfigError:
        """Return the error for missing columns; ``arguments`` are those that would name them, with the names wanted."""
        shown = [printable(name[:40]) or "''" for name in self.names[:_SHOWN]]
        more = f" and {len(self.names) - _SHOWN} more" if len(self.names) > _SHOWN else ""
        guesses = [self._guess(wanted, key.removesuffix("_column")) for key, wanted in arguments]
        typed = " ".join(f"dataset.{key}={guess or 'NAME'}" for (key, _), guess in zip(arguments, guesses, strict=True))
        end = f"Type {typed} if it is called otherwise." if None in guesses else f"Did you mean {typed}?"
        return ConfigError(
            f"Expected the first line of '{self.path}' to name {what}, but it is {', '.join(shown)}{more}. {end}"
        )

    def _guess(self, wanted: Sequence[str], key: str) -> str | None:
        """Return the column ``wanted``, or else the one with the most similar name that has no other meaning."""
        there = next((name for name in wanted if self.has(name)), None)
        if there is not None:
            return there
        other = KNOWN - {plain(name) for name in USUAL.get(key, ())}
        free = {p: name for p, name in zip(self.plain, self.names, strict=True) if p not in other and p}
        near = (difflib.get_close_matches(plain(name), free, n=1) for name in wanted)
        return next((printable(free[found[0]]) for found in near if found), None)


def choose(path: Path, header: Sequence[str], asked: Mapping[str, str | None]) -> Columns:
    """Find the columns in ``header``: those ``asked`` for, else those with a usual name."""
    names = _Header(path, header)
    places = {key: _one(names, key, asked.get(key)) for key in USUAL}
    video = places["video"]
    if video is None:
        raise names.lacks(" or ".join(USUAL["video"]), ("video_column", USUAL["video"]))
    start, end = _times(names, asked.get("start"), asked.get("end"))
    return Columns(video, start, end, places["name"], places["text"], places["subject"])


def _one(names: _Header, key: str, asked: str | None) -> int | None:
    if asked is not None:
        return _asked(names, key, asked)
    found = next((name for name in USUAL[key] if names.has(name)), None)
    return None if found is None else names.place(found)


def _asked(names: _Header, key: str, asked: str) -> int:
    if not names.has(asked):
        raise names.lacks(f"{asked} (dataset.{key}_column)", (f"{key}_column", (asked,)))
    return names.place(asked)


def _times(names: _Header, start: str | None, end: str | None) -> tuple[int, int]:
    if start is not None and end is not None:
        return _asked(names, "start", start), _asked(names, "end", end)
    for first, last in TIMES:
        if names.has(first) and names.has(last):
            return names.place(first), names.place(last)
    starts, ends = zip(*TIMES, strict=True)
    what = ", or ".join(f"{first} and {last}" for first, last in TIMES)
    raise names.lacks(what, ("start_column", starts), ("end_column", ends))
