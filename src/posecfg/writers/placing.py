"""Where people stand on a floor: poses in space turned upright, for display only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from posecfg.drawing.pane import Figure
from posecfg.drawing.view import View

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64
    from posecfg.types import PoseTrack

# Poses on Human3.6M's joints are as its cameras see people, from above: this turn (w, x, y, z) of one of them is what
# VideoPose3D's own pictures use.
HUMAN36M = (0.1407056450843811, -0.1500701755285263, -0.755240797996521, 0.6223280429840088)
RADIUS = 1.7
# Metres between people who all stand at the origin, and metres from it to people who do not.
APART, AWAY = 1.15, 1.0
# Metres: what reaches so much farther than in most rows is no part of a person, and does not move floor or view.
_WILD = 2.0


class Placing:
    """The people of a clip as figures on a floor that the lowest point of the clip touches.

    People whose points are relative to their own middle stand side by side, in the order in which they are seen, each
    on the floor. Where points are relative to the camera, people stand where they are, and the view follows them.
    """

    def __init__(self, tracks: Sequence[PoseTrack], elev: float = 15.0, azim: float = 70.0) -> None:
        self._tracks = tracks
        plain = View(2, elev=elev, azim=azim)
        self._turns = [upright(track, azim) for track in tracks]
        across, rows = plain.axes[0], len(tracks[0]) if tracks else 0
        roots = [_root(track) @ turn.T for track, turn in zip(tracks, self._turns, strict=True)]
        placed = any(_typical(np.linalg.norm(root, axis=1)) > AWAY for root in roots)
        lows = [_extreme(track, turn[2], np.fmin) for track, turn in zip(tracks, self._turns, strict=True)]
        floors = [float(_usual(low).min()) for low in lows]
        if placed:
            floors = [min(floors)] * len(floors)
        sides = [0.0] * len(tracks) if placed else _sides(tracks)
        self._shifts = [side * across - (0.0, 0.0, low) for side, low in zip(sides, floors, strict=True)]
        self._middles = _middles(roots, rows) if placed else np.zeros((rows, 2))
        top = wide = RADIUS
        for track, turn, shift in zip(tracks, self._turns, self._shifts, strict=True):
            own = self._middles @ across[:2]
            top = max(top, float(_usual(_extreme(track, turn[2], np.fmax) + shift[2]).max()))
            for way in (1, -1):
                reach = _extreme(track, way * (across @ turn), np.fmax) + way * (shift @ across - own)
                wide = max(wide, 2 * float(_usual(reach).max()))
        self.view = View(2, max(top, wide), 0.47 * top, elev, azim)

    def figures(self, row: int) -> list[Figure]:
        """Return the people who have a pose in ``row``."""
        found = []
        for track, turn, shift in zip(self._tracks, self._turns, self._shifts, strict=True):
            if track.xyz is not None and (track.valid[row] or track.made[row]):
                points = track.xyz[row].astype(np.float64) @ turn.T + shift
                found.append(Figure(track.skeleton, points, bool(track.made[row])))
        return found

    def middle(self, row: int) -> tuple[float, float]:
        """Return the point of the floor that the view looks at in ``row``."""
        if not len(self._middles):
            return 0.0, 0.0
        x, y = self._middles[row].tolist()
        return x, y


def upright(track: PoseTrack, azim: float) -> F64:
    """Return the turn (3, 3) from a track's axes (y down, z away from the camera) to z up, seen from ``azim``."""
    if track.skeleton.name == "h36m17":
        w, x, y, z = HUMAN36M
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        turn: F64 = np.eye(3) + 2 * w * cross + 2 * cross @ cross
        return turn
    sine, cosine = math.sin(math.radians(azim)), math.cos(math.radians(azim))
    return np.array([[-sine, 0.0, -cosine], [cosine, 0.0, -sine], [0.0, -1.0, 0.0]])


def _root(track: PoseTrack) -> F64:
    """Return the middle of the hips (T, 3), or of all points, NaN where it is missing."""
    points, index = _points(track), track.skeleton.index
    names = [name for name in ("left_hip", "right_hip") if name in index]
    if len(names) == 2:
        hips: F64 = points[:, [index[name] for name in names]].mean(axis=1).astype(np.float64)
        return hips
    found = np.isfinite(points).all(axis=2, keepdims=True)
    count = found.sum(axis=1)
    total = np.where(found, points, 0).sum(axis=1, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _points(track: PoseTrack) -> F32:
    if track.xyz is None:
        raise RuntimeError("Expected a track with points in space.")
    return track.xyz


def _extreme(track: PoseTrack, direction: F64, pick: np.ufunc) -> F64:
    """Return how far the points of each row (T,) reach in a direction, NaN where there are none."""
    found: F64 = pick.reduce(_points(track) @ direction.astype(np.float32), axis=1).astype(np.float64)
    return found


def _typical(values: F64) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0


def _usual(values: F64) -> F64:
    """Return the known values, without those of wild rows; 0 where none is known."""
    known: F64 = values[np.isfinite(values)]
    return known[np.abs(known - np.median(known)) <= _WILD] if len(known) else np.zeros(1)


def _sides(tracks: Sequence[PoseTrack]) -> list[float]:
    """Return metres to the right of the middle for each person, in the order in which they are seen.

    People who are never there at the same time share a place.
    """
    places: list[list[int]] = []
    for number, track in enumerate(tracks):
        there = track.valid | track.made
        free = (one for one in places if not any((there & (tracks[k].valid | tracks[k].made)).any() for k in one))
        place = next(free, None)
        if place is None:
            places.append(place := [])
        place.append(number)
    seen = [_typical(track.boxes[:, [0, 2]].mean(axis=1).astype(np.float64)) for track in tracks]
    places.sort(key=lambda place: sum(seen[k] for k in place) / len(place))
    side = {k: (n - (len(places) - 1) / 2) * APART for n, place in enumerate(places) for k in place}
    return [side[k] for k in range(len(tracks))]


def _middles(roots: Sequence[F64], rows: int) -> F64:
    """Return the middle (T, 2) of the people in each row, and between rows with people what lies between."""
    total, count = np.zeros((rows, 2)), np.zeros(rows)
    for root in roots:
        there = np.isfinite(root).all(axis=1)
        total[there] += root[there, :2]
        count += there
    known = np.flatnonzero(count)
    if not len(known):
        return total
    middle = total[known] / count[known, None]
    return np.stack([np.interp(np.arange(rows), known, middle[:, axis]) for axis in (0, 1)], axis=1)
