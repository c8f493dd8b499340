"""Make faces in pictures of films unrecognisable, by what all runs of a clip know of the people in it.

What counts is that no face is left: parts are large, rows around a picture count too, and a picture in which a face may
be that cannot be placed is left out. Of people whom no detector ever saw, nothing is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from posecfg.page.heads import Box, heads
from posecfg.page.poses import ClipPoses

if TYPE_CHECKING:
    from posecfg.arrays import I64, U8, Bools
    from posecfg.types import PoseTrack

# Rows before and after a picture's own in which people count as there, as detectors miss some frames.
_NEAR = 3
# Around the body of a person who may be the only one that the detector finds, so much of its extent stays as it is; all
# else becomes squares, so many along the longer side of the picture.
_AROUND, _COARSE = 0.08, 14
# A part is so many squares of one colour across, each of at least so many px.
_SQUARES, _LEAST = 4, 8
# Parts are joined where the part around both is at most so much larger than the larger one.
_ALIKE = 1.35


class Faces:
    """The faces in the frames of a film, by the poses that some runs ``seen`` found in it.

    ``size`` (width, height) px is that of the pictures that parts are of. ``still`` are runs of unrelated pictures.
    """

    def __init__(self, seen: Sequence[ClipPoses], size: tuple[int, int], still: bool = False) -> None:
        # A run without pixels tells nothing of where people are.
        self._seen = [one for one in seen if one.indices is not None and len(one) and one.size and _has_pixels(one)]
        self._size, self._near = size, 0 if still else _NEAR

    def hide(self, picture: U8, index: int) -> bool:
        """Make the faces unknown in the picture (H, W, 3) of a frame; False where one may be that cannot be placed."""
        found: list[Box] = []
        bodies: list[Box] = []
        for one in self._seen:
            own = self._of_run(one, index)
            if own is None:
                return False
            found += own
            bodies += self._bodies(one, index) if self.finds_one else []
        if not found:
            return False
        height, width = picture.shape[:2]
        scale = np.array([width / self._size[0], height / self._size[1]] * 2)
        if self.finds_one:
            _coarsen(picture, [Box(*(np.array(box) * scale).tolist()) for box in bodies])
        pixelate(picture, [Box(*(np.array(box) * scale).tolist()) for box in found])
        return True

    @cached_property
    def finds_one(self) -> bool:
        """Whether no frame shows several people: then the detector may be one that never finds a second."""
        return all(int(_number(one).max(initial=0)) <= 1 for one in self._seen)

    def _bodies(self, seen: ClipPoses, index: int) -> list[Box]:
        """Return the extents of people, with a little room."""
        if seen.indices is None or seen.size is None:
            return []
        scale = np.array([self._size[0] / seen.size[0], self._size[1] / seen.size[1]])
        found: list[Box] = []
        for row in _rows(seen.indices, index, 0):
            for track in seen.people:
                points = track.xy[row][np.isfinite(track.xy[row]).all(axis=1)] * scale
                if len(points):
                    low, high = points.min(axis=0), points.max(axis=0)
                    room = _AROUND * float((high - low).max())
                    found.append(Box(*(low - room).tolist(), *(high + room).tolist()))
        return found

    def _of_run(self, seen: ClipPoses, index: int) -> list[Box] | None:
        if seen.indices is None or seen.size is None:
            return []
        rows = _rows(seen.indices, index, self._near)
        scale = np.array([self._size[0] / seen.size[0], self._size[1] / seen.size[1]] * 2)
        found: list[Box] = []
        for track in seen.people:
            placed = [_of_track(one, rows) for one in (track, track.source) if one is not None]
            if all(own is None for own in placed):
                return None
            found += [box for own in placed for box in own or ()]
        others = _of_everybody(seen, rows)
        if others is None:
            return None
        found += others
        return [Box(*(np.array(box) * scale).tolist()) for box in found]


def sure(own: ClipPoses, others: Sequence[ClipPoses]) -> Bools:
    """Tell in which rows (T,) the place of each face is known.

    A detector looked, a person was found, and nobody is lost for a while who comes back, in the runs of ``others`` too.
    """
    known = np.zeros(len(own), bool)
    for track in own.people:
        known |= track.valid | track.made
    for one in (own, *others):
        if one.indices is not None and len(one) and own.indices is not None:
            known &= ~_is_lost(one)[_nearest(one.indices, own.indices)]
    if own.everybody is not None and len(own.everybody.rows) == len(own):
        known &= own.everybody.rows >= 0
    return known


def _nearest(indices: I64, wanted: I64) -> I64:
    """Return the row (N,) of the frame next to each of the ``wanted`` ones."""
    order = np.argsort(indices, kind="stable")
    above = np.clip(np.searchsorted(indices[order], wanted), 0, len(order) - 1)
    rows = order[above], order[np.maximum(above - 1, 0)]
    nearer = np.abs(indices[rows[0]] - wanted) <= np.abs(indices[rows[1]] - wanted)
    return np.where(nearer, *rows)


def _is_lost(seen: ClipPoses) -> Bools:
    """Tell in which rows (T,) somebody is missing who was there before and is there again later."""
    rows, lost = np.arange(len(seen)), np.zeros(len(seen), bool)
    for track in seen.people:
        there = np.flatnonzero(track.valid | track.made)
        if len(there):
            after = there[np.clip(np.searchsorted(there, rows), 0, len(there) - 1)]
            before = there[np.clip(np.searchsorted(there, rows, side="right") - 1, 0, len(there) - 1)]
            lost |= (np.minimum(after - rows, rows - before) > _NEAR) & (rows > there[0]) & (rows < there[-1])
    return lost


def _number(seen: ClipPoses) -> I64:
    """Return how many people were seen in each frame, whether they were chosen or not."""
    number = np.sum([np.zeros(len(seen), np.int64), *(one.valid | one.made for one in seen.people)], axis=0)
    return number if seen.everybody is None else np.concatenate([number, np.diff(seen.everybody.offsets)])


def _has_pixels(seen: ClipPoses) -> bool:
    return any(
        bool(np.isfinite(one.xy).any()) for track in seen.people for one in (track, track.source) if one is not None
    )


def _rows(indices: I64, index: int, near: int) -> list[int]:
    """Return the rows of a frame, or of the one next to it, and some around them."""
    apart = np.abs(indices - index)
    own = np.flatnonzero(apart == apart.min())
    around = (own[:, None] + np.arange(-near, near + 1)).ravel()
    return sorted(set(around[(around >= 0) & (around < len(indices))].tolist()))


def _of_track(track: PoseTrack, rows: Sequence[int]) -> list[Box] | None:
    found: list[Box] = []
    for row in rows:
        if track.valid[row] or track.made[row]:
            own = heads(track.skeleton, track.xy[row], track.scores[row], track.boxes[row])
            if not own:
                return None
            found += own
    return found


def _of_everybody(seen: ClipPoses, rows: Sequence[int]) -> list[Box] | None:
    """Return the faces of all whom the detector saw, those too who were not chosen."""
    every = seen.everybody
    if every is None or len(every.rows) != len(seen):
        return []
    found: list[Box] = []
    for row in rows:
        for number in range(*_people(every.offsets, int(every.rows[row]))):
            own = heads(every.skeleton, every.xy[number], every.scores[number], every.boxes[number])
            if not own:
                return None
            found += own
    return found


def _people(offsets: I64, frame: int) -> tuple[int, int]:
    return (int(offsets[frame]), int(offsets[frame + 1])) if frame >= 0 else (0, 0)


def pixelate(picture: U8, parts: Sequence[Box]) -> None:
    """Fill parts of a picture (H, W, 3) with a few large squares of one colour each, in place."""
    height, width = picture.shape[:2]
    for part in _joined(parts):
        side = max(_LEAST, -(-int(min(part.right - part.left, part.bottom - part.top)) // _SQUARES))
        _fill(picture, _inside(part, width, height), side)


def _coarsen(picture: U8, but: Sequence[Box]) -> None:
    """Fill a picture with large squares of one colour each, in place, ``but`` for some parts."""
    height, width = picture.shape[:2]
    kept = picture.copy()
    side = max(_LEAST, -(-max(height, width) // _COARSE))
    _fill(picture, (0, 0, width, height), side)
    for part in but:
        left, top, right, bottom = _inside(part, width, height)
        picture[top:bottom, left:right] = kept[top:bottom, left:right]


def _inside(part: Box, width: int, height: int) -> tuple[int, int, int, int]:
    left, right = (int(np.clip(edge, 0, width)) for edge in (np.floor(part.left), np.ceil(part.right)))
    top, bottom = (int(np.clip(edge, 0, height)) for edge in (np.floor(part.top), np.ceil(part.bottom)))
    return left, top, right, bottom


def _fill(picture: U8, edges: tuple[int, int, int, int], side: int) -> None:
    """Give each square of a part of a picture the mean of its colours."""
    left, top, right, bottom = edges
    if left >= right or top >= bottom:
        return
    part = picture[top:bottom, left:right]
    down, across = (np.arange(0, length, side) for length in part.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(part.astype(np.float64), down, axis=0), across, axis=1)
    high, wide = np.diff(down, append=part.shape[0]), np.diff(across, append=part.shape[1])
    means = (sums / (high[:, None] * wide)[..., None]).round().astype(np.uint8)
    part[:] = np.repeat(np.repeat(means, high, axis=0), wide, axis=1)


def _joined(parts: Sequence[Box]) -> list[Box]:
    """Join parts that are nearly the same, as those of rows that follow each other are."""
    found: list[Box] = []
    for part in sorted(set(parts), key=Box.area, reverse=True):
        for place, other in enumerate(found):
            both = part.joined(other)
            if both.area() <= _ALIKE * other.area():
                found[place] = both
                break
        else:
            found.append(part)
    return found
