"""Count the jobs of a sweep before any of them is made."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from posecfg.errors import ConfigError

MOST = 10_000
"""Jobs of a sweep."""


def check_jobs(overrides: Iterable[Any]) -> None:
    """Refuse a sweep with too many jobs; ``overrides`` are parsed.

    Of two with one key the larger counts, since Hydra makes the values of both.
    """
    counts: dict[str, int | float] = {}
    for override in overrides:
        key = override.get_key_element()
        counts[key] = max(counts.get(key, 0), _values(override))
    jobs = math.prod(counts.values())
    if jobs <= MOST:
        return
    key, number = max(counts.items(), key=lambda item: item[1])
    came, alone = ("no end", "no end") if number == math.inf else (f"{jobs:,} jobs", f"{number:,} values")
    raise ConfigError(
        f"The sweep has {came}, but at most {MOST:,} jobs are run: {key} has {alone}, type fewer, such as "
        f"{key}=range(0,10)."
    )


def _values(override: Any) -> int | float:
    """Return the number of values of one override; those that a sweeper draws by itself count once."""
    from hydra.core.override_parser.types import ChoiceSweep, Glob, RangeSweep

    value = override._value
    if not override.is_sweep_override() or not override.is_discrete_sweep():
        return 1
    if isinstance(value, RangeSweep):
        return _length(override.get_key_element(), value)
    if isinstance(value, Glob):
        return len(list(override.sweep_iterator()))
    return len(value.list if isinstance(value, ChoiceSweep) else value)


def _length(key: str, values: Any) -> int | float:
    numbers = (values.start, values.stop, values.step)
    if values.step == 0 or any(number != number for number in numbers):
        raise ConfigError(f"{key}: expected range(START,STOP,STEP) with numbers and a step that is not 0.")
    if math.inf in map(abs, numbers):
        return math.inf
    start, stop, step = map(Fraction, numbers)
    return max(0, math.ceil((stop - start) / step))
