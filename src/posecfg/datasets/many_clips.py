"""Clips of which there may be millions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from posecfg.types import Clip


class ManyClips(Sequence[Clip]):
    """Clips that are made when they are asked for, since all of them would fill the memory."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    @abstractmethod
    def ids(self) -> Sequence[str]:
        """Return the ids of all clips, in order, without making the clips."""
