"""MediaPipe's graphs as configurations: read from the package, changed by the names of their nodes, and validated."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg import backends
from posecfg.detectors.mediapipe_bindings import Bindings, version
from posecfg.errors import BackendMissing

MODEL = "posecfg_pose_model"
"""The side packet with the bytes of the pose model."""

_DETECTOR = "posedetectioncpu__TensorsToDetectionsCalculator"
_TRACKER = "poselandmarkbyroicpu__tensorstoposelandmarksandsegmentation__ThresholdingCalculator"
# Loads the pose model by a path inside the package; its last node takes bytes too, as those of other loaders.
_LOADER = "poselandmarkbyroicpu__poselandmarkmodelloader__"
_TAKER = "TfLiteModelCalculator"
# Cuts the loop of the pose.
_GATE = "GateCalculator_1"
# mp.solutions passes its graph as text, which loses the options of these calculators: they use their defaults there.
# The numbers of every published script come from those defaults.
_WITHOUT_OPTIONS = (
    "RefineLandmarksFromHeatmapCalculator",
    "SegmentationSmoothingCalculator",
    "VisibilityCopyCalculator",
)


@dataclass(frozen=True)
class Settings:
    """Settings that are fixed when a graph is prepared."""

    detection_confidence: float
    tracking_confidence: float
    threads: int


@dataclass(frozen=True)
class Plan:
    """Which graph is run, and which part of it.

    ``file`` is the graph's path in the package. ``pose`` begins the names of the nodes that find the pose, ``without``
    those of nodes that are left out. ``streams`` are observed beside those of the pose. ``loops`` are streams that come
    from the image before: as those of the pose, they are cut where each image is looked at by itself. ``models`` are
    files of networks that are given as bytes, by the beginning of the names of the nodes that would load them.
    """

    file: str
    pose: str = ""
    without: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()
    models: Mapping[str, Path] = field(default_factory=dict)


def packet(file: Path) -> str:
    """Return the name of the side packet with the bytes of a network."""
    return f"{MODEL}_{file.stem}"


def validated(mp: Bindings, plan: Plan, settings: Settings, observed: Iterable[str]) -> Any:
    """Return the graph with the settings written into it; ``observed`` streams must be in it."""
    config = mp.configs.CalculatorGraphConfig()
    config.ParseFromString(_read(mp, mp.folder / plan.file).binary_config)
    detector, tracker = plan.pose + _DETECTOR, plan.pose + _TRACKER
    packets = {plan.pose + _LOADER: MODEL, **{loader: packet(file) for loader, file in plan.models.items()}}
    takers = {f"{loader}{_TAKER}": name for loader, name in packets.items()}
    _leave_out(config, (*packets, *plan.without), takers)
    nodes = {node.name: node for node in config.node}
    known = {stream.rpartition(":")[2] for node in config.node for stream in node.output_stream}
    gates = (plan.pose + _GATE,) if plan.loops else ()
    unknown = [name for name in (detector, tracker, *takers, *gates) if name not in nodes]
    unknown += [name for name in (*observed, *plan.loops) if name not in known]
    if unknown:
        raise BackendMissing(
            f"Expected the pose graph of MediaPipe {version()} to have '{unknown[0]}', but it has not: "
            f"{backends.advice('mediapipe')}"
        )
    for gate in gates:
        _cut(config, nodes[gate], plan.loops)
    threads = _useful(settings.threads)
    for node in config.node:
        if node.calculator in _WITHOUT_OPTIONS:
            node.ClearField("options")
        elif node.calculator.startswith("InferenceCalculator") and threads > 1 and not node.node_options:
            extension = node.options.Extensions[mp.inference.InferenceCalculatorOptions.ext]
            extension.delegate.xnnpack.num_threads = threads
    scores = nodes[detector].options.Extensions[mp.detections.TensorsToDetectionsCalculatorOptions.ext]
    scores.min_score_thresh = settings.detection_confidence
    presence = nodes[tracker].options.Extensions[mp.thresholds.ThresholdingCalculatorOptions.ext]
    presence.threshold = settings.tracking_confidence
    for taker, name in takers.items():
        nodes[taker].input_side_packet[:] = [f"MODEL_BLOB:{name}"]
    config.input_side_packet.append(f"POSE_MODEL:{MODEL}")
    # Only the file reader takes a graph as bytes; a message would be passed as text, without unregistered options.
    with tempfile.TemporaryDirectory(prefix="posecfg-") as folder:
        file = Path(folder) / "graph.binarypb"
        file.write_bytes(config.SerializeToString())
        return _read(mp, file)


def _leave_out(config: Any, without: tuple[str, ...], except_for: Collection[str]) -> None:
    """Remove nodes whose names begin so, with what the graph gives of theirs."""
    stays = [node for node in config.node if node.name in except_for or not node.name.startswith(without)]
    kept = [type(node).FromString(node.SerializeToString()) for node in stays]
    del config.node[:]
    config.node.extend(kept)
    known = {stream.rpartition(":")[2] for node in kept for stream in node.output_stream}
    given = [stream for stream in config.output_stream if stream.rpartition(":")[2] in known]
    del config.output_stream[:]
    config.output_stream.extend(given)


def _cut(config: Any, gate: Any, loops: tuple[str, ...]) -> None:
    """Put a gate as that of the pose into each loop."""
    for loop in loops:
        for node in config.node:
            for place, stream in enumerate(node.input_stream):
                if stream.rpartition(":")[2] == loop:
                    node.input_stream[place] = f"{stream}_gated"
        own = config.node.add()
        own.CopyFrom(gate)
        own.name = f"{loop}_GateCalculator"
        own.input_stream[:], own.output_stream[:] = [loop], [f"{loop}_gated"]


def _useful(threads: int) -> int:
    # Threads wait by spinning: one more than there are cores makes a frame a hundred times slower.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(threads, cores)


def _read(mp: Bindings, file: Path) -> Any:
    graph = mp.validation.ValidatedGraphConfig()
    try:
        graph.initialize(binary_graph_path=str(file))
    except (RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())
        raise BackendMissing(
            f"The pose graph of MediaPipe {version()} cannot be used ({reason}): {backends.advice('mediapipe')}"
        ) from error
    return graph
