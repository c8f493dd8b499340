"""Run MediaPipe's own pose graph on one image at a time."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import backends
from posecfg.detectors.mediapipe_bindings import GRAPH, Bindings, version
from posecfg.errors import BackendMissing, ClipError

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8

    Feed = Callable[["U8", int], "Landmarks | None"]

_IMAGE, _WORLD = "pose_landmarks", "pose_world_landmarks"
_BODY = "poselandmarkbyroicpu__tensorstoposelandmarksandsegmentation__"
_PRESENCE = f"{_BODY}pose_presence_score"
_DETECTOR = "posedetectioncpu__TensorsToDetectionsCalculator"
_TRACKER = f"{_BODY}ThresholdingCalculator"
_MODEL = "poselandmarkbyroicpu__poselandmarkmodelloader__switchcontainer__ConstantSidePacketCalculator_{}"
# mp.solutions passes its graph as text, which loses the options of these calculators: they use their defaults there.
# The numbers of every published script come from those defaults.
_WITHOUT_OPTIONS = (
    "RefineLandmarksFromHeatmapCalculator",
    "SegmentationSmoothingCalculator",
    "VisibilityCopyCalculator",
)
# The resource folder is a global of the process, so graphs start one at a time.
_starting = threading.Lock()


@dataclass(frozen=True)
class Settings:
    """Settings that are fixed when the graph is prepared."""

    complexity: int
    model: Path
    detection_confidence: float
    tracking_confidence: float
    threads: int


def _useful(threads: int) -> int:
    # Threads wait by spinning: one more than there are cores makes a frame a hundred times slower.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(threads, cores)


@dataclass(frozen=True)
class Landmarks:
    """One person: ``image`` and ``world`` (K, 4) float32 as x, y, z, visibility, and the model's person score.

    ``image`` is normalised by width and height (z by width); ``world`` is in metres from the middle of the hips.
    """

    image: F32
    world: F32
    score: float


class PoseGraph:
    """The pose graph, prepared once; each ``start`` is a run with a fresh state."""

    def __init__(self, bindings: Bindings, settings: Settings) -> None:
        self._mp = bindings
        self._complexity = settings.complexity
        self._validated = _validated(bindings, settings)

    def start(self, *, static: bool, smooth: bool) -> AbstractContextManager[Feed]:
        """Run the graph: ``feed(rgb, microseconds)`` returns the person of that image; times must increase."""
        return self._run(static=static, smooth=smooth and not static)

    @contextmanager
    def _run(self, *, static: bool, smooth: bool) -> Iterator[Feed]:
        packets: dict[str, Any] = {}
        with _border("start"):
            graph = self._started(packets, static=static, smooth=smooth)

        def feed(rgb: U8, microseconds: int) -> Landmarks | None:
            packets.clear()
            with _border("work"):
                form = self._mp.images.ImageFormat.SRGB
                packet = self._mp.make.create_image_frame(image_format=form, data=_lent(rgb), copy=False)
                graph.add_packet_to_input_stream("image", packet.at(microseconds))
                graph.wait_until_idle()
                return self._read(packets)

        try:
            yield feed
        except BaseException:
            # A graph that failed raises the same error again when it is closed.
            with suppress(RuntimeError):
                graph.close()
            raise
        with _border("end"):
            graph.close()

    def _started(self, packets: dict[str, Any], *, static: bool, smooth: bool) -> Any:
        make = self._mp.make
        with _starting:
            self._mp.resources.set_resource_dir(str(self._mp.folder.parent))
            graph = self._mp.graphs.CalculatorGraph(validated_graph_config=self._validated)
            for stream in (_IMAGE, _WORLD, _PRESENCE):
                graph.observe_output_stream(stream, packets.__setitem__, True)
            graph.start_run(
                {
                    "model_complexity": make.create_int(self._complexity),
                    "smooth_landmarks": make.create_bool(smooth),
                    "enable_segmentation": make.create_bool(False),
                    "smooth_segmentation": make.create_bool(False),
                    "use_prev_landmarks": make.create_bool(not static),
                }
            )
        return graph

    def _read(self, packets: dict[str, Any]) -> Landmarks | None:
        image, world, score = (packets.get(stream) for stream in (_IMAGE, _WORLD, _PRESENCE))
        if any(packet is None or packet.is_empty() for packet in (image, world, score)):
            return None
        get = self._mp.get
        return Landmarks(_points(get.get_proto(image)), _points(get.get_proto(world)), get.get_float(score))


def _lent(rgb: U8) -> U8:
    """Return the pixels as a read-only view, which MediaPipe uses without a copy; a copy of 1080p takes 3 ms."""
    import numpy as np

    pixels = np.ascontiguousarray(rgb).view()
    pixels.flags.writeable = False
    return pixels


@contextmanager
def _border(step: str) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        raise ClipError(f"MediaPipe's graph did not {step}: {' '.join(str(error).split())}") from error


def _points(message: Any) -> F32:
    import numpy as np

    return np.array([(p.x, p.y, p.z, p.visibility) for p in message.landmark], np.float32)


def _validated(mp: Bindings, settings: Settings) -> Any:
    """Return the graph with the settings written into it."""
    config = mp.configs.CalculatorGraphConfig()
    config.ParseFromString(_read_graph(mp, mp.folder / GRAPH).binary_config)
    nodes = {node.name: node for node in config.node}
    model = _MODEL.format(settings.complexity + 1)
    known = {stream.rpartition(":")[2] for node in config.node for stream in node.output_stream}
    unknown = [name for name in (_DETECTOR, _TRACKER, model) if name not in nodes]
    unknown += [name for name in (_IMAGE, _WORLD, _PRESENCE) if name not in known]
    if unknown:
        raise BackendMissing(
            f"Expected the pose graph of MediaPipe {version()} to have '{unknown[0]}', but it has not: "
            f"{backends.advice('mediapipe')}"
        )
    threads = _useful(settings.threads)
    for node in config.node:
        if node.calculator in _WITHOUT_OPTIONS:
            node.ClearField("options")
        elif node.calculator.startswith("InferenceCalculator") and threads > 1:
            extension = node.options.Extensions[mp.inference.InferenceCalculatorOptions.ext]
            extension.delegate.xnnpack.num_threads = threads
    detector = nodes[_DETECTOR].options.Extensions[mp.detections.TensorsToDetectionsCalculatorOptions.ext]
    detector.min_score_thresh = settings.detection_confidence
    tracker = nodes[_TRACKER].options.Extensions[mp.thresholds.ThresholdingCalculatorOptions.ext]
    tracker.threshold = settings.tracking_confidence
    constant = nodes[model].options.Extensions[mp.constants.ConstantSidePacketCalculatorOptions.ext]
    constant.packet[0].string_value = str(settings.model)
    # Only the file reader takes a graph as bytes; a message would be passed as text, without unregistered options.
    with tempfile.TemporaryDirectory(prefix="posecfg-") as folder:
        file = Path(folder) / "pose.binarypb"
        file.write_bytes(config.SerializeToString())
        return _read_graph(mp, file)


def _read_graph(mp: Bindings, file: Path) -> Any:
    graph = mp.validation.ValidatedGraphConfig()
    try:
        graph.initialize(binary_graph_path=str(file))
    except (RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise BackendMissing(
            f"The pose graph of MediaPipe {version()} cannot be used ({reason}): {backends.advice('mediapipe')}"
        ) from error
    return graph
