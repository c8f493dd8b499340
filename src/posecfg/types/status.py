"""What a data set should have and has: films and annotations, by split and view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class StatusRow:
    """One split by one view: numbers of sequences, and of those with a film and with each kind of annotation.

    ``missing`` are the names of films that are not there. ``ready`` have film and annotations and are not ``ignored``;
    ``frames`` is how many annotations these have. What else there is to say is known only where files were read: films
    whose length is ``unequal`` to that of their annotations, files that are ``unreadable``, and the share of frames
    ``without`` a person.
    """

    split: str
    view: str
    sequences: int
    ignored: int
    films: int
    kinds: Mapping[str, int]
    ready: int
    frames: int
    unequal: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    without: float | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """The rows of a data set, the size of its pictures in px, and whether its files were read (``exact``)."""

    rows: tuple[StatusRow, ...]
    size: tuple[int, int]
    exact: bool


class Stocked(Protocol):
    """A data set that knows what should be there, as one that is published with lists does."""

    def status(self, read: bool) -> Status:
        """Say what is there of it; ``read`` opens films and annotations."""
