"""Run a keypoint R-CNN on one picture after another: graphs, and what is cut out of features between them."""

from __future__ import annotations

from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING

from posecfg.detectors.rcnn import backbone, people, points, proposals
from posecfg.detectors.rcnn.align import aligned
from posecfg.detectors.rcnn.configs import Choice
from posecfg.detectors.rcnn.heatmaps import keypoints
from posecfg.detectors.rcnn.resample import resampled
from posecfg.detectors.topdown.nms import distinct
from posecfg.detectors.topdown.pixels import Tables
from posecfg.runtimes.joint import Joint
from posecfg.timing import stage

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8
    from posecfg.detectors.rcnn.layers import Arrays


class Seen:
    """A picture in the network: ``size`` (width, height) px there, ``scale`` (2,) from there to the picture."""

    def __init__(self, features: dict[str, F32], size: tuple[int, int], scale: F32) -> None:
        self.features, self.size, self.scale = features, size, scale

    @cached_property
    def pixels(self) -> tuple[F32, ...]:
        """The features with all channels of a pixel side by side: (H, W, C)."""
        import numpy as np

        return tuple(np.ascontiguousarray(one[0].transpose(1, 2, 0)) for one in self.features.values())


class Network:
    """The graphs of the arrays of a checkpoint, with the sizes and limits of a configuration."""

    def __init__(
        self, arrays: Arrays, choice: Choice, opencv: ModuleType, name: str, device: str, threads: int
    ) -> None:
        values = choice.values
        # One graph is opened before the next is made: each holds its weights, for a while twice.
        self._look = Joint(
            backbone.built(arrays, values["MODEL.RESNETS.NUM_GROUPS"], values["MODEL.RESNETS.STRIDE_IN_1X1"]),
            *(name, device, threads),
        )
        limits = proposals.Proposals(
            values["MODEL.RPN.PRE_NMS_TOPK_TEST"],
            values["MODEL.RPN.POST_NMS_TOPK_TEST"],
            values["MODEL.RPN.NMS_THRESH"],
        )
        self._propose = Joint(proposals.built(arrays, limits), name, device, threads)
        self._score, self._side = Joint(people.built(arrays), name, device, threads), people.side(arrays)
        self._point = Joint(points.built(arrays), name, device, threads)
        # The configuration names blue first, as the network takes it.
        mean, deviation = (values[f"MODEL.PIXEL_{part}"][::-1] for part in ("MEAN", "STD"))
        self._tables = Tables(opencv, mean, deviation, bgr=True)
        self._opencv, self.device = opencv, self._look.device

    def look(self, image: U8, short: int, longest: int) -> Seen:
        """Return the features of ``image`` (H, W, 3) uint8 RGB, scaled to ``short`` px on the shorter side.

        If the longer side passes ``longest`` px then, the picture is made smaller.
        """
        import numpy as np

        height, width = image.shape[:2]
        with stage("preprocess"):
            across, down = fitted(width, height, short, longest)
            room = [-(-side // backbone.DIVISOR) * backbone.DIVISOR for side in (down, across)]
            rows = np.zeros((1, 3, *room), np.float32)
            smaller = np.empty((3, down, across), np.float32)
            self._tables.write(resampled(image, across, down), smaller)
            rows[0, :, :down, :across] = smaller
        found = self._look(picture=rows)
        scale = np.array([width / across, height / down], np.float32)
        return Seen(dict(zip(("p2", "p3", "p4", "p5"), found, strict=True)), (across, down), scale)

    def people(self, seen: Seen, score_thr: float, nms: float, most: int) -> tuple[F32, F32]:
        """Return boxes (P, 4) px in the network and scores (P,) above ``score_thr``, the highest first."""
        import numpy as np

        size = np.array(seen.size * 2, np.float32)
        (boxes,) = self._propose(**seen.features, size=size)
        cuts = self._cuts(seen, boxes, self._side).reshape(len(boxes), -1)
        boxes, scores = self._score(cuts=cuts, boxes=boxes, size=size)
        with stage("postprocess"):
            # Leaves out boxes that a network computed to be empty or NaN.
            wanted = (scores > score_thr) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
            boxes, scores = boxes[wanted], scores[wanted]
            kept = distinct(boxes, scores, nms)[:most]
            return boxes[kept], scores[kept]

    def points(self, seen: Seen, boxes: F32) -> tuple[F32, F32]:
        """Return the keypoints (P, 17, 2), in px of the picture, and their scores (P, 17) of people in ``boxes``."""
        import numpy as np

        if not len(boxes):
            return np.empty((0, 17, 2), np.float32), np.empty((0, 17), np.float32)
        (heatmaps,) = self._point(cuts=self._cuts(seen, boxes, points.SIDE))
        with stage("postprocess"):
            xy, scores = keypoints(self._opencv, heatmaps, boxes)
            return xy * seen.scale, scores

    @staticmethod
    def _cuts(seen: Seen, boxes: F32, side: int) -> F32:
        with stage("inference"):
            return aligned(seen.pixels, boxes, side)


def fitted(width: int, height: int, short: int, longest: int) -> tuple[int, int]:
    """Return the size of a picture whose shorter side is made ``short`` px, the longer one at most ``longest``."""
    scale = short / min(width, height)
    sides = [short if side == min(width, height) else side * scale for side in (width, height)]
    if max(sides) > longest:
        again = longest / max(sides)
        sides = [side * again for side in sides]
    return int(sides[0] + 0.5), int(sides[1] + 0.5)
