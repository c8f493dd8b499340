"""The facts in a clip's record that gates, resume and reports compute with; others may be anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import isfinite
from typing import Any

from posecfg.store import packed

MOST = 2**62
"""The largest whole number that a record may hold, as SQLite can."""

_PLAIN = frozenset({int, float, bool})
_KINDS: dict[str, Any] = {
    **{
        "rows_missing": int,
        "rows_made": int,
        "tracks": int,
        "made_with": str,
        "taken": str,
        "depends": (list, type(None)),
    },
    **dict.fromkeys(("clipped", "scores", "score_sums", "score_arrays", "quality_sums", "scored", "annotations"), dict),
}


# The types of JSON values with which many facts can be looked at together.
_TYPES: dict[str, frozenset[type]] = {
    **dict.fromkeys(("duration", "fps", "second_score"), _PLAIN | {type(None)}),
    **dict.fromkeys(("rows_missing", "rows_made", "tracks"), frozenset({int, bool})),
    **dict.fromkeys(("made_with", "taken"), frozenset({str})),
    "depends": frozenset({list, type(None)}),
    **{name: frozenset({dict}) for name, kind in _KINDS.items() if kind is dict},
}
_NUMBERS = ("duration", "fps", "second_score", "rows_missing", "rows_made", "tracks")


def fit_all(many: Sequence[Any]) -> bool:
    """Tell whether all of ``many`` are facts as ``fit_facts`` tells of each, in a fraction of the time."""
    if not {dict}.issuperset(map(type, many)):
        return False
    found = {name: [facts[name] for facts in many if name in facts] for name in _TYPES}
    usual = all(kinds.issuperset(map(type, found[name])) for name, kinds in _TYPES.items())
    if not usual or any(found["score_arrays"]) or any(found["scored"]):
        return all(map(fit_facts, many))
    sums = [*chain.from_iterable(map(dict.values, found["score_sums"])), *found["quality_sums"]]
    if not {dict}.issuperset(map(type, sums)):
        return False
    numbers = [number for name in _NUMBERS for number in found[name] if number is not None]
    return are_numbers(chain(numbers, *map(dict.values, chain(sums, found["clipped"], found["scores"]))))


def fit_facts(facts: Any) -> bool:
    """Tell whether ``facts`` are facts that gates can be compared with and reports can add up."""
    if not isinstance(facts, dict):
        return False
    if any(name in _KINDS and not isinstance(value, _KINDS[name]) for name, value in facts.items()):
        return False
    names = ("duration", "fps", "rows_missing", "rows_made", "tracks")
    numbers = [facts[name] for name in names if facts.get(name) is not None]
    numbers += [number for name in ("clipped", "scores") for number in facts.get(name, {}).values()]
    sums = [*facts.get("score_sums", {}).values(), facts.get("quality_sums", {})]
    if not all(isinstance(one, dict) and are_numbers(one.values()) for one in sums):
        return False
    arrays = facts.get("score_arrays", {}).values()
    if not all(isinstance(one, dict) and all(map(packed.fits, one.values())) for one in arrays):
        return False
    if not all(isinstance(text, str) for text in facts.get("scored", {}).values()):
        return False
    second = facts.get("second_score")
    return are_numbers(numbers) and (not isinstance(second, int | float) or _is_number(second))


def partials(facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the partials of metrics in facts by the metric's name: numbers, and packed arrays, by name.

    Arrays have a fact of their own, as earlier versions know numbers only.
    """
    sums, arrays = facts.get("score_sums", {}), facts.get("score_arrays", {})
    return {name: {**sums.get(name, {}), **arrays.get(name, {})} for name in {**sums, **arrays}}


def damaged_partials(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with packed arrays in facts by the metric's name."""
    found = {}
    for name, arrays in facts.get("score_arrays", {}).items():
        for key, one in arrays.items():
            try:
                packed.unpack(one)
            except ValueError as error:
                found[name] = f"{key}: {error}"
    return found


def are_numbers(values: Iterable[Any]) -> bool:
    """Tell whether ``values`` are numbers to compute with."""
    known = tuple(values)
    # Nearly all are: that is known in a tenth of the time where their sum is no larger than each may be.
    if _PLAIN.issuperset(map(type, known)):
        try:
            if sum(map(abs, known)) <= MOST:
                return True
        except OverflowError:  # a whole number that is too long for a float
            return False
    return all(map(_is_number, known))


def _is_number(value: Any) -> bool:
    """Tell whether ``value`` is a number to compute with: whole ones of JSON may be of any length."""
    if isinstance(value, int):
        return abs(value) <= MOST
    return isinstance(value, float) and isfinite(value)
