"""Read tables with tabs, commas, semicolons or bars, quoted or not, even if some lines cannot be read."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple, TextIO

from posecfg.errors import ConfigError

DELIMITERS = "\t,;|"
LONGEST = 1 << 20
"""Most characters of a line; the rest of a longer one is skipped."""
DEEPEST = 1 << 17
"""Most characters of a record of several lines."""
PATIENCE = 1_000_000
"""Most lines of a file that are read again because they formed no record; from then on, each line is a record."""
_HEAD = 1 << 16

Good = Callable[[Sequence[str]], bool]


class Row(NamedTuple):
    """The fields of the record that begins in ``line`` (from 1), or the problem why it could not be read."""

    line: int
    fields: Sequence[str]
    problem: str | None = None


class _Line(NamedTuple):
    number: int
    text: str
    problem: str | None


class Table:
    """A text file whose first line names the columns; only one record is in memory at a time.

    ``known`` are names that columns may have, as ``plain`` gives them: the delimiter is the one that finds most of
    them. Quotes are parsed record by record: a quote that is never closed, or whose lines are valid rows by themselves,
    is an ordinary character.
    """

    def __init__(self, path: Path, known: Collection[str]) -> None:
        self.path = path
        with closing(self._lines()) as lines:
            head = next((line for line in lines if line.problem or line.text.strip()), None)
        if head is None:
            raise ConfigError(
                f"Expected '{path}' to be a table with names of columns on top, but it is empty: type "
                "dataset.path=TABLE."
            )
        if head.problem:
            raise ConfigError(
                f"Expected '{path}' to be a table in UTF-8, but line {head.number} {head.problem}: type "
                "dataset.path=TABLE."
            )
        readings = [_split(head.text, mark, strict=True) or _plainly(head.text, mark) for mark in DELIMITERS]
        ranks = [(sum(plain(name) in known for name in names), len(names)) for names in readings]
        best = ranks.index(max(ranks))
        self.header = tuple(name.strip() for name in readings[best])
        self._delimiter, self._top = DELIMITERS[best], head.number

    def rows(self, good: Good) -> Iterator[Row]:
        """Yield every record below the header except blank lines; ``good`` tells whether fields form a valid row."""
        with closing(self._lines()) as source:
            lines = _Lines(source)
            for line in lines:
                if line.number > self._top and (line.problem or line.text.strip()):
                    yield self._row(line, lines, good)

    def _row(self, line: _Line, lines: _Lines, good: Good) -> Row:
        if line.problem:
            return Row(line.number, (), line.problem)
        fields = self._fields(line, lines, good)
        if len(fields) == len(self.header):
            return Row(line.number, fields)
        return Row(line.number, fields, f"has too {'few' if len(fields) < len(self.header) else 'many'} fields")

    def _fields(self, line: _Line, lines: _Lines, good: Good) -> Sequence[str]:
        whole = self._fit(_plainly(line.text, self._delimiter))
        if '"' not in line.text:
            return whole
        quoted, taken = self._quoted(line, lines)
        if quoted is not None and good(quoted):
            apart = sum(self._stands_alone(other, good) for other in (line, *taken)) if taken else 0
            if apart <= 1:
                return quoted
        lines.back(taken)
        if good(whole):
            return whole
        loose = self._fit(_split(line.text, self._delimiter, strict=False) or ())
        return loose if good(loose) else whole if quoted is None or taken else quoted

    def _quoted(self, line: _Line, lines: _Lines) -> tuple[Sequence[str] | None, list[_Line]]:
        """Read the record that begins in ``line`` strictly; return its fields (None: invalid) and its further lines."""
        taken: list[_Line] = []

        def feed() -> Iterator[str]:
            yield line.text
            room = DEEPEST - len(line.text) if lines.returned < PATIENCE else 0
            while room > 0 and (more := next(lines, None)) is not None:
                taken.append(more)
                room -= len(more.text)
                if more.problem:
                    return
                yield more.text

        try:
            return self._fit(next(csv.reader(feed(), delimiter=self._delimiter, strict=True))), taken
        except csv.Error:
            return None, taken

    def _stands_alone(self, line: _Line, good: Good) -> bool:
        readings = (_split(line.text, self._delimiter, strict=True), _plainly(line.text, self._delimiter))
        return any(good(self._fit(reading)) for reading in readings if reading is not None)

    def _fit(self, fields: Sequence[str]) -> Sequence[str]:
        """Remove empty fields after the last column: some programs end every line with a delimiter."""
        wide = len(self.header)
        return fields[:wide] if len(fields) > wide and not any(map(str.strip, fields[wide:])) else fields

    def _lines(self) -> Generator[_Line]:
        try:
            with self.path.open("rb") as stream:
                head = stream.read(_HEAD)
            if head.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise ConfigError(f"Expected '{self.path}' to be a table in UTF-8, but it is UTF-16: save it as UTF-8.")
            end = "\r" if b"\r" in head and b"\n" not in head else "\n"
            with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline=end) as text:
                yield from _numbered(text, end)
        except OSError as error:
            raise ConfigError(
                f"Expected '{self.path}' to be a table, but it cannot be read ({error.strerror}): type "
                "dataset.path=TABLE."
            ) from error


class _Lines:
    """Iterator of lines that can be put back; ``returned`` counts those put back."""

    def __init__(self, source: Iterator[_Line]) -> None:
        self.returned = 0
        self._source = source
        self._waiting: deque[_Line] = deque()

    def __iter__(self) -> Iterator[_Line]:
        return self

    def __next__(self) -> _Line:
        return self._waiting.popleft() if self._waiting else next(self._source)

    def back(self, lines: Sequence[_Line]) -> None:
        self.returned += len(lines)
        self._waiting.extendleft(reversed(lines))


def plain(name: str) -> str:
    """Return a column's name in lower case, without blanks around it."""
    return name.strip().casefold()


def _numbered(stream: TextIO, end: str) -> Generator[_Line]:
    number = 0
    while text := stream.readline(LONGEST):
        number += 1
        if len(text) < LONGEST or text.endswith(end):
            yield _Line(number, text, _fault(text))
            continue
        while (rest := stream.readline(LONGEST)) and not rest.endswith(end):
            pass
        yield _Line(number, "", f"is longer than {LONGEST:,} characters")


def _fault(text: str) -> str | None:
    if "\0" in text:
        return "holds a NUL character"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "is not UTF-8"
    return None


def _plainly(text: str, delimiter: str) -> list[str]:
    """Split a line in which quotes are ordinary characters."""
    return text.removesuffix("\n").removesuffix("\r").split(delimiter)


def _split(text: str, delimiter: str, strict: bool) -> list[str] | None:
    """Split one line with quotes; return None if that is not possible."""
    with suppress(csv.Error):
        return next(csv.reader([text], delimiter=delimiter, strict=strict))
    return None
