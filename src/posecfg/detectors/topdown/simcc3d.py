"""RTMW3D: keypoints of the whole body in the picture and in depth, from bins for x, y and z."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from posecfg import skeletons
from posecfg.detectors.topdown import graph
from posecfg.detectors.topdown.affine import check_padding
from posecfg.detectors.topdown.camera import AXES, Camera, from_hips
from posecfg.detectors.topdown.crops import shares
from posecfg.detectors.topdown.graph import opened
from posecfg.detectors.topdown.parts import Points
from posecfg.detectors.topdown.simcc import check_rule, depths, head, peaks
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.timing import stage
from posecfg.types import Boxes, Meaning

if TYPE_CHECKING:
    from posecfg.arrays import F32

# Metres from the hips to the first and to the last bin, as the models were trained.
REACH = 2.1744869
DEPTHS = {
    "root": "metres from the middle of the hips along the camera's axis, away from the camera",
    "camera": "metres from the camera along its axis, the middle of the hips being {:g} m away",
}
SPACES = {
    "root": f"metres from the middle of the hips, for a person {{:g}} m away: {AXES}",
    "camera": f"metres from the camera, for a person {{:g}} m away: {AXES}",
}
HIPS = ("left_hip", "right_hip")


class SimCC3D:
    """Find the keypoints of ``skeleton`` in each box, made ``padding`` times as large, and their depth in metres.

    ``depth`` is from the hips (root), or from a camera that is ``root_z`` metres from the hips (camera): the model does
    not know a person's distance. With ``intrinsics``, [fx, fy] or [fx, fy, cx, cy] in px of the upright picture, there
    are also points in space, from the hips or from the camera. A score is the ``score`` (min or mean) of the
    fullest bin's value in x and y. ``flip_test`` looks at each crop mirrored too, and takes the mean.
    """

    def __init__(
        self,
        model: str = "rtmw3d_l",
        skeleton: str = "wholebody133",
        depth: Literal["root", "camera"] = "root",
        root_z: float = 5.14388,
        intrinsics: Sequence[float] | None = None,
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
        _check_depth(depth, root_z)
        self.skeleton = skeletons.load(skeleton)
        self._camera = None if intrinsics is None else Camera(intrinsics)
        xyz = None if intrinsics is None else SPACES[depth].format(root_z)
        self.meaning = Meaning(score="simcc", xyz=xyz, depth=DEPTHS[depth].format(root_z))
        self._hips = [self.skeleton.index[name] for name in HIPS if name in self.skeleton.index]
        if self._camera is not None and len(self._hips) < len(HIPS):
            raise ConfigError(f"{skeleton} has no hips, which points in space start from: leave intrinsics null.")
        net = opened(model, runtime, device, threads, weights=weights, points=len(self.skeleton))
        self._crops = head(net, self.skeleton, 3, padding, batch, flip_test)
        self._score = score
        self._root_z, self._from_camera = root_z, depth == "camera"
        self.device, self.batch = self._crops.device, self._crops.batch
        self.weights: Mapping[str, str] = self._crops.weights
        self.notes: Mapping[str, Any] = self._crops.notes

    @staticmethod
    def facts(
        model: str,
        skeleton: str,
        depth: str,
        root_z: float,
        intrinsics: Sequence[float] | None,
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
        _check_depth(depth, root_z)
        if intrinsics is not None:
            Camera(intrinsics)
        gives = ("depth",) if intrinsics is None else ("depth", "xyz")
        return graph.facts(model, runtime, device, threads, batch, weights, skeleton=skeleton, gives=gives)

    def __call__(self, frames: Frames, boxes: Sequence[Boxes]) -> list[Points]:
        """Return the keypoints of each frame, in the order of its boxes."""
        import numpy as np

        shape = (sum(map(len, boxes)), len(self.skeleton))
        xy = np.empty((*shape, 2), np.float32)
        scores, depth = np.empty(shape, np.float32), np.empty(shape, np.float32)
        for people, (x, y, z) in self._crops(frames, boxes):
            with stage("postprocess"):
                xy[people], scores[people] = peaks(x, y, self._score)
                depth[people] = depths(z, REACH)
        with stage("postprocess"):
            depth[np.isnan(xy[..., 0])] = np.nan
            xy = self._crops.back(xy, boxes)
            xyz = self._placed(xy, depth, frames.size)
            if self._from_camera:
                depth += np.float32(self._root_z)
            rows = shares(boxes)
            return [Points(xy[own], scores[own], depth[own], None if xyz is None else xyz[own]) for own in rows]

    def _placed(self, xy: F32, depth: F32, size: tuple[int, int]) -> F32 | None:
        """Return keypoints in space, None without a camera; ``depth`` is from the hips."""
        if self._camera is None:
            return None
        xyz = self._camera(xy, depth + self._root_z, size)
        return xyz if self._from_camera else from_hips(xyz, self._hips)


def _check_depth(depth: str, root_z: float) -> None:
    if depth not in DEPTHS:
        raise ConfigError(f"Expected depth to be root or camera, but got '{depth}'.")
    if not 0 < root_z < math.inf:
        raise ConfigError(f"Expected root_z to be metres above 0, but got {root_z}.")
