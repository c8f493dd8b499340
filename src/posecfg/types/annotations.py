"""What the annotations of a clip tell before any frame is decoded: moments and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from posecfg.shapes import expect_shape, same

if TYPE_CHECKING:
    from posecfg.arrays import I64
    from posecfg.types.clip import Clock
    from posecfg.types.truth import Truth


@dataclass(frozen=True, eq=False)
class Slots:
    """The moments that are annotated: ``numbers`` (N,) int64, growing; number k is k / ``rate`` s after the start."""

    rate: float
    numbers: I64

    __eq__ = same

    def __post_init__(self) -> None:
        expect_shape("numbers of annotations", self.numbers, (None,))


class Annotations(Protocol):
    """What ``Clip.truth`` is: known poses, which can be asked for before a film is decoded to its end.

    A plain function does too: it is of every frame, and depends on no file.
    """

    def __call__(self, clock: Clock) -> Truth:
        """Return the known poses of rows; these may be the first rows only, while a film is decoded."""

    def slots(self) -> Slots | None:
        """Return the moments that are annotated; None if every frame is."""

    def files(self) -> tuple[Path, ...]:
        """Return the files that the known poses are read from; some may be missing."""

    def told(self) -> str:
        """Return a text that differs where the poses differ although the files are the same, such as a view."""

    def flat(self) -> Annotations:
        """Return the same without points in space: what depends on these alone, then does not matter."""


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
