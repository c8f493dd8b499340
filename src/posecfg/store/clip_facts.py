"""The facts in a clip's record that gates, resume and reports compute with; others may be anything."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

from posecfg.store import packed

MOST = 2**62
"""The largest whole number that a record may hold, as SQLite can."""

_KINDS: dict[str, Any] = {
    **{"rows_missing": int, "rows_made": int, "made_with": str, "taken": str, "depends": (list, type(None))},
    **dict.fromkeys(("clipped", "scores", "score_sums", "quality_sums", "scored", "annotations"), dict),
}


def fit_facts(facts: Any) -> bool:
    """Tell whether ``facts`` are facts that gates can be compared with and reports can add up."""
    if not isinstance(facts, dict):
        return False
    if any(name in facts and not isinstance(facts[name], kind) for name, kind in _KINDS.items()):
        return False
    names = ("duration", "fps", "rows_missing", "rows_made")
    numbers = [facts[name] for name in names if facts.get(name) is not None]
    numbers += [number for name in ("clipped", "scores") for number in facts.get(name, {}).values()]
    if not all(map(_is_partial, facts.get("score_sums", {}).values())):
        return False
    if not are_numbers(facts.get("quality_sums", {}).values()):
        return False
    if not all(isinstance(text, str) for text in facts.get("scored", {}).values()):
        return False
    second = facts.get("second_score")
    return are_numbers(numbers) and (not isinstance(second, int | float) or _is_number(second))


def _is_partial(partial: Any) -> bool:
    """Tell whether ``partial`` is one of a metric: numbers and packed arrays by name."""
    return isinstance(partial, dict) and all(_is_number(one) or packed.fits(one) for one in partial.values())


def are_numbers(values: Iterable[Any]) -> bool:
    """Tell whether ``values`` are numbers to compute with."""
    return all(map(_is_number, values))


def _is_number(value: Any) -> bool:
    """Tell whether ``value`` is a number to compute with: whole ones of JSON may be of any length."""
    if isinstance(value, int):
        return abs(value) <= MOST
    return isinstance(value, float) and isfinite(value)
