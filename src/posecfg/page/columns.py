"""The clips of a run as columns of numbers: what a page needs of each to list, sort and filter them."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.page.measures import MEASURES, Usual, badness, of_clip, totals
from posecfg.page.told import without_folders
from posecfg.runs.scope import known
from posecfg.store import ledger, record_files
from posecfg.store.clip_facts import are_numbers
from posecfg.store.ledger_row import Row, from_record
from posecfg.store.run_directory import RunDirectory

STATUS = {"done": 0, "skipped": 1, "failed": 2}
NOTHING = -1
# Digits of numbers that a page has beyond those that it shows.
_SPARE = 2


class Texts:
    """Sentences that many clips share, each kept once and known by its number."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a sentence, that of none where it is empty."""
        if not text:
            return NOTHING
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.all)
            self.all.append(without_folders(text))
        return found


@dataclass(frozen=True)
class Clips:
    """The clips of one run: ``rows`` in the order of their ids, with the measures and badness of each.

    ``together`` are the measures of all of them.
    """

    root: Path
    rows: tuple[Row, ...]
    measures: tuple[Mapping[str, float], ...]
    badness: tuple[tuple[float | None, str], ...]
    together: Mapping[str, float]

    def columns(self, numbers: Mapping[str, int], texts: Texts) -> dict[str, list[Any]]:
        """Return a list for each thing that is known of clips; ``numbers`` are those of their ids."""
        found: dict[str, list[Any]] = {
            "id": [numbers[row.id] for row in self.rows],
            "status": [STATUS[row.status] for row in self.rows],
            "rows": [row.frames for row in self.rows],
            "seconds": [_rounded(row.facts.get("duration"), 3) for row in self.rows],
            "missing": [_count(row, "rows_missing") for row in self.rows],
            "made": [_count(row, "rows_made") for row in self.rows],
            "badness": [bad for bad, _ in self.badness],
            "why": [texts.number(why) for _, why in self.badness],
            "warnings": [texts.number("; ".join(row.warnings)) for row in self.rows],
        }
        for name, measure in MEASURES.items():
            digits = measure.digits + _SPARE
            column = [_rounded(one.get(name), digits) for one in self.measures]
            if any(value is not None for value in column):
                found[name] = column
        return found


def clips_of(root: Path) -> Clips:
    """Read what the records of a run tell of its clips."""
    with _without_collecting():
        return _clips_of(root)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let Python not look for cycles among rows: there are none, and that takes a quarter of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _clips_of(root: Path) -> Clips:
    rows = sorted(_rows(root), key=lambda row: row.id)
    measures = tuple(map(of_clip, rows))
    usual = Usual.of(measures)
    bad = tuple(badness(row, one, usual) for row, one in zip(rows, measures, strict=True))
    sums = [row.facts["quality_sums"] for row, one in zip(rows, measures, strict=True) if one]
    return Clips(root, tuple(rows), measures, bad, totals(sums))


def _rows(root: Path) -> Sequence[Row]:
    """Return the rows of all clips; of a folder without ledger the records tell."""
    rows = known(RunDirectory(root), read=ledger.told)
    if not rows:
        for name, stamp in record_files.walk(root):
            record = record_files.read(root / HOME / "clips" / name)
            if record is not None:
                rows[record.id] = from_record(record, (stamp.size, stamp.mtime_ns))
    return list(rows.values())


def _count(row: Row, name: str) -> int:
    value = row.facts.get(name, 0) if row.status == "done" else 0
    return value if isinstance(value, int) else 0


def _rounded(value: Any, digits: int) -> float | None:
    # Most numbers are these, and there are millions.
    if type(value) is float and math.isfinite(value):
        return round(value, digits)
    return round(float(value), digits) if isinstance(value, int | float) and are_numbers([value]) else None
