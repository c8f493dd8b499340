"""ViTPose and SynthPose: keypoints in the picture, from a heatmap of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from posecfg import skeletons
from posecfg.detectors.topdown import graph
from posecfg.detectors.topdown.affine import check_padding
from posecfg.detectors.topdown.crops import Crops, shares
from posecfg.detectors.topdown.graph import opened
from posecfg.detectors.topdown.heatmaps import check_maps, mirrored, places
from posecfg.detectors.topdown.parts import Points
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.timing import stage
from posecfg.types import Boxes, Meaning


class ViTPose:
    """Find the keypoints of ``skeleton`` in each box, made ``padding`` times as large, with the graph in ``weights``.

    A score is the highest value of the keypoint's heatmap. ``flip_test`` looks at each crop mirrored too, and takes the
    mean.
    """

    def __init__(
        self,
        weights: str,
        skeleton: str = "coco17",
        padding: float = 1.25,
        flip_test: bool = False,
        device: str = "auto",
        threads: int = 1,
        batch: int | None = None,
    ) -> None:
        self.skeleton, self.meaning = skeletons.load(skeleton), Meaning(score="peak")
        net = opened(weights, "onnx", device, threads)
        check_maps(net, self.skeleton)
        mirror = partial(mirrored, swaps=self.skeleton.swaps) if flip_test else None
        self._crops, self._size, self._opencv = Crops(net, padding, batch, mirror, True), net.size, net.opencv
        self.device, self.batch = self._crops.device, self._crops.batch
        self.weights: Mapping[str, str] = self._crops.weights
        self.notes: Mapping[str, Any] = self._crops.notes

    @staticmethod
    def facts(
        weights: str, skeleton: str, padding: float, device: str, threads: int, batch: int | None, **others: Any
    ) -> Facts:
        """Return the facts known before the component is built; refuse arguments that are wrong with any weights."""
        check_padding(padding)
        if Path(weights).suffix.lower() in graph.TORCH:
            raise ConfigError(f"Expected weights to be an ONNX graph, but got '{weights}': export it first.")
        return graph.facts(weights, "onnx", device, threads, batch, None, skeleton=skeleton, gives=())

    def __call__(self, frames: Frames, boxes: Sequence[Boxes]) -> list[Points]:
        """Return the keypoints of each frame, in the order of its boxes."""
        import numpy as np

        shape = (sum(map(len, boxes)), len(self.skeleton))
        xy, scores = np.empty((*shape, 2), np.float32), np.empty(shape, np.float32)
        for people, (maps,) in self._crops(frames, boxes):
            with stage("postprocess"):
                xy[people], scores[people] = places(self._opencv, maps, self._size)
        with stage("postprocess"):
            xy = self._crops.back(xy, boxes)
            return [Points(xy[people], scores[people]) for people in shares(boxes)]
