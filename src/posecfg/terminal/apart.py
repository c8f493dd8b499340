"""Say how far poses are apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from posecfg.text import count, printable

NAMES = {"xy": "poses", "xyz": "poses in space", "depth": "depths", "score": "scores", "numbers": "numbers"}


def unit(measure: str, found: Mapping[str, Any]) -> str:
    """Return a short word for the unit of a measure."""
    text = str(found.get("unit", ""))
    if measure in ("score", "numbers"):
        return ""
    if text.startswith("metres"):
        return "m"
    return "of the image" if text.startswith("share") else "px" if text.startswith("px") else "units"


def number(value: float) -> str:
    """Return a distance with three digits."""
    return "0" if not value else f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def sentence(found: Mapping[str, Any]) -> str:
    """Say in one line how far poses are apart."""
    if found.get("why"):
        return printable(str(found["why"]))
    if found.get("same"):
        return "the poses are the same"
    parts = [
        f"{NAMES[name]} up to {number(found[name]['largest'])} {unit(name, found[name])}".rstrip()
        + f" apart (median {number(found[name]['median'])})"
        for name in NAMES
        if name in found and found[name]["largest"]
    ]
    if found.get("rows_in_one"):
        parts.append(f"{count(found['rows_in_one'], 'row')} with a person in one only")
    lonely = found.get("people_only_a", 0) + found.get("people_only_b", 0)
    if lonely:
        parts.append(f"{lonely:,} {'person' if lonely == 1 else 'people'} in one only")
    return ", ".join(parts)
