"""Holistic: body, face and both hands of one person, found from the body by MediaPipe's graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from posecfg import skeletons
from posecfg.detectors import mediapipe_bindings
from posecfg.detectors.mediapipe_config import Plan, Settings
from posecfg.detectors.mediapipe_graph import Graph, Seen
from posecfg.detectors.mediapipe_options import check, check_device, played, pose_weights
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.models import store
from posecfg.pixels import Frames
from posecfg.types import Boxes, Clip, Meaning, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32

FACES = ("mesh", "irises", "none")
MEANING = Meaning(
    score="visibility of the body's points, probability that a hand or face is there for theirs",
    xyz="metres, origin mid-hip, x to the right of the image, y down, z away from the camera; hands from the body's "
    "wrists, no face",
    depth="px (same scale as x), away from the camera, from mid-hip; hands from their wrist, the face from its middle",
)
# By hands and face.
_SKELETONS = {
    (True, "mesh"): "holistic543",
    (True, "irises"): "holistic553",
    (True, "none"): "holistic75",
    (False, "mesh"): "holistic501",
    (False, "irises"): "holistic511",
    (False, "none"): "blazepose33",
}
_HAND_MODEL = "hand_landmark_full"
_HAND_WEIGHTS = ("hand_recrop", _HAND_MODEL)
_FACE_WEIGHTS = {
    "mesh": ("face_detection_short_range", "face_landmark"),
    "irises": ("face_detection_short_range", "face_landmark_with_attention"),
    "none": (),
}
_POSE, _HANDS, _FACE = "poselandmarkcpu__", "handlandmarksleftandrightcpu__", "facelandmarksfromposecpu__"


_HAND_NODES = tuple(f"{_HANDS}handlandmarksfromposecpu_{number}__" for number in (1, 2))
# They load the model of a hand.
_HAND_LOADERS = tuple(f"{begin}handlandmarkcpu__handlandmarkmodelloader__" for begin in _HAND_NODES)


class _Part(NamedTuple):
    """Streams of a hand or the face: its landmarks, the score that it is there, its landmarks in the image before.

    Of a hand also its landmarks in space, and the name of the body's wrist.
    """

    image: str
    score: str
    before: str
    space: str = ""
    wrist: str = ""


def _hand(side: str, begin: str) -> _Part:
    return _Part(
        f"{side}_hand_landmarks",
        f"{begin}handlandmarkcpu__hand_presence_score",
        f"{begin}handtracking__prev_hand_landmarks",
        f"{begin}handlandmarkcpu__hand_world_landmarks",
        f"{side}_wrist",
    )


_HAND_PARTS = tuple(_hand(side, begin) for side, begin in zip(("left", "right"), _HAND_NODES, strict=True))
_FACE_PART = _Part(
    "face_landmarks", f"{_FACE}facelandmarkcpu__face_presence_score", f"{_FACE}facetracking__prev_face_landmarks"
)


class Holistic:
    """Find body, face and hands of the most prominent person; box and box score are those of the body.

    A hand or face that is not found has NaN for its points, and the score 0.
    """

    batch = 1

    def __init__(
        self,
        complexity: int = 1,
        hands: bool = True,
        face: Literal["mesh", "irises", "none"] = "mesh",
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
        check_device(device, "holistic")
        self._points = skeletons.load(_skeleton(hands, face))
        bindings = mediapipe_bindings.load("detector=holistic")
        paths = {name: store.find(name) for name in _weights(complexity, hands, face)}
        self.device = "cpu"
        self.weights: Mapping[str, str] = {name: store.sha256(name) for name in paths}
        self.notes: Mapping[str, Any] = {}
        self._smooth, self._static = smooth, static
        self._max_side, self._clock = max_side, clock
        has_face = face != "none"
        # In the order of the skeleton.
        self._parts = (*([_FACE_PART] if has_face else []), *(_HAND_PARTS if hands else ()))
        plan = Plan(
            mediapipe_bindings.HOLISTIC,
            pose=_POSE,
            without=(*([] if hands else [_HANDS]), *([] if has_face else [_FACE])),
            streams=tuple(name for part in self._parts for name in (part.image, part.score, part.space) if name),
            loops=tuple(part.before for part in self._parts),
            models=dict.fromkeys(_HAND_LOADERS, paths[_HAND_MODEL]) if hands else {},
        )
        settings = Settings(detection_confidence, tracking_confidence, threads)
        flags = {"refine_face_landmarks": face == "irises"} if has_face else {}
        self._graph = Graph(bindings, plan, settings, paths[pose_weights(complexity)[1]], flags)

    @staticmethod
    def facts(
        complexity: int,
        hands: bool,
        face: str,
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
            skeleton=_skeleton(hands, face),
            gives=("xyz", "depth"),
            packages=("mediapipe",),
            weights=_weights(complexity, hands, face),
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
                yield self._poses(seen, size)

    def _poses(self, seen: Seen, size: tuple[int, int]) -> Poses:
        import numpy as np

        person = seen.person()
        people, points = int(person is not None), len(self._points)
        image, space = (np.full((people, points, 3), np.nan, np.float32) for _ in range(2))
        scores, extent = np.zeros((people, points), np.float32), np.empty((people, 4), np.float32)
        if person is not None:
            begin = len(person.image)
            image[0, :begin], scores[0, :begin] = person.image[:, :3], person.image[:, 3]
            space[0, :begin] = person.world[:, :3]
            for part in self._parts:
                begin = self._put(seen, part, begin, image[0], space[0], scores[0])
        xy = image[..., :2] * np.array(size, np.float32)
        if person is not None:
            body = xy[0, : len(person.image)]
            extent[0] = np.concatenate([body.min(axis=0), body.max(axis=0)])
        return Poses(
            self._points,
            MEANING,
            xy=xy,
            scores=scores,
            boxes=Boxes(extent, np.array([] if person is None else [person.score], np.float32)),
            xyz=space,
            depth=image[..., 2] * np.float32(size[0]),
        )

    def _put(self, seen: Seen, part: _Part, begin: int, image: F32, space: F32, scores: F32) -> int:
        """Fill in the points of a hand or the face from the row ``begin`` on, and return where the next part begins."""
        end = begin + (21 if part.wrist else len(self._points.flat))
        found, score = seen.landmarks(part.image), seen.number(part.score)
        if found is not None and score is not None:
            image[begin:end], scores[begin:end] = found[:, :3], score
            metres = seen.landmarks(part.space) if part.space else None
            if metres is not None:
                # They are counted from the middle of the hand.
                space[begin:end] = metres[:, :3] - metres[0, :3] + space[self._points.index[part.wrist]]
        return end


def _skeleton(hands: bool, face: str) -> str:
    if face not in FACES:
        raise ConfigError(f"Expected detector.face to be mesh, irises or none, but got '{face}'.")
    return _SKELETONS[bool(hands), face]


def _weights(complexity: int, hands: bool, face: str) -> tuple[str, ...]:
    return (*pose_weights(complexity), *(_HAND_WEIGHTS if hands else ()), *_FACE_WEIGHTS[face])
