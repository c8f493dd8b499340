"""Protocols of the two parts of a top-down detector: the box detector and the pose head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from posecfg.pixels import Frames
from posecfg.types import Boxes, Meaning

if TYPE_CHECKING:
    from posecfg.arrays import F32
    from posecfg.skeletons.skeleton import Skeleton


@dataclass(frozen=True)
class Points:
    """The keypoints of the people of one frame.

    ``xy`` (P, K, 2) float32 px of the upright picture, NaN where there is no point; ``scores`` (P, K) float32, finite;
    ``depth`` (P, K) and ``xyz`` (P, K, 3) float32 in the units that the head's meaning says, or None.
    """

    xy: F32
    scores: F32
    depth: F32 | None = None
    xyz: F32 | None = None


class BoxDetector(Protocol):
    """Finds people; its facts are those of a detector, except the skeleton."""

    device: str
    weights: Mapping[str, str]
    batch: int
    """Number of frames at once that suits it."""
    notes: Mapping[str, Any]
    """What came up while it worked, as JSON values."""

    def __call__(self, frames: Frames) -> list[Boxes]:
        """Return the people of each frame whose score is above the threshold, the highest score first."""


class PoseHead(Protocol):
    """Finds the keypoints of the people in given boxes; its facts are those of a detector."""

    skeleton: Skeleton
    meaning: Meaning
    device: str
    weights: Mapping[str, str]
    batch: int
    """Number of people at once that suits it."""
    notes: Mapping[str, Any]
    """What came up while it worked, as JSON values."""

    def __call__(self, frames: Frames, boxes: Sequence[Boxes]) -> list[Points]:
        """Return the keypoints of each frame, in the order of its boxes."""
