"""Select keypoints by name, index or skeleton, and remove those with low scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posecfg import skeletons
from posecfg.errors import ConfigError
from posecfg.refine.convert import convert
from posecfg.skeletons.skeleton import Skeleton, unreachable
from posecfg.suggestions import hint
from posecfg.types import PoseTrack

if TYPE_CHECKING:
    from posecfg.arrays import F32


SHOWN = 5
# Points of the face that MediaPipe finds without irises, which count from here on.
MESH = 468


class Points:
    """A selection of keypoints; with ``mask``, those that score below ``kpt_thr`` are removed.

    ``keypoints`` is None for all, the name of a skeleton to convert to, a list of names, or a list of indices.
    """

    def __init__(
        self, keypoints: str | Sequence[str] | Sequence[int] | None = None, mask: bool = False, kpt_thr: float = 0.3
    ) -> None:
        if isinstance(kpt_thr, bool) or not isinstance(kpt_thr, int | float):
            raise ConfigError(f"Expected kpt_thr to be a number, but got {kpt_thr!r}.")
        self._thr = kpt_thr if mask else None
        self._names: list[str] | None = None
        self._indices: list[int] | None = None
        self._skeleton: Skeleton | None = None
        if isinstance(keypoints, str):
            self._skeleton = skeletons.load(keypoints)
        elif keypoints is not None:
            self._take(list(keypoints))

    def _take(self, chosen: list[Any]) -> None:
        if not chosen or len(set(chosen)) != len(chosen):
            raise ConfigError(f"Expected keypoints to list each keypoint once, but got {chosen}.")
        if all(isinstance(point, str) for point in chosen):
            self._names = chosen
        elif all(isinstance(point, int) and not isinstance(point, bool) and point >= 0 for point in chosen):
            self._indices = chosen
        else:
            raise ConfigError(f"Expected keypoints to be all names or all indices from 0, but got {chosen}.")

    def target(self, source: Skeleton) -> Skeleton:
        """Return the skeleton that is written; raise ``ConfigError`` if ``source`` cannot give it."""
        if self._indices is not None:
            if max(self._indices) >= len(source):
                raise ConfigError(
                    f"Expected keypoints to be indices below {len(source)}, the size of {source.name}, "
                    f"but got {max(self._indices)}."
                )
            return Skeleton(f"part of {source.name}", tuple(source.keypoints[i] for i in self._indices))
        if self._names is not None:
            for name in self._names:
                if name not in source.index:
                    raise ConfigError(f"{source.name} has no keypoint '{name}'.{hint(name, source.keypoints)}")
            return Skeleton(f"part of {source.name}", tuple(self._names))
        if self._skeleton is None:
            return source
        if missing := unreachable(source, self._skeleton):
            more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
            raise ConfigError(
                f"{self._skeleton.name} cannot be made from {source.name}, which lacks {', '.join(missing[:SHOWN])}"
                f"{more}: type keypoints=null for all that {source.name} has, or {_finding(source, missing)}."
            )
        return self._skeleton

    def __call__(self, track: PoseTrack) -> PoseTrack:
        """Return the track with the selected keypoints."""
        target = self.target(track.skeleton)
        chosen = track if target == track.skeleton else convert(track, target)
        return chosen if self._thr is None else _masked(chosen, self._thr)


def _finding(source: Skeleton, missing: Sequence[str]) -> str:
    """Say what finds the keypoints that a skeleton lacks: the face of MediaPipe's holistic graph is a setting of it."""
    if source.name.startswith("holistic") and all(name.startswith("face_") for name in missing):
        irises = any(int(name.removeprefix("face_")) >= MESH for name in missing)
        return f"detector.face={'irises' if irises else 'mesh'}"
    return "choose a detector that finds more"


def idle(mask: bool) -> tuple[str, ...]:
    """Return the names of arguments without effect: ``kpt_thr`` has none without a mask."""
    return () if mask else ("kpt_thr",)


def _masked(track: PoseTrack, thr: float) -> PoseTrack:
    import numpy as np

    bad = ~(track.scores >= thr)

    def without(values: F32) -> F32:
        out = values.copy()
        out[bad] = np.nan
        return out

    return replace(
        track,
        xy=without(track.xy),
        scores=without(track.scores),
        xyz=None if track.xyz is None else without(track.xyz),
        depth=None if track.depth is None else without(track.depth),
    )
