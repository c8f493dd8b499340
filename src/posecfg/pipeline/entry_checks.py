"""What entries of the memory must hold before anything is made of them: anybody can write a file with a checksum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_NUMBER = (int, float)
_MAYBE = type(None)
_WHOLE = ("offsets", "rows", "indices", "sizes")
_TIMES = ("times", "moments")
_TOLD: dict[str, Any] = {"notes": (dict,), "device": (str,), "weights": (dict,), "batch": (int,)}
_MEANING: dict[str, Any] = {"score": (str,), "xyz": (str, _MAYBE), "depth": (str, _MAYBE)}
_CLOCK: dict[str, Any] = {
    **{"fps": _NUMBER, "size": (list,), "rotation": (int,), "declared": (int, _MAYBE), "decoded": (int,)},
    **{"duration": (*_NUMBER, _MAYBE), "status": (str,), "vfr": (bool,), "first": _NUMBER, "source": (str,)},
    **{"damaged": (int,), "codec": (str,), "pixels": (str,), "inside": (int,), "pixel_aspect": (list,)},
}
_MOST_FRAMES = 1 << 16
# Notes are flat; the limit is far above them, and far below where recursion ends.
_DEEP = 20


def refuse_strange(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` where a value is not of the kind that posecfg writes there."""
    told, whole = header["told"], header["whole"]
    fits = _fits(told, _TOLD) and _fits(header["meaning"], _MEANING)
    fits = fits and 0 < told["batch"] <= _MOST_FRAMES and all(type(one) is str for one in told["weights"].values())
    fits = fits and type(header["floor"]) in _NUMBER and math.isfinite(header["floor"]) and _is_flat(told["notes"])
    if whole is not None:
        fits = fits and _fits(whole, {"clock": (dict,), "notes": (dict,)}) and _fits(whole["clock"], _CLOCK)
        fits = fits and all(_is_pair(whole["clock"][name]) for name in ("size", "pixel_aspect"))
        fits = fits and _is_flat(whole["notes"])
    for name, array in arrays.items():
        fits = fits and array.dtype.str == ("<i8" if name in _WHOLE else "<f8" if name in _TIMES else "<f4")
    if not fits or not (arrays["sizes"] > 0).all():
        raise ValueError("Expected values of other kinds.")


def _fits(values: Any, kinds: Mapping[str, Any]) -> bool:
    return (
        type(values) is dict
        and values.keys() == kinds.keys()
        and all(type(values[name]) in kind for name, kind in kinds.items())
    )


def _is_pair(value: list[Any]) -> bool:
    return len(value) == 2 and all(type(one) is int and one > 0 for one in value)


def _is_flat(value: Any, depth: int = 0) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth < _DEEP and all(_is_flat(one, depth + 1) for one in inner)
