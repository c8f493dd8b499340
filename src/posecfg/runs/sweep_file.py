"""The table of a sweep: ``sweep.csv`` in its folder, a row for each job with all numbers of its outcome."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from posecfg import process
from posecfg.config import floors
from posecfg.config.quoting import brief
from posecfg.errors import OutputError
from posecfg.store import real_files
from posecfg.text import printable

NAME = "sweep.csv"
# Of an outcome, in this order; the reasons of skipped clips follow the clips without a person.
FIRST = ("exit_code", "error", "output_dir", "clips", "done", "already_done", "no_person")
THEN = (
    *("failed", "unreadable", "left", "people", "people_median", "clips_without_person", "rows"),
    *("rows_missing", "rows_made", "recalled", "frames", "seconds"),
)
PLACES = 6
RATES = ("decode", "model", "end_to_end")


def write(folder: Path, outcomes: Sequence[Mapping[str, Any]]) -> Path:
    """Write the table of all jobs, which appears at once, and return its path."""
    stream = io.StringIO()
    reasons = dict.fromkeys(why for outcome in outcomes for why in outcome.get("skipped", ()))
    rows = [line(outcome, shared(outcomes), reasons) for outcome in outcomes]
    writer = csv.DictWriter(stream, _columns(rows), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / NAME
    temporary = path.with_name(f"{NAME}.{process.unique()}.part")
    try:
        real_files.write_bytes(temporary, stream.getvalue().encode(errors="replace"))
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"The table of the sweep, '{path}', cannot be written ({error.strerror}).") from error
    return path


def shared(outcomes: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the overrides that all jobs have; none where there is one job alone."""
    known = [told for outcome in outcomes if (told := words(outcome))]
    return set(known[0]).intersection(*known) if len(known) > 1 else set()


def words(outcome: Mapping[str, Any]) -> list[str]:
    """Return the overrides of a job as they are shown, without those that no user typed."""
    told = [brief(word) for word in outcome.get("overrides", ())]
    return [word for word in told if not floors.is_override(word)]


def line(outcome: Mapping[str, Any], common: set[str], reasons: Iterable[str] = ()) -> dict[str, Any]:
    """Return one row: the job's number, what it alone was told, and its numbers; what is not known is left out.

    ``reasons`` are those for which clips of any job were skipped.
    """
    found: dict[str, Any] = {"job": outcome.get("job", "")}
    found |= {key: value for key, _, value in (word.partition("=") for word in words(outcome) if word not in common)}
    ran = bool(outcome.get("output_dir"))
    found |= {name: _cell(outcome.get(name)) for name in FIRST if name in FIRST[:2] or ran}
    if not ran:
        return found
    found |= {f"skipped: {why}": outcome["skipped"].get(why, 0) for why in reasons}
    found |= {name: _cell(outcome.get(name)) for name in THEN}
    found |= {f"frames_per_second.{name}": _cell(outcome["frames_per_second"][name]) for name in RATES}
    for group in ("quality", "scores"):
        found |= {f"{group}.{name}": _cell(value) for name, value in outcome.get(group, {}).items()}
    return {printable(name): value for name, value in found.items()}


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns of all rows: each of a row comes behind the one that is before it there."""
    found: list[str] = []
    for row in rows:
        place = 0
        for name in row:
            if name in found:
                place = found.index(name) + 1
            else:
                found.insert(place, name)
                place += 1
    return found


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return len(value)
    if isinstance(value, float):
        return round(value, PLACES)
    return "" if value is None else printable(value) if isinstance(value, str) else value
