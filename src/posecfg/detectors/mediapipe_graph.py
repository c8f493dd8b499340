"""Run MediaPipe's own graphs that find a pose, on one image at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.detectors.mediapipe_bindings import Bindings
from posecfg.detectors.mediapipe_config import MODEL, Plan, Settings, packet, validated
from posecfg.detectors.mediapipe_model import without_ignored_channels, without_mask
from posecfg.errors import ClipError

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8

    Feed = Callable[["U8", int], "Seen"]

_IMAGE, _WORLD = "pose_landmarks", "pose_world_landmarks"
_PRESENCE = "poselandmarkbyroicpu__tensorstoposelandmarksandsegmentation__pose_presence_score"
# Tags of the numbers of a landmark, as protocol buffers write them: x, y, z, visibility, presence.
_TAGS = b"\x0d\x15\x1d\x25\x2d"
# The resource folder is a global of the process, so graphs start one at a time.
_starting = threading.Lock()


@dataclass(frozen=True)
class Landmarks:
    """One person: ``image`` and ``world`` (K, 4) float32 as x, y, z, visibility, and the model's person score.

    ``image`` is normalised by width and height (z by width); ``world`` is in metres from the middle of the hips.
    """

    image: F32
    world: F32
    score: float


class Seen:
    """What the graph says of one image, by stream."""

    def __init__(self, bindings: Bindings, packets: Mapping[str, Any], prefix: str) -> None:
        self._get, self._packets, self._prefix = bindings.get, packets, prefix

    def person(self) -> Landmarks | None:
        """Return the person, None where there is none."""
        image, world = self.landmarks(_IMAGE), self.landmarks(_WORLD)
        score = self.number(self._prefix + _PRESENCE)
        if image is None or world is None or score is None:
            return None
        return Landmarks(image[:, :4], world[:, :4], score)

    def landmarks(self, stream: str) -> F32 | None:
        """Return landmarks (K, 3 or more): x, y, z, and what else is told of them; None where there are none."""
        packet = self._packets.get(stream)
        return None if packet is None or packet.is_empty() else _points(self._get.get_proto(packet))

    def number(self, stream: str) -> float | None:
        """Return a number, None where there is none."""
        packet = self._packets.get(stream)
        return None if packet is None or packet.is_empty() else float(self._get.get_float(packet))


class Graph:
    """A graph, prepared once; each ``start`` is a run with a fresh state.

    ``flags`` are the graph's own switches beside those of the pose.
    """

    def __init__(
        self, bindings: Bindings, plan: Plan, settings: Settings, model: Path, flags: Mapping[str, bool] | None = None
    ) -> None:
        self._mp, self._prefix = bindings, plan.pose
        self._streams = (_IMAGE, _WORLD, plan.pose + _PRESENCE, *plan.streams)
        self._validated = validated(bindings, plan, settings, self._streams)
        self._flags = {name: bindings.make.create_bool(flag) for name, flag in (flags or {}).items()}
        networks = {packet(file): without_ignored_channels(file.read_bytes()) for file in {*plan.models.values()}}
        networks[MODEL] = without_mask(model.read_bytes())
        self._networks = {name: bindings.make.create_string(data) for name, data in networks.items()}

    def start(self, *, static: bool, smooth: bool) -> AbstractContextManager[Feed]:
        """Run the graph: ``feed(rgb, microseconds)`` returns what is seen in that image; times must increase."""
        return self._run(static=static, smooth=smooth and not static)

    @contextmanager
    def _run(self, *, static: bool, smooth: bool) -> Iterator[Feed]:
        packets: dict[str, Any] = {}
        with _border("start"):
            graph = self._started(packets, static=static, smooth=smooth)

        def feed(rgb: U8, microseconds: int) -> Seen:
            packets.clear()
            with _border("work"):
                form = self._mp.images.ImageFormat.SRGB
                packet = self._mp.make.create_image_frame(image_format=form, data=_lent(rgb), copy=False)
                graph.add_packet_to_input_stream("image", packet.at(microseconds))
                graph.wait_until_idle()
                return Seen(self._mp, packets, self._prefix)

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
            for stream in self._streams:
                graph.observe_output_stream(stream, packets.__setitem__, True)
            graph.start_run(
                {
                    **self._networks,
                    "smooth_landmarks": make.create_bool(smooth),
                    "enable_segmentation": make.create_bool(False),
                    "smooth_segmentation": make.create_bool(False),
                    "use_prev_landmarks": make.create_bool(not static),
                    **self._flags,
                }
            )
        return graph


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
    """Return the landmarks of a message, (K, N) float32; its bytes are read, as asking for each number takes a ms."""
    import numpy as np

    # Two bytes begin a landmark, then each number has one byte before it.
    rows = np.frombuffer(message.SerializeToString(), np.uint8).reshape(len(message.landmark), -1)[:, 2:]
    fields = rows.reshape(len(rows), -1, 5)
    if (fields[..., 0] != np.frombuffer(_TAGS, np.uint8)[: fields.shape[1]]).any():
        raise ValueError("a landmark lacks a number")
    points: F32 = np.ascontiguousarray(fields[..., 1:]).view("<f4")[..., 0]
    return points
