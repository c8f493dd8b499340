"""What was seen when a policy dropped a clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.pixels import Frames
    from posecfg.types.clip import Clip
    from posecfg.types.people import Poses


@dataclass(frozen=True)
class Sight:
    """The frame for which a policy dropped a clip.

    ``number`` is that of the frame among ``frames``, ``row`` among all that were looked at, ``people`` are the rows of
    ``poses`` that the reason speaks of.
    """

    clip: Clip
    frames: Frames
    number: int
    row: int
    poses: Poses
    people: Sequence[int]
    reason: str
