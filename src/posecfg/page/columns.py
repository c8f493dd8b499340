"""The clips of a run as columns of numbers: what a page needs of each to list, sort and filter them."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posecfg.layout import HOME
from posecfg.page.badness import Looked, badness
from posecfg.page.measures import MEASURES, of_clips
from posecfg.page.rounding import rounded
from posecfg.page.told import without_folders
from posecfg.store import ledger, record_files
from posecfg.store.ledger_row import from_record
from posecfg.store.run_directory import RunDirectory
from posecfg.store.told_row import Told, of_row

if TYPE_CHECKING:
    from posecfg.arrays import F64

DONE, SKIPPED, FAILED = 0, 1, 2
STATUS = {"done": DONE, "skipped": SKIPPED, "failed": FAILED}
NOTHING = -1
# Digits of numbers that a page has beyond those that it shows.
_SPARE = 2


class Texts:
    """Sentences that many clips share, each kept once and known by its number."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {"": NOTHING}

    def numbers(self, texts: Iterable[str]) -> list[int]:
        """Return the numbers of sentences, that of none where one is empty."""
        for text in dict.fromkeys(texts):
            if text not in self._numbers:
                self._numbers[text] = len(self.all)
                self.all.append(without_folders(text))
        return [self._numbers[text] for text in texts]


@dataclass(frozen=True)
class Clips:
    """The clips of one run in the order of their ``ids``: columns of JSON values, an entry for each clip.

    ``rows`` are those of poses, ``missing`` and ``made`` some of them; ``why`` is in words what is bad, or the reason
    of a clip that is not done. ``together`` are the measures of all clips.
    """

    ids: list[str]
    statuses: list[int]
    rows: list[int]
    seconds: list[float | None]
    missing: list[int]
    made: list[int]
    badness: list[float | None]
    why: list[str]
    warnings: list[str]
    measures: dict[str, list[float | None]]
    together: dict[str, float]

    def columns(self, numbers: Mapping[str, int], texts: Texts) -> dict[str, list[Any]]:
        """Return a list for each thing that a page has of clips; ``numbers`` are those of their ids."""
        return {
            "id": [numbers[name] for name in self.ids],
            "status": self.statuses,
            "rows": self.rows,
            "seconds": self.seconds,
            "missing": self.missing,
            "made": self.made,
            "badness": self.badness,
            "why": texts.numbers(self.why),
            "warnings": texts.numbers(self.warnings),
            **self.measures,
        }


def clips_of(root: Path) -> Clips:
    """Read what a run tells of its clips: its ledgers, and in a folder without any its records."""
    with _without_collecting():
        rows = _told(root)
        if not rows:
            for name, stamp in record_files.walk(root):
                record = record_files.read(root / HOME / "clips" / name)
                if record is not None:
                    rows[record.id] = of_row(from_record(record, (stamp.size, stamp.mtime_ns)))
        return of_rows(rows.values())


def clips_of_ledgers(root: Path) -> Clips | None:
    """Return what ``clips_of`` does where ledgers tell of clips, and None where they do not."""
    with _without_collecting():
        rows = _told(root)
        return of_rows(rows.values()) if rows else None


def _told(root: Path) -> dict[str, Told]:
    return ledger.latest(map(ledger.told, RunDirectory(root).ledgers()))


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


def of_rows(rows: Iterable[Told]) -> Clips:
    """Return the columns of the clips of one run."""
    ids, statuses, reasons, frames, durations, missing, made, sums, warnings, _ = _turned(rows)
    measures, together = of_clips(sums)
    bad, why = badness(Looked(_array(frames), _array(missing), _array(made), measures))
    for clip, status in enumerate(statuses):
        if status == "failed":
            bad[clip], why[clip] = 100.0, reasons[clip] or "failed"
        elif status != "done":
            bad[clip], why[clip] = None, reasons[clip]
    known = {name: values for name, values in measures.items() if np.isfinite(values).any()}
    return Clips(
        ids,
        [STATUS[status] for status in statuses],
        frames,
        rounded(_array(durations), 3),
        missing,
        made,
        bad,
        why,
        warnings,
        {name: rounded(values, MEASURES[name].digits + _SPARE) for name, values in known.items()},
        together,
    )


def _array(numbers: Sequence[float | None]) -> F64:
    return np.array(numbers, np.float64)


def _turned(rows: Iterable[Told]) -> Sequence[list[Any]]:
    """Return rows in the order of their ids as columns."""
    found = sorted(rows, key=lambda row: row.id)
    return [list(column) for column in zip(*found, strict=True)] or [[] for _ in Told._fields]
