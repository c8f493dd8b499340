"""What the annotations of a clip tell before any frame is decoded: moments and files; see ``protocols.Annotations``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.shapes import expect_shape, same

if TYPE_CHECKING:
    from posecfg.arrays import I64


@dataclass(frozen=True, eq=False)
class Slots:
    """The moments that are annotated: ``numbers`` (N,) int64, growing; number k is k / ``rate`` s after the start."""

    rate: float
    numbers: I64

    __eq__ = same

    def __post_init__(self) -> None:
        expect_shape("numbers of annotations", self.numbers, (None,))


def flat_of(truth: Any) -> Any:
    """Return a truth without what it knows of points in space; the same one where it makes no difference."""
    ask = getattr(truth, "flat", None)
    return truth if ask is None else ask()


def slots_of(truth: Any) -> Slots | None:
    """Return the moments that a truth is known at; None for every frame."""
    ask = getattr(truth, "slots", None)
    found: Slots | None = None if ask is None else ask()
    return found


def files_of(truth: Any) -> tuple[Path, ...]:
    """Return the files that a truth is read from."""
    ask = getattr(truth, "files", None)
    return () if ask is None else tuple(ask())


def told_of(truth: Any) -> str:
    """Return what a truth says of itself beside its files."""
    ask = getattr(truth, "told", None)
    return "" if ask is None else str(ask())
