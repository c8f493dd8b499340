"""What is known of each clip of an output directory: ``.posecfg/clips.csv``, made anew at the end of a run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.runs.report import Report
from posecfg.runs.scores import quality
from posecfg.runs.shared import LOCK
from posecfg.store import real_files
from posecfg.store.absence import matching
from posecfg.store.clip_facts import are_numbers
from posecfg.store.ledger_row import Row
from posecfg.store.locks import Locks
from posecfg.store.run_directory import RunDirectory
from posecfg.store.staging import replace_bytes
from posecfg.text import text_cell

NAME, PART = "clips.csv", ".part"
# Of what poses tell of themselves, in this order, with the digits that are shown.
MEASURES = {"people": 2, "score": 3, "detection_rate": 4, "jitter_px_s2": 1, "jitter_m_s2": 2, "out_of_frame": 4}
COLUMNS = (
    *("id", "status", "reason", "rows", "rows_missing", "rows_made", *MEASURES, "seconds", "files", "first_file"),
    "warnings",
)


def begin(directory: RunDirectory) -> None:
    """Note down that clips are worked on: where this run is killed, the next one makes the table anew."""
    real_files.write_bytes(_part(directory), b"")


def keep(directory: RunDirectory, rows: Callable[[], Mapping[str, Row]], report: Report) -> None:
    """Write the table of all clips in ``rows``, unless nothing has changed since it was written.

    Poses that were replayed from annotations tell nothing of themselves. Shards of a run, which share the directory,
    wait for each other.
    """
    path = directory.home / NAME
    if report.ended or not path.is_file() or matching(directory.home, f"{NAME}*{PART}"):
        with Locks(directory.home, directory.part).gate(LOCK):
            _write(path, rows(), report.origin.replayed, _part(directory))
            # What killed runs left; a shard lets others be, which may be at work.
            for left in () if directory.part else matching(directory.home, f"{NAME}*{PART}"):
                real_files.unlink(left)
    report.clips_file = str(path)


def _part(directory: RunDirectory) -> Path:
    return directory.home / f"{NAME}{directory.part}{PART}"


def _write(path: Path, rows: Mapping[str, Row], replayed: bool, part: Path) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_line(rows[clip_id], replayed) for clip_id in sorted(rows))
    replace_bytes(path, stream.getvalue().encode(errors="replace"), part)


def _line(row: Row, replayed: bool) -> list[Any]:
    done = row.status == "done"
    facts, files = row.facts, [file for file in row.files if done and not file[0].startswith(f"{HOME}/")]
    number = sum(file[-1] if file[0].endswith("/") else 1 for file in files)
    first = min((text_cell(file[0]) for file in files), default="")
    missing = facts.get("rows_missing") if done else None
    counts = [row.frames, _cell(missing), facts.get("rows_made", 0) if missing is not None else ""]
    return [
        *(
            text_cell(row.id),
            row.status,
            text_cell(row.reason),
            *(counts if done else [""] * 3),
            *_measures(row, replayed),
        ),
        *(f"{row.seconds:.3f}", number or "", first, text_cell("; ".join(row.warnings))),
    ]


def _measures(row: Row, replayed: bool) -> Iterator[str]:
    """Yield what the poses of one clip tell of themselves, "" where they tell nothing."""
    sums = row.facts.get("quality_sums") if row.status == "done" and not replayed else None
    known: Mapping[str, float] = {}
    if sums and are_numbers(sums.values()):
        one = quality()
        one.add(sums)
        known = one.scores
    for name, digits in MEASURES.items():
        yield "" if name not in known else f"{known[name]:.{digits}f}"


def _cell(value: Any) -> Any:
    return "" if value is None else value
