"""Read segments of films from the rows of a table."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from sys import intern

from posecfg.datasets.columns import Columns
from posecfg.datasets.identifiers import printable
from posecfg.datasets.refused import Refused
from posecfg.datasets.table import Table

_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_SHOWN = 100
# Seconds; larger values are no time in a film.
_FAR = 1e9
_PLACES = 6
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})

REPEATED = "the same as an earlier line"
TAKEN = "an earlier line has this name, with another time, film or text"


@dataclass(frozen=True, slots=True)
class Segment:
    """A row: ``name`` of the segment, ``video`` it is a part of, ``start`` and ``end`` in seconds."""

    line: int
    name: str
    video: str
    start: float
    end: float
    text: str | None
    subject: str | None

    @property
    def duration(self) -> float:
        """Length in seconds, rounded as decimals in a table: 10.2 - 10 is 0.2."""
        return round(self.end - self.start, _PLACES)

    @property
    def title(self) -> str:
        """Line number and name, for messages."""
        return _title(self.line, self.name or self.video)


def read(table: Table, columns: Columns, refused: Refused) -> list[Segment]:
    """Return the segments of a table, each name once; rows that are left out are added to ``refused``.

    In a table without names, a segment is named after its film and its number among that film's, from 000.
    """
    seen: dict[str | tuple[object, ...], Segment] = {}
    numbers: dict[str, int] = {}
    for segment in _parsed(table, columns, refused):
        key: str | tuple[object, ...] = segment.name
        if columns.name is None:
            key = (segment.video, segment.start, segment.end, segment.text)
        first = seen.get(key)
        if first is not None:
            same = columns.name is None or replace(first, line=segment.line) == segment
            refused.add(segment.title, REPEATED if same else TAKEN)
            continue
        if columns.name is None:
            number = numbers.get(segment.video, 0)
            numbers[segment.video] = number + 1
            segment = replace(segment, name=f"{segment.video}-{number:03d}")
        seen[key] = segment
    return list(seen.values())


def _parsed(table: Table, columns: Columns, refused: Refused) -> Iterator[Segment]:
    def good(fields: Sequence[str]) -> bool:
        if len(fields) != len(table.header):
            return False
        return isinstance(_time(fields[columns.start]), float) and isinstance(_time(fields[columns.end]), float)

    for row in table.rows(good):
        if row.problem:
            refused.add(_title(row.line), row.problem)
            continue
        segment = _segment(row.line, row.fields, columns)
        if isinstance(segment, str):
            named = columns.name if columns.name is not None else columns.video
            refused.add(_title(row.line, row.fields[named].strip()), segment)
        else:
            yield segment


def _segment(line: int, fields: Sequence[str], columns: Columns) -> Segment | str:
    """Read one row; return the segment, or a text that says what is wrong with the row."""
    times = []
    for place, which in ((columns.start, "start"), (columns.end, "end")):
        time = _time(fields[place])
        if isinstance(time, str):
            return f"its {which} {time}"
        times.append(time)
    start, end = times
    if start < 0:
        return "its start is negative"
    if round(end - start, _PLACES) <= 0:
        return "its end is not after its start"
    # One text for all rows of a film, and of a subject: tables have millions of rows.
    video = intern(fields[columns.video].strip())
    if not video:
        return "it names no film"
    name = "" if columns.name is None else fields[columns.name].strip()
    if columns.name is not None and not name:
        return "it has no name"
    text = None if columns.text is None else fields[columns.text]
    subject = None if columns.subject is None else intern(fields[columns.subject].strip())
    return Segment(line, name, video, start, end, text, subject)


def _title(line: int, name: str = "") -> str:
    return f"line {line}: {printable(name[:_SHOWN])}" if name else f"line {line}"


def _time(text: str) -> float | str:
    """Return the time in seconds, or a text that says what is wrong with it."""
    if _NUMBER.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            return "is not finite"
        return value if abs(value) < _FAR else "is beyond any film"
    bare = text.strip().lstrip("+-").casefold()
    if not bare:
        return "is missing"
    return "is not finite" if bare in _NOT_FINITE else "is not a number"
