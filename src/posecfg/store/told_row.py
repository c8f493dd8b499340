"""What a page is told of clips: much less than the ledger knows of them, and read many rows at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from posecfg.store.clip_facts import are_numbers, fit_all
from posecfg.store.ledger_row import MOST_ATTEMPTS, STATUSES, Order, Row

WANTED = "id, status, reason, attempt, seconds, frames, facts, warnings, at"
"""The columns of a ledger that ``told`` takes."""
_NUMBERS = frozenset({int, float})


class Told(NamedTuple):
    """What is told of one clip.

    ``missing`` and ``made`` are rows of poses, and ``sums`` the sums of their quality, of a clip that is done;
    ``warnings`` are one text.
    """

    id: str
    status: str
    reason: str
    frames: int
    duration: float | None
    missing: int
    made: int
    sums: Mapping[str, float]
    warnings: str
    order: Order


def of_row(row: Row) -> Told:
    """Return what is told of one row."""
    known = _of_facts(row.facts, row.status)
    return Told(row.id, row.status, row.reason, row.frames, *known, "; ".join(row.warnings), row.order)


def told(values: Sequence[tuple[Any, ...]]) -> list[Told]:
    """Return what is told by the values of ``WANTED`` of many rows.

    A ValueError or TypeError says that one is damaged: all are looked at together, column by column.
    """
    if not values:
        return []
    ids, statuses, reasons, attempts, seconds, frames, packed, noted, times = zip(*values, strict=True)
    facts, warnings = _parsed(packed), list(map(_joined, noted))
    texts = all(set(map(type, column)) == {str} for column in (ids, reasons))
    numbers = all(_NUMBERS.issuperset(map(type, column)) for column in (attempts, seconds, frames, times))
    if not (texts and numbers and set(statuses).issubset(STATUSES) and are_numbers(frames) and fit_all(facts)):
        raise ValueError("a row that was never written")
    known = map(_of_facts, facts, statuses)
    orders = [(min(attempt, MOST_ATTEMPTS), at) for attempt, at in zip(attempts, times, strict=True)]
    rows = zip(ids, statuses, reasons, frames, known, warnings, orders, strict=True)
    return [Told._make((*first, *own, text, order)) for *first, own, text, order in rows]


def _of_facts(facts: Mapping[str, Any], status: str) -> tuple[Any, Any, Any, Any]:
    get = facts.get
    if status != "done":
        return get("duration"), 0, 0, {}
    return get("duration"), get("rows_missing", 0), get("rows_made", 0), get("quality_sums", {})


def _parsed(texts: Sequence[Any]) -> list[Any]:
    """Return the values of JSON texts, read as one text, which takes less time than many.

    What is between them cannot be foreseen: where it is at every other place, each text was a value of its own.
    """
    mark = os.urandom(8).hex()
    try:
        values = json.loads("[" + f',"{mark}",'.join(texts) + "]")
        if len(values) == 2 * len(texts) - 1 and values[1::2].count(mark) == len(texts) - 1:
            return list(values[::2])
    except (ValueError, TypeError):
        pass
    return list(map(json.loads, texts))


def _joined(text: Any) -> str:
    return "" if text == "[]" else "; ".join(json.loads(text))
