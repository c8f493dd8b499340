"""Checks of the values of knobs that take more than a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def count(least: int, most: int) -> Callable[[Any], bool]:
    """Return a check of whole numbers from ``least`` to ``most``, or auto."""

    def holds(value: Any) -> bool:
        return value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and least <= value <= most)

    return holds


def is_range(value: Any) -> bool:
    """Tell whether a value is two numbers above 0, the lower first, or None."""
    if value is None:
        return True
    numbers = isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value)
    return bool(numbers and 0 < value[0] <= value[1])


def are_floors(value: Any) -> bool:
    """Tell whether a value is floors from 0 to 1 by names of detectors, or None."""
    numbers: list[Any] = list(value.values()) if isinstance(value, dict) else [None]
    return value is None or all(type(number) in (int, float) and 0 <= number <= 1 for number in numbers)


def is_place(value: str) -> bool:
    """Tell whether a text can be the name of a folder, and was not meant for on, off or auto."""
    meant = ("true", "false", "none", "null", "on", "yes", "no", "of", "off", "aut", "auto", "0", "1")
    return value in ("off", "auto") or (bool(value.strip()) and value.lower() not in meant)


def is_time(value: float | None) -> bool:
    """Tell whether a number can be seconds, or there is none."""
    return value is None or 0 <= value < 1e9
