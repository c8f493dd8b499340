"""Where the head of a pose is in the picture: from its keypoints, else from its body, else its box."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F64, I64
    from posecfg.skeletons.skeleton import Skeleton

_HEAD = frozenset(("nose", "eye", "ear", "mouth", "lip", "jaw", "chin", "eyebrow", "nostril", "head", "face"))
# Human3.6M's is taken from the nose where that is known.
_ALSO = ("neck_base",)
# A head's half height by the reach of its points: where both ears are among them, one, or none.
_EARS, _EAR, _NO_EAR = 1.1, 1.9, 3.0
# And by other lengths of a person, all with room to spare: the distance between the shoulders, from shoulders to hips,
# from the shoulders or the hips to the head, and the whole person's.
_SHOULDERS, _TORSO, _NECK, _HIPS, _WHOLE = 0.5, 0.36, 0.9, 0.3, 0.07
# How far above the shoulders a head is, by the distance to the hips and that between the shoulders; the half height of
# the part around it by that, beside points of the head, without them, and where only one shoulder is known.
_ABOVE_TORSO, _ABOVE_SHOULDERS, _CLOSE, _BOTH, _ONE = 0.55, 0.65, 0.7, 1.15, 1.5
# Below this mean score of the head's points, the body and box tell too where it may be.
_DOUBTFUL = 0.3
# A head of which fewer points are known is taken for so much larger.
_FEW, _LARGER = 2, 1.6
# Room around a box, and by how many px boxes differ that are no more than the extent of keypoints.
_AROUND, _EQUAL = 0.15, 2.0
# Largest coordinate that a point of a picture can have.
_LARGEST = 1e6


class Box(NamedTuple):
    """A part of a picture, px."""

    left: float
    top: float
    right: float
    bottom: float

    def area(self) -> float:
        """Return how many px it has."""
        return (self.right - self.left) * (self.bottom - self.top)

    def joined(self, other: Box) -> Box:
        """Return the least box around both."""
        return Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))


class _Parts(NamedTuple):
    head: I64
    left_ear: I64
    right_ear: I64
    shoulders: I64
    hips: I64


@lru_cache(maxsize=32)
def _parts(skeleton: Skeleton) -> _Parts:
    words = {name: {part.rstrip("0123456789") for part in name.split("_")} for name in skeleton.keypoints}

    def having(*some: str, beside: str = "") -> I64:
        names = (name for name in skeleton.keypoints if words[name] & {*some} and (not beside or beside in words[name]))
        return np.array([skeleton.index[name] for name in names], np.int64)

    head = np.union1d(having(*_HEAD), [skeleton.index[name] for name in _ALSO if name in skeleton.index])
    left, right = (having("ear", "jaw", beside=side) for side in ("left", "right"))
    return _Parts(head.astype(np.int64), left, right, having("shoulder"), having("hip"))


def heads(skeleton: Skeleton, xy: NDArray[Any], scores: NDArray[Any], box: NDArray[Any]) -> list[Box]:
    """Return the parts of the picture in which the head of a pose is; none where nothing tells that.

    ``xy`` (K, 2) px, ``scores`` (K,) and ``box`` (4,) px are NaN where they are missing. No point is left out because
    its score is low: one that is makes the result larger.
    """
    points = np.where(np.abs(xy) < _LARGEST, xy, np.nan).astype(np.float64)
    parts = _parts(skeleton)
    head, left, right, shoulders, hips = (_known(points[part]) for part in parts)
    body = _Body.of(shoulders, hips, _known(points))
    found = _around(head, (len(left) > 0) + (len(right) > 0), body) if len(head) else []
    told = scores[parts.head][np.isfinite(scores[parts.head])]
    is_doubtful = len(told) > 0 and float(told.mean()) < _DOUBTFUL
    # The body tells too, since points of a head may be wrong whatever their scores are.
    found += body.head(is_doubtful or len(head) < _FEW)
    if is_doubtful or not found:
        found += _whole(box, _known(points))
    return found


def _known(points: F64) -> F64:
    return points[np.isfinite(points).all(axis=1)]


class _Body(NamedTuple):
    """Lengths of a person, 0 where they are not known, and where the neck and the hips are, None likewise."""

    neck: F64 | None
    hips: F64 | None
    width: float
    torso: float
    whole: float

    @classmethod
    def of(cls, shoulders: F64, hips: F64, points: F64) -> _Body:
        neck = shoulders.mean(axis=0) if len(shoulders) else None
        middle = hips.mean(axis=0) if len(hips) else None
        width = float(np.linalg.norm(shoulders[0] - shoulders[-1])) if len(shoulders) else 0.0
        torso = float(np.linalg.norm(neck - middle)) if neck is not None and middle is not None else 0.0
        whole = float((points.max(axis=0) - points.min(axis=0)).max()) if len(points) else 0.0
        return cls(neck, middle, width, torso, whole)

    def head(self, with_room: bool) -> list[Box]:
        """Return where the head is above the shoulders; nothing where their height is not known."""
        if self.neck is None or self.hips is None or self.torso <= 0:
            return []
        length = max(_ABOVE_TORSO * self.torso, _ABOVE_SHOULDERS * self.width)
        up = (self.neck - self.hips) / self.torso
        share = _CLOSE if not with_room else _BOTH if self.width else _ONE
        return [_square(self.neck + up * length, length * share)]


def _around(head: F64, sides: int, body: _Body) -> list[Box]:
    """Return the part around points of a head, with ears of so many sides; nothing where its size is not known."""
    # Points of a head alone may be close together because it is seen from the side.
    if body.neck is None and body.hips is None:
        return []
    low, high = head.min(axis=0), head.max(axis=0)
    middle = (low + high) / 2
    lengths = [(_NO_EAR, _EAR, _EARS)[sides] * float(np.linalg.norm(high - low)), _WHOLE * body.whole]
    lengths += [_SHOULDERS * body.width, _TORSO * body.torso]
    for end, share in ((body.neck, _NECK), (body.hips, _HIPS)):
        if end is not None:
            lengths.append(share * float(np.linalg.norm(middle - end)))
    return [_square(middle, max(*lengths, 1.0) * (_LARGER if len(head) < _FEW else 1.0))]


def _whole(box: NDArray[Any], points: F64) -> list[Box]:
    """Return a person's box with room around it; nothing where it is no more than the extent of known keypoints."""
    if not np.isfinite(box).all() or not (np.abs(box) < _LARGEST).all():
        return []
    left, top, right, bottom = (float(edge) for edge in box)
    if right <= left or bottom <= top:
        return []
    if len(points):
        extent = np.concatenate([points.min(axis=0), points.max(axis=0)])
        if np.abs(extent - box).max() <= _EQUAL:
            return []
    wide, high = (right - left) * _AROUND, (bottom - top) * _AROUND
    return [Box(left - wide, top - high, right + wide, bottom + high)]


def _square(middle: F64, radius: float) -> Box:
    x, y = middle.tolist()
    if not math.isfinite(x + y + radius):
        raise ValueError("a head that is nowhere")
    return Box(x - radius, y - radius, x + radius, y + radius)
