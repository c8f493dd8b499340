"""BlazePose: one person, 33 landmarks in the image and in metres, tracked from frame to frame by MediaPipe's graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from posecfg import skeletons
from posecfg.detectors import mediapipe_bindings
from posecfg.detectors.mediapipe_config import Plan, Settings
from posecfg.detectors.mediapipe_graph import Graph, Landmarks
from posecfg.detectors.mediapipe_options import check, check_device, played, pose_weights
from posecfg.facts import Facts
from posecfg.models import store
from posecfg.pixels import Frames
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Boxes, Clip, Meaning, Poses

SKELETON = "blazepose33"
MEANING = Meaning(
    score="visibility",
    xyz="metres, origin mid-hip, x to the right of the image, y down, z away from the camera",
    depth="px (same scale as x), origin mid-hip, away from the camera",
)


class BlazePose:
    """Find the most prominent person of each frame; the box score is the model's own score that a person is there."""

    batch = 1

    def __init__(
        self,
        complexity: int = 1,
        detection_confidence: float = 0.5,
        tracking_confidence: float = 0.5,
        smooth: bool = True,
        static: bool = False,
        max_side: int | None = None,
        clock: Literal["fixed", "true"] = "fixed",
        device: str = "auto",
        threads: int = 1,
    ) -> None:
        check(detection_confidence, tracking_confidence, max_side, clock, threads)
        check_device(device, "blazepose")
        bindings = mediapipe_bindings.load("detector=blazepose")
        paths = {name: store.find(name) for name in pose_weights(complexity)}
        self.device = "cpu"
        self.weights: Mapping[str, str] = {name: store.sha256(name) for name in paths}
        self.notes: Mapping[str, Any] = {}
        self._points = skeletons.load(SKELETON)
        self._smooth, self._static = smooth, static
        self._max_side, self._clock = max_side, clock
        settings = Settings(detection_confidence, tracking_confidence, threads)
        model = paths[pose_weights(complexity)[1]]
        self._graph = Graph(bindings, Plan(mediapipe_bindings.GRAPH), settings, model)

    @staticmethod
    def facts(
        complexity: int,
        detection_confidence: float,
        tracking_confidence: float,
        static: bool,
        max_side: int | None,
        clock: str,
        threads: int,
        **others: Any,
    ) -> Facts:
        """Return what is known before it is built, and refuse what no weights could make right."""
        check(detection_confidence, tracking_confidence, max_side, clock, threads)
        return Facts(
            skeleton=SKELETON,
            gives=("xyz", "depth"),
            packages=("mediapipe",),
            weights=pose_weights(complexity),
            devices=("cpu",),
            stateful=not static,
            stateless_by="detector.static=true",
            operational=("threads",),
        )

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the pose of each frame, in order, from a graph that starts afresh."""
        static = self._static or clip.independent
        with self._graph.start(static=static, smooth=self._smooth) as feed:
            for seen, size in played(feed, batches, clip, self._max_side, self._clock):
                yield poses(self._points, seen.person(), size)


def poses(skeleton: Skeleton, person: Landmarks | None, size: tuple[int, int]) -> Poses:
    """Return the person of one frame of ``size`` (width, height) px, or nobody."""
    import numpy as np

    if person is None:
        points = len(skeleton)
        boxes = Boxes(np.empty((0, 4), np.float32), np.empty(0, np.float32))
        return Poses(
            skeleton,
            MEANING,
            xy=np.empty((0, points, 2), np.float32),
            scores=np.empty((0, points), np.float32),
            boxes=boxes,
            xyz=np.empty((0, points, 3), np.float32),
            depth=np.empty((0, points), np.float32),
        )
    xy = person.image[:, :2] * np.array(size, np.float32)
    extent = np.concatenate([xy.min(axis=0), xy.max(axis=0)])
    return Poses(
        skeleton,
        MEANING,
        xy=xy[None],
        scores=person.image[None, :, 3],
        boxes=Boxes(extent[None], np.array([person.score], np.float32)),
        xyz=person.world[None, :, :3],
        depth=person.image[None, :, 2] * np.float32(size[0]),
    )
