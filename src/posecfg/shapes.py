"""Checks of the shapes of arrays, without NumPy, and the comparison of containers that hold some."""

from __future__ import annotations

from typing import Any


class Misshapen(ValueError):
    """Arrays of poses do not fit each other, or are none."""


def expect_shape(what: str, array: Any, shape: tuple[int | None, ...]) -> None:
    """Check the shape of ``array``; None fits any length."""
    try:
        got = tuple(array.shape)
    except AttributeError as error:
        raise Misshapen(f"Expected {what} to be an array of shape {shape}, but got {type(array).__name__}.") from error
    if len(got) != len(shape) or any(w is not None and w != g for w, g in zip(shape, got, strict=True)):
        raise Misshapen(f"Expected {what} to have shape {shape}, but got {got}.")


def lengths(one: Any, other: Any) -> tuple[int, int]:
    """Return both lengths."""
    try:
        return len(one), len(other)
    except TypeError as error:
        kinds = f"{type(one).__name__} and {type(other).__name__}"
        raise Misshapen(f"Expected boxes or rows, and a skeleton, but got {kinds}.") from error


def expect_extra(holder: Any, length: int, points: int) -> None:
    """Check what ``holder`` has beside pixels: ``xyz`` (length, points, 3) and ``depth`` (length, points), or None."""
    for name, shape in (("xyz", (length, points, 3)), ("depth", (length, points))):
        array = getattr(holder, name)
        if array is not None:
            expect_shape(name, array, shape)


def same(one: object, other: object) -> bool:
    """Tell whether all attributes of two objects of one class are equal: of arrays all elements, and NaN equals NaN."""
    if one.__class__ is not other.__class__:
        return False
    theirs = vars(other)
    return all(_same(value, theirs[name]) for name, value in vars(one).items())


def _same(one: Any, other: Any) -> bool:
    if not hasattr(one, "dtype") or not hasattr(other, "dtype"):
        return bool(one is other or one == other)
    import numpy as np

    return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc" and other.dtype.kind in "fc")
