"""Skeletons: keypoints are names; indices, pairs and conversions are derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


FLAT = "face_"
"""How names of points of a face mesh begin, before their numbers; models give these in the picture only."""


@dataclass(frozen=True)
class Skeleton:
    """A named, ordered set of keypoints.

    ``bones`` connect names. ``derived`` says how a joint of this skeleton that a source lacks is made: as the mean of
    other names (of the source, or derived in turn). ``pairs`` are keypoints that mirror each other; None if their names
    tell, which then have ``left`` and ``right`` in them. ``instead`` are names of a source that go before a joint's
    own: of the corner of a mouth, a body knows roughly what a mesh of the face knows well. ``sigmas`` say by name how
    exactly people mark keypoints, as OKS takes them, where a skeleton has its own.
    """

    name: str
    keypoints: tuple[str, ...]
    bones: tuple[tuple[str, str], ...] = ()
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] | None = None
    instead: Mapping[str, str] = field(default_factory=dict, compare=False)
    sigmas: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if len(set(self.keypoints)) != len(self.keypoints):
            raise ValueError(f"Expected the keypoints of {self.name} to be unique.")
        known = set(self.keypoints)
        for bone in self.bones:
            if not known.issuperset(bone):
                raise ValueError(f"Expected bone {bone} of {self.name} to connect its keypoints.")

    def __len__(self) -> int:
        return len(self.keypoints)

    def __hash__(self) -> int:
        return hash((self.name, self.keypoints))

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each name."""
        return {name: i for i, name in enumerate(self.keypoints)}

    @cached_property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Bones as index pairs."""
        return tuple((self.index[a], self.index[b]) for a, b in self.bones)

    @cached_property
    def flat(self) -> tuple[str, ...]:
        """Names of keypoints that are never in space."""
        return tuple(name for name in self.keypoints if name.startswith(FLAT))

    @cached_property
    def swaps(self) -> tuple[int, ...]:
        """Index of each keypoint's mirror image: left and right exchanged, the others unchanged."""
        if self.pairs is None:
            return tuple(self.index.get(_mirrored(name), i) for i, name in enumerate(self.keypoints))
        other = {a: b for pair in self.pairs for a, b in (pair, pair[::-1])}
        return tuple(self.index[other.get(name, name)] for name in self.keypoints)


def _mirrored(name: str) -> str:
    if "left" in name:
        return name.replace("left", "right")
    return name.replace("right", "left")


def weights(source: Skeleton, target: Skeleton) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """Return the (target, source) matrix that converts keypoints, and the names that cannot be made.

    The matrix is None when names are missing.
    """
    import numpy as np

    matrix = np.zeros((len(target), len(source)))
    missing = []
    for row, name in enumerate(target.keypoints):
        share = _share(name, source, target)
        if share is None:
            missing.append(name)
            continue
        for part, weight in share.items():
            matrix[row, source.index[part]] = weight
    return (None if missing else matrix), tuple(missing)


def _share(name: str, source: Skeleton, target: Skeleton) -> dict[str, float] | None:
    for known in (target.instead.get(name), name):
        if known in source.index:
            return {known: 1.0}
    parents = target.derived.get(name)
    if parents is None:
        return None
    total: dict[str, float] = {}
    for parent in parents:
        share = _share(parent, source, target)
        if share is None:
            return None
        for part, weight in share.items():
            total[part] = total.get(part, 0.0) + weight / len(parents)
    return total


def unreachable(source: Skeleton, target: Skeleton) -> tuple[str, ...]:
    """Return the keypoints of ``target`` that ``source`` can neither give nor derive."""
    return tuple(n for n in target.keypoints if _share(n, source, target) is None)
