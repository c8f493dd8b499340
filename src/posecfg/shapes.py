"""Checks of the shapes of arrays, without NumPy."""

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


@dataclass(frozen=True, slots=True)
class Clip:
    """One piece of input: a file, a folder of images, or a time range of a file.

    ``id`` is the output key: posix, no suffix, never absolute, no ``..``. ``source`` is the path as the dataset names
    it (relative to its root). ``start`` and ``end`` are seconds, half-open. ``independent`` marks unrelated images.
    ``scene`` replaces ``path`` if pixels are computed. ``truth`` gives the known poses, if there are any. With
    ``counted``, ``start`` and ``end`` mean frames number int(start x fps) to int(end x fps), both included.
    """

    id: str
    path: Path
    source: str = ""
    start: float | None = None
    end: float | None = None
    group: str | None = None
    view: str | None = None
    camera: str | None = None
    independent: bool = False
    meta: Mapping[str, Any] = field(default_factory=dict)
    truth: Callable[[Clock], Truth] | None = None
    scene: Scene | None = None
    counted: bool = False
