"""Read segments of films from the rows of a table."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterator, Sequence
from sys import intern
from typing import NamedTuple, overload

from posecfg.datasets.columns import Columns
from posecfg.datasets.identifiers import printable
from posecfg.datasets.refused import Refused
from posecfg.datasets.table import Table
from posecfg.text import parse_time

_NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_SHOWN = 100
# Characters of a number; more are none that anybody means.
_LONGEST = 1000
# Seconds; larger values are no time in a film.
_FAR = 1e9
_PLACES = 6
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})

REPEATED = "the same as an earlier line"
TAKEN = "an earlier line has this name, with another time, film or text"


class Segment(NamedTuple):
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


class Segments(Sequence[Segment]):
    """Segments in columns: a table has millions of rows, and an object for each number would fill the memory."""

    def __init__(self) -> None:
        self._lines, self._starts, self._ends = array("Q"), array("d"), array("d")
        self.names: list[str] = []
        self._videos: list[str] = []
        self._texts: list[str | None] = []
        self._subjects: list[str | None] = []

    def append(self, segment: Segment) -> None:
        """Add a segment at the end."""
        self._lines.append(segment.line)
        self._starts.append(segment.start)
        self._ends.append(segment.end)
        self.names.append(segment.name)
        self._videos.append(segment.video)
        self._texts.append(segment.text)
        self._subjects.append(segment.subject)

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> Segment: ...
    @overload
    def __getitem__(self, index: slice) -> list[Segment]: ...
    def __getitem__(self, index: int | slice) -> Segment | list[Segment]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return Segment(
            self._lines[index],
            self.names[index],
            self._videos[index],
            self._starts[index],
            self._ends[index],
            self._texts[index],
            self._subjects[index],
        )


def read(table: Table, columns: Columns, refused: Refused) -> Segments:
    """Return the segments of a table, each name once; rows that are left out are added to ``refused``.

    In a table without names, a segment is named after its film and its number among that film's, from 000.
    """
    found = Segments()
    seen: dict[str | tuple[object, ...], int] = {}
    numbers: dict[str, int] = {}
    for segment in _parsed(table, columns, refused):
        key: str | tuple[object, ...] = segment.name
        if columns.name is None:
            key = (segment.video, segment.start, segment.end, segment.text)
        place = seen.setdefault(key, len(found))
        if place < len(found):
            first = found[place]
            same = columns.name is None or first._replace(line=segment.line) == segment
            refused.add(segment.title, REPEATED if same else TAKEN)
            continue
        if columns.name is None:
            number = numbers.get(segment.video, 0)
            numbers[segment.video] = number + 1
            segment = segment._replace(name=f"{segment.video}-{number:03d}")
        found.append(segment)
    return found


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
    """Return the seconds of a number or of a time such as 00:01:30.5, or a text that says what is wrong with it."""
    if len(text) > _LONGEST:
        return "is not a number"
    if _NUMBER.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            return "is not finite"
        return value if abs(value) < _FAR else "is beyond any film"
    if ":" in text and (clock := parse_time(text)) is not None:
        return clock
    bare = text.strip().lstrip("+-").casefold()
    if not bare:
        return "is missing"
    return "is not finite" if bare in _NOT_FINITE else "is not a number"
