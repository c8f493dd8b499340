"""RTMPose and RTMW: keypoints in the picture, from bins for x and y."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from posecfg import skeletons
from posecfg.detectors.topdown import graph
from posecfg.detectors.topdown.affine import check_padding
from posecfg.detectors.topdown.crops import shares
from posecfg.detectors.topdown.graph import opened
from posecfg.detectors.topdown.parts import Points
from posecfg.detectors.topdown.simcc import check_rule, head, peaks
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.timing import stage
from posecfg.types import Boxes, Meaning


class SimCC2D:
    """Find the keypoints of ``skeleton`` in each box, made ``padding`` times as large.

    A score is the ``score`` (min or mean) of the fullest bin's value on both axes; it can exceed 1. ``flip_test`` looks
    at each crop mirrored too, and takes the mean.
    """

    def __init__(
        self,
        model: str = "rtmpose_m",
        skeleton: str = "coco17",
        padding: float = 1.25,
        score: Literal["min", "mean"] = "min",
        flip_test: bool = False,
        runtime: Literal["onnx", "openmmlab"] = "onnx",
        device: str = "auto",
        threads: int = 1,
        batch: int | None = None,
        weights: str | None = None,
    ) -> None:
        check_rule(score)
        self.skeleton, self.meaning = skeletons.load(skeleton), Meaning(score="simcc")
        net = opened(model, runtime, device, threads, weights=weights, points=len(self.skeleton))
        self._crops = head(net, self.skeleton, 2, padding, batch, flip_test)
        self._score = score
        self.device, self.batch = self._crops.device, self._crops.batch
        self.weights: Mapping[str, str] = self._crops.weights
        self.notes: Mapping[str, Any] = self._crops.notes

    @staticmethod
    def facts(
        model: str,
        skeleton: str,
        padding: float,
        score: str,
        runtime: str,
        device: str,
        threads: int,
        batch: int | None,
        weights: str | None,
        **others: Any,
    ) -> Facts:
        """Return the facts known before the component is built; refuse arguments that are wrong with any weights."""
        check_padding(padding)
        check_rule(score)
        return graph.facts(model, runtime, device, threads, batch, weights, skeleton=skeleton, gives=())

    def __call__(self, frames: Frames, boxes: Sequence[Boxes]) -> list[Points]:
        """Return the keypoints of each frame, in the order of its boxes."""
        import numpy as np

        shape = (sum(map(len, boxes)), len(self.skeleton))
        xy, scores = np.empty((*shape, 2), np.float32), np.empty(shape, np.float32)
        for people, (x, y) in self._crops(frames, boxes):
            with stage("postprocess"):
                xy[people], scores[people] = peaks(x, y, self._score)
        with stage("postprocess"):
            xy = self._crops.back(xy, boxes)
            return [Points(xy[people], scores[people]) for people in shares(boxes)]
