"""MoveNet as a pose head: it is run on each box separately, so that it works for several people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from posecfg import skeletons
from posecfg.detectors.movenet import MEANING, MoveNet
from posecfg.detectors.topdown.affine import check_padding
from posecfg.detectors.topdown.parts import Points
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.types import Boxes

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64

# Smallest side of a square (px).
_LEAST = 2


class MoveNetHead:
    """Find 17 keypoints in the square around each box, ``padding`` times as large as its longer side."""

    skeleton = skeletons.load("coco17")
    meaning = MEANING
    batch = 1

    def __init__(
        self,
        model: Literal["lightning", "thunder"] = "lightning",
        weights: Literal["int8", "float16"] | str = "int8",
        padding: float = 1.25,
        runtime: Literal["litert", "tensorflow"] = "litert",
        device: str = "auto",
        threads: int = 1,
    ) -> None:
        check_padding(padding)
        self._model = MoveNet(model, weights, crop="stretch", runtime=runtime, device=device, threads=threads)
        self._padding = padding
        self.device, self.weights = self._model.device, self._model.weights
        self.notes: Mapping[str, Any] = {}

    @staticmethod
    def facts(model: str, weights: str, padding: float, runtime: str, threads: int, **others: Any) -> Facts:
        """Return the facts known before the component is built; refuse arguments that are wrong with any weights."""
        check_padding(padding)
        known = MoveNet.facts(model, weights, crop="stretch", runtime=runtime, threads=threads)
        return replace(known, operational=("threads",))

    def __call__(self, frames: Frames, boxes: Sequence[Boxes]) -> list[Points]:
        """Return the keypoints of each frame, in the order of its boxes."""
        import numpy as np

        shapes = [(len(found), len(self.skeleton)) for found in boxes]
        points = [Points(np.full((*s, 2), np.nan, np.float32), np.zeros(s, np.float32)) for s in shapes]
        for person in range(max(map(len, boxes), default=0)):
            rows = [row for row, found in enumerate(boxes) if person < len(found)]
            squares = squared(np.stack([boxes[row].xyxy[person] for row in rows]), self._padding)
            regions = {row: tuple(square.tolist()) for row, square in zip(rows, squares, strict=True)}
            for row, found in zip(rows, self._model.look(frames, regions), strict=True):
                if len(found):
                    points[row].xy[person], points[row].scores[person] = found.xy[0], found.scores[0]
        return points


def squared(xyxy: F64, padding: float) -> I64:
    """Return squares (P, 4) of whole, even px around the middles of boxes (P, 4)."""
    import numpy as np

    sides = (xyxy[:, 2:] - xyxy[:, :2]).max(axis=1).astype(np.float64) * padding
    sides = np.maximum(2 * np.ceil(sides / 2), _LEAST)
    corners = 2 * np.round(((xyxy[:, :2] + xyxy[:, 2:]) / 2 - sides[:, None] / 2) / 2)
    return np.concatenate([corners, corners + sides[:, None]], axis=1).astype(np.int64)
