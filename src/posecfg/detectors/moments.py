"""Bring what several cameras saw to the same moments: rows of other views at the times of the first view's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.datasets.views_scene import ViewsScene
from posecfg.errors import ClipError
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction, Meaning, PoseTrack

if TYPE_CHECKING:
    from posecfg.arrays import F64

# Times that differ by less are the same (s); rows further apart than this many usual steps have a gap between them.
_SAME, _GAP = 1e-3, 2.5


@dataclass(frozen=True, eq=False)
class Moments:
    """What C cameras saw at T times: ``xy`` (C, T, K, 2) px, NaN where missing, and ``scores`` (C, T, K), then 0."""

    skeleton: Skeleton
    meaning: Meaning
    xy: F64
    scores: F64


def matched(scene: ViewsScene) -> Moments:
    """Read the views of a scene, and bring them to the times of the first; raise ``ClipError`` for unlike ones.

    A row at the same time is taken as it is; between two rows points lie on the line between theirs, with the smaller
    score of both.
    """
    import numpy as np

    found = [view.load() for view in scene.views]
    names = [view.name for view in scene.views]
    first = found[0]
    for name, one in zip(names, found, strict=True):
        if one.skeleton.keypoints != first.skeleton.keypoints:
            raise ClipError(
                f"The views {names[0]} and {name} have other keypoints ({first.skeleton.name}, {one.skeleton.name}): "
                "run one detector over all films."
            )
        if len(one.tracks) > 1:
            raise ClipError(
                f"{name} has {len(one.tracks)} people, and nothing tells who is who in another view: run the films "
                "with persons=best, or persons=largest."
            )
    _check_times(scene, names, found)
    times = first.clock.times - first.clock.times[:1]
    pairs = [_at(times, one) for one in found]
    return Moments(first.skeleton, first.meaning, np.stack([a for a, _ in pairs]), np.stack([b for _, b in pairs]))


def _check_times(scene: ViewsScene, names: list[str], found: list[Extraction]) -> None:
    """Refuse views whose lengths are too far apart to have been filmed together."""
    lengths = [float(one.clock.times[-1] - one.clock.times[0]) if len(one.clock) else 0.0 for one in found]
    for name, length in zip(names, lengths, strict=True):
        if abs(length - lengths[0]) > scene.tolerance:
            raise ClipError(
                f"{names[0]} lasts {lengths[0]:.3f} s and {name} {length:.3f} s, so that they do not show the same "
                f"moments: cut them to the same length, or type dataset.tolerance={abs(length - lengths[0]) + 0.1:.1f}."
            )


def _at(times: F64, view: Extraction) -> tuple[F64, F64]:
    """Return px (T, K, 2) and scores (T, K) of a view at ``times`` (s since its first row)."""
    import numpy as np

    points = len(view.skeleton)
    if not view.tracks or not len(view.clock):
        return np.full((len(times), points, 2), np.nan), np.zeros((len(times), points))
    track, own = _unlifted(view.tracks[0]), view.clock.times - view.clock.times[:1]
    there = (track.valid | track.made)[:, None] & np.isfinite(track.xy).all(axis=2)
    xy = np.where(there[..., None], track.xy.astype(np.float64), np.nan)
    scores = np.where(there, np.nan_to_num(track.scores.astype(np.float64)), 0)
    after = np.clip(np.searchsorted(own, times), 1, max(len(own) - 1, 1)) if len(own) > 1 else np.zeros(len(times), int)
    before = np.maximum(after - 1, 0)
    near = np.where(np.abs(own[after] - times) < np.abs(own[before] - times), after, before)
    exact = np.abs(own[near] - times) <= _SAME
    step = float(np.median(np.diff(own))) if len(own) > 1 else 0.0
    inside = (times >= own[before]) & (times <= own[after]) & (own[after] - own[before] <= _GAP * step)
    share = np.clip((times - own[before]) / np.maximum(own[after] - own[before], 1e-12), 0, 1)[:, None]
    between = xy[before] + (xy[after] - xy[before]) * share[..., None]
    lower = np.minimum(scores[before], scores[after])
    lower[~inside], between[~inside] = 0, np.nan
    # A row at the very end of another rhythm stands for the moment just after it.
    close = ~inside & (np.abs(own[near] - times) <= step / 2)
    kept = exact | close
    return np.where(kept[:, None, None], xy[near], between), np.where(kept[:, None], scores[near], lower)


def _unlifted(track: PoseTrack) -> PoseTrack:
    return track if track.source is None else track.source
