"""Known poses of a clip, as far as its annotations know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.shapes import Misshapen, expect_shape, same

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, I64, Bools

# What else a truth may know, with the shape behind people and rows; None stands for the number of keypoints.
_REST: dict[str, tuple[int | None, ...]] = {
    "scores": (None,),
    "visible": (None,),
    "boxes": (4,),
    "box_scores": (),
    "areas": (),
    "crowd": (),
    "ids": (),
    "xyz": (None, 3),
}


@dataclass(frozen=True, eq=False)
class Camera:
    """A calibrated camera: x = ``matrix`` (3, 3) · distorted(``rotation`` (3, 3) · X + ``translation`` (3,)).

    X is in metres in the world, x in px of the upright image of ``size`` (width, height); ``distortion`` (N,) has the
    coefficients k1, k2, p1, p2, k3 of OpenCV.
    """

    matrix: F64
    rotation: F64
    translation: F64
    distortion: F64
    size: tuple[int, int]

    __eq__ = same

    def __post_init__(self) -> None:
        expect_shape("the camera's matrix", self.matrix, (3, 3))
        expect_shape("the camera's rotation", self.rotation, (3, 3))
        expect_shape("the camera's translation", self.translation, (3,))
        expect_shape("the camera's distortion", self.distortion, (None,))


@dataclass(frozen=True, eq=False)
class Truth:
    """Known poses of a clip: ``xy`` (P, T, K, 2) float32 px for ``keypoints`` (K names), NaN where not known.

    The rest is None unless the annotations know it. ``scores`` (P, T, K) are theirs; ``visible`` (P, T, K) int8 is 0
    for not labelled, 1 for hidden, 2 for seen; ``boxes`` (P, T, 4) are x, y of two corners in px, ``box_scores`` (P, T)
    the scores of people; ``areas`` (P, T) are those of the segments in px²; ``crowd`` (P, T) marks groups that are not
    told apart; ``ids`` (P, T) are the annotations' own, -1 for none. ``xyz`` (P, T, K, 3) is in metres, in ``space``:
    world, camera or root. ``found_by`` says which detector made poses that no people and no markers gave. ``rows`` (T,)
    are the numbers, from 0, of the annotations that rows have their poses from, -1 for none; ``image_ids`` (T,) are the
    data set's ids of pictures.
    """

    keypoints: tuple[str, ...]
    xy: F32
    scores: F32 | None = None
    visible: I64 | None = None
    boxes: F32 | None = None
    areas: F32 | None = None
    crowd: Bools | None = None
    ids: I64 | None = None
    xyz: F32 | None = None
    space: str | None = None
    camera: Camera | None = None
    found_by: str = ""
    box_scores: F32 | None = None
    rows: I64 | None = None
    image_ids: I64 | None = None

    __eq__ = same

    def __post_init__(self) -> None:
        points = len(self.keypoints)
        expect_shape("true xy", self.xy, (None, None, points, 2))
        people, rows = self.xy.shape[:2]
        for name, rest in _REST.items():
            array = getattr(self, name)
            if array is not None:
                expect_shape(f"true {name}", array, (people, rows, *(points if one is None else one for one in rest)))
        for name, numbers in (("rows", self.rows), ("image_ids", self.image_ids)):
            if numbers is not None:
                expect_shape(f"true {name}", numbers, (rows,))
        if (self.xyz is None) != (self.space is None):
            raise Misshapen(f"Expected xyz and its space together, but got the space {self.space!r}.")
