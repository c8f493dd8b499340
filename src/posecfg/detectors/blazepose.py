"""BlazePose: one person, 33 landmarks in the image and in metres, tracked from frame to frame by MediaPipe's graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from posecfg import skeletons
from posecfg.detectors import mediapipe_bindings
from posecfg.detectors.mediapipe_graph import Landmarks, PoseGraph, Settings
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.models import store
from posecfg.pixels import Frames
from posecfg.types import Boxes, Clip, Meaning, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8

_MODELS = ("blazepose_lite", "blazepose_full", "blazepose_heavy")
_CLOCKS = ("fixed", "true")
# What mp.solutions advances a frame, whatever the film's rate.
_STEP = 33333

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
        _check(detection_confidence, tracking_confidence, max_side, clock, threads)
        _check_device(device)
        bindings = mediapipe_bindings.load("detector=blazepose")
        paths = {name: store.find(name) for name in _weights(complexity)}
        self.device = "cpu"
        self.weights: Mapping[str, str] = {name: store.sha256(name) for name in paths}
        self.notes: Mapping[str, Any] = {}
        self._points = skeletons.load(SKELETON)
        self._smooth, self._static = smooth, static
        self._max_side, self._clock = max_side, clock
        self._graph = PoseGraph(
            bindings,
            Settings(complexity, paths[_model(complexity)], detection_confidence, tracking_confidence, threads),
        )

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
        _check(detection_confidence, tracking_confidence, max_side, clock, threads)
        return Facts(
            skeleton=SKELETON,
            gives=("xyz", "depth"),
            packages=("mediapipe",),
            weights=_weights(complexity),
            devices=("cpu",),
            stateful=not static,
            stateless_by="detector.static=true",
            operational=("threads",),
        )

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the pose of each frame, in order, from a graph that starts afresh."""
        static = self._static or clip.independent
        with self._graph.start(static=static, smooth=self._smooth) as feed:
            now, first = 0, None
            for frames in batches:
                pixels = frames.rgb(*_scaled(frames.size, self._max_side))
                for index, time, rgb in zip(frames.indices, frames.times, pixels, strict=True):
                    # Both clocks start at the same time: the filters' last digits depend on it.
                    first = float(time) if first is None else first
                    passed = round((float(time) - first) * 1e6)
                    now = max(now + 1, _STEP + passed) if self._clock == "true" else now + _STEP
                    yield self._poses(_fed(feed, rgb, now, f"{clip.id}, frame {index}"), frames.size)

    def _poses(self, person: Landmarks | None, size: tuple[int, int]) -> Poses:
        import numpy as np

        if person is None:
            points = len(self._points)
            boxes = Boxes(np.empty((0, 4), np.float32), np.empty(0, np.float32))
            return Poses(
                self._points,
                MEANING,
                xy=np.empty((0, points, 2), np.float32),
                scores=np.empty((0, points), np.float32),
                boxes=boxes,
                xyz=np.empty((0, points, 3), np.float32),
                depth=np.empty((0, points), np.float32),
            )
        xy: F32 = person.image[:, :2] * np.array(size, np.float32)
        extent = np.concatenate([xy.min(axis=0), xy.max(axis=0)])
        return Poses(
            self._points,
            MEANING,
            xy=xy[None],
            scores=person.image[None, :, 3],
            boxes=Boxes(extent[None], np.array([person.score], np.float32)),
            xyz=person.world[None, :, :3],
            depth=person.image[None, :, 2] * np.float32(size[0]),
        )


def _fed(feed: Callable[[U8, int], Landmarks | None], rgb: U8, now: int, where: str) -> Landmarks | None:
    try:
        return feed(rgb, now)
    except ClipError as error:
        raise ClipError(f"{where}: {error}") from error


def _scaled(size: tuple[int, int], max_side: int | None) -> tuple[int | None, int | None]:
    if max_side is None or max(size) <= max_side:
        return None, None
    width, height = (max(1, round(side * max_side / max(size))) for side in size)
    return width, height


def _model(complexity: int) -> str:
    if complexity not in range(len(_MODELS)):
        raise ConfigError(f"Expected detector.complexity to be 0, 1 or 2, but got {complexity}.")
    return _MODELS[complexity]


def _weights(complexity: int) -> tuple[str, ...]:
    return ("pose_detection", _model(complexity))


def _check(
    detection_confidence: float, tracking_confidence: float, max_side: int | None, clock: str, threads: int
) -> None:
    for name, value in (("detection", detection_confidence), ("tracking", tracking_confidence)):
        if not 0 <= value <= 1:
            raise ConfigError(f"Expected detector.{name}_confidence to be from 0 to 1, but got {value}.")
    if max_side is not None and max_side < 1:
        raise ConfigError(f"Expected detector.max_side to be null or at least 1, but got {max_side}.")
    if clock not in _CLOCKS:
        raise ConfigError(f"Expected detector.clock to be fixed or true, but got '{clock}'.")
    if threads < 1:
        raise ConfigError(f"Expected detector.threads to be at least 1, but got {threads}.")


def _check_device(device: str) -> None:
    if device not in ("auto", "cpu"):
        raise ConfigError(
            f"blazepose runs on the CPU only: the Linux wheels have no GPU path, but device={device} was asked "
            "for: use device=cpu or device=auto"
        )
