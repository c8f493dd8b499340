"""Convert a track from one skeleton to another, by keypoint names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posecfg.skeletons.skeleton import Skeleton, weights
from posecfg.types import PoseTrack

if TYPE_CHECKING:
    from posecfg.arrays import F32


def convert(track: PoseTrack, target: Skeleton) -> PoseTrack:
    """Return ``track`` on ``target``, whose every keypoint must be reachable from the track's own skeleton.

    Coordinates of a derived joint are the mean of its parents, its score is the lowest of theirs; a joint one of whose
    parents is missing is missing.
    """
    import numpy as np

    matrix, missing = weights(track.skeleton, target)
    if matrix is None:
        raise ValueError(f"Expected {track.skeleton.name} to reach {target.name}, but it lacks {', '.join(missing)}.")
    parents = [np.flatnonzero(row) for row in matrix]

    def means(values: F32) -> F32:
        # Summed by parent: in a matrix product, 0 * NaN would make all joints missing when one is.
        out = np.empty((len(values), len(target), *values.shape[2:]), np.float32)
        for joint, sources in enumerate(parents):
            if len(sources) == 1:
                out[:, joint] = values[:, sources[0]]
            else:
                out[:, joint] = np.tensordot(values[:, sources], matrix[joint, sources], axes=(1, 0))
        return out

    scores = np.empty((len(track), len(target)), np.float32)
    for joint, sources in enumerate(parents):
        scores[:, joint] = track.scores[:, sources].min(axis=1)
    return replace(
        track,
        skeleton=target,
        xy=means(track.xy),
        scores=scores,
        xyz=None if track.xyz is None else means(track.xyz),
        depth=None if track.depth is None else means(track.depth),
    )
