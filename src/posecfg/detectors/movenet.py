"""MoveNet: one person, 17 keypoints in the image, from a small model that searches near the last position."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from posecfg import skeletons
from posecfg.detectors import tflite
from posecfg.detectors.movenet_crop import around, whole
from posecfg.detectors.movenet_search import BEST, RATINGS, chosen, people
from posecfg.errors import ConfigError, WeightsError
from posecfg.facts import Facts
from posecfg.models import own_files, store
from posecfg.pixels import Frames
from posecfg.timing import stage
from posecfg.types import Boxes, Clip, Meaning, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64, U8
    from posecfg.detectors.movenet_crop import Region

CHOICES = {
    "model": ("lightning", "thunder"),
    "weights": ("int8", "float16"),
    "crop": ("tracked", "padded", "stretch"),
    "start": (BEST, *RATINGS),
    "runtime": tuple(tflite.PACKAGES),
}
SKELETON = "coco17"
MEANING = Meaning(score="probability")
MOST_THREADS = 256
_INPUTS = ("uint8", "int32", "float32")
# How many times as wide as tall, or as tall as wide, pictures may be before squeezing them draws limbs visibly wrong.
_WIDE = 1.5
# Coordinates beyond this are invalid.
_FAR = 1e6
log = logging.getLogger("posecfg.detectors")


class MoveNet:
    """Find the most prominent person of each frame, always one; the box score is the mean of the keypoints' scores.

    ``crop`` says what the model sees: ``tracked`` the region around the person of the frame before, ``padded`` the
    whole picture in a black square, ``stretch`` the whole picture squeezed into the square. ``start`` says whom
    ``tracked`` follows: ``best`` is the person that the model finds in the whole picture; for ``largest`` and
    ``nearest`` it searches for all people while it follows none, and begins with the one whom that policy chooses.
    """

    batch = 1

    def __init__(
        self,
        model: Literal["lightning", "thunder"] = "lightning",
        weights: Literal["int8", "float16"] | str = "int8",
        crop: Literal["tracked", "padded", "stretch"] = "tracked",
        start: Literal["best", "largest", "nearest"] = "best",
        runtime: Literal["litert", "tensorflow"] = "litert",
        device: str = "auto",
        threads: int = 1,
    ) -> None:
        name = weights_name(model, weights, crop, runtime, start)
        check_machine(device, threads)
        interpreter = tflite.load(runtime, wanted_by="detector=movenet")
        with store.loading(name) as found:
            self._graph = tflite.Graph(interpreter, name, found.path, threads)
        self._side = _side(self._graph, name)
        self.device = "cpu"
        self.weights: Mapping[str, str] = found.weights
        self.notes: Mapping[str, Any] = {}
        self._points = skeletons.load(SKELETON)
        self._crop, self._start = crop, start
        self._has_warned = False

    @staticmethod
    def facts(
        model: str, weights: str, crop: str, runtime: str, threads: int, start: str = BEST, **others: Any
    ) -> Facts:
        """Return the facts known before the component is built; refuse arguments that are wrong with any weights."""
        check_machine("auto", threads)
        return Facts(
            skeleton=SKELETON,
            gives=(),
            packages=(tflite.PACKAGES[runtime],) if runtime in tflite.PACKAGES else (),
            weights=(weights_name(model, weights, crop, runtime, start),),
            devices=("cpu",),
            stateful=crop == "tracked",
            stateless_by="detector.crop=padded",
            operational=("threads",) if crop == "tracked" else ("threads", "start"),
        )

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the pose of each frame, in order; in unrelated pictures nobody is followed."""
        region: Region | None = None
        for frames in batches:
            square = whole(frames.size)
            self._warn(frames.size)
            if self._crop == "stretch":
                for image in frames.rgb(self._side, self._side, quick=True):
                    yield self._pose(image, (0, 0, *frames.size))
            elif self._crop == "padded":
                yield from self.look(frames, dict.fromkeys(range(len(frames)), square))
            else:
                for row in range(len(frames)):
                    region = None if clip.independent else region
                    poses = self._begin(frames, row) if region in (None, square) else None
                    if poses is None:
                        (poses,) = self.look(frames, {row: region or square})
                    with stage("postprocess"):
                        region = around(poses.xy[0], poses.scores[0], frames.size) if len(poses) else None
                    yield poses

    def look(self, frames: Frames, regions: Mapping[int, Region]) -> Iterator[Poses]:
        """Yield the pose in a region of each of some frames; ``regions`` maps row to whole px x0, y0, x1, y1."""
        images = self._see(frames, regions)
        for row, region in regions.items():
            yield self._pose(images[row], region)

    def _see(self, frames: Frames, regions: Mapping[int, Region]) -> U8:
        """Return (B, S, S, 3) pixels that show a region of each of some frames, and nothing of the others."""
        import numpy as np

        # Boxes without area cost nothing.
        boxes = np.zeros((len(frames), 4), np.int64)
        for row, region in regions.items():
            boxes[row] = region
        return frames.crop(boxes, self._side, self._side, quick=True)

    def _begin(self, frames: Frames, row: int) -> Poses | None:
        """Search a frame for the person to follow; None where there is none, or whoever is seen first will do."""
        if self._start == BEST:
            return None

        def look(region: Region, covered: Sequence[F32]) -> Poses:
            image = self._see(frames, {row: region})[row]
            return self._pose(_covered(image, region, covered) if len(covered) else image, region)

        return chosen(people(look, frames.size), self._start, frames.size)

    def _warn(self, size: tuple[int, int]) -> None:
        """Warn once of pictures that a square squeezes too much."""
        if self._crop == "stretch" and max(size) > _WIDE * min(size) and not self._has_warned:
            self._has_warned = True
            log.warning(
                "detector.crop=stretch squeezes pictures as wide or tall as these into a square, and limbs are drawn "
                "visibly wrong: detector.crop=tracked fits them better."
            )

    def _pose(self, image: U8, region: Region) -> Poses:
        """Run the model on (S, S, 3) pixels that show ``region``."""
        import numpy as np

        with stage("preprocess"):
            pixels = image[None].astype(self._graph.dtype, copy=False)
        with stage("inference"):
            found = self._graph(pixels)
        with stage("postprocess"):
            return self._poses(found.reshape(17, 3).astype(np.float64), region)

    def _poses(self, points: F64, region: Region) -> Poses:
        """Turn (17, 3) y, x, score, where 0 to 1 spans ``region``, into px of the picture."""
        import numpy as np

        # If the model gives NaN, no person was found.
        person = points[None] if np.abs(points).max() < _FAR else np.empty((0, 17, 3))
        x0, y0, x1, y1 = region
        xy = (person[..., 1::-1] * (x1 - x0, y1 - y0) + (x0, y0)).astype(np.float32)
        scores = person[..., 2].astype(np.float32)
        extent = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
        return Poses(self._points, MEANING, xy, scores, Boxes(extent, scores.mean(axis=1)))


def _covered(image: U8, region: Region, boxes: Sequence[F32]) -> U8:
    """Return (S, S, 3) pixels of ``region`` in which some boxes (4,) px of the picture are black."""
    import numpy as np

    x0, y0, x1, _ = region
    found = image.copy()
    for box in boxes:
        edges = np.rint((np.asarray(box, np.float64) - (x0, y0, x0, y0)) * (len(image) / (x1 - x0)))
        left, top, right, bottom = np.clip(edges, 0, len(image)).astype(int)
        found[top:bottom, left:right] = 0
    return found


def weights_name(model: str, weights: str, crop: str, runtime: str, start: str = BEST) -> str:
    """Return the name of the weights that these arguments load; raise ``ConfigError`` for values that do not exist."""
    words = {"crop": crop, "start": start, "runtime": runtime, "model": model, "weights": weights}
    for name, value in words.items():
        known = CHOICES[name]
        if value not in known and not (name == "weights" and own_files.is_path(value)):
            options = f"{', '.join(known[:-1])} or {known[-1]}"
            options += ", or a path such as ./mine.tflite" if name == "weights" else ""
            raise ConfigError(f"Expected detector.{name} to be {options}, but got '{value}'.")
    return weights if own_files.is_path(weights) else f"movenet_{model}_{weights}"


def check_machine(device: str, threads: int) -> None:
    """Refuse a device and a number of threads that the model cannot run with."""
    if not 1 <= threads <= MOST_THREADS:
        raise ConfigError(f"Expected detector.threads to be from 1 to {MOST_THREADS}, but got {threads}.")
    if device not in ("auto", "cpu"):
        raise ConfigError(
            f"movenet runs on the CPU only, but device={device} was asked for: use device=cpu or device=auto"
        )


def _side(graph: tflite.Graph, name: str) -> int:
    """Return the side (px) of the square input; raise an error if the graph is no MoveNet for one person."""
    side = graph.shape[1] if len(graph.shape) == 4 else 0
    kind = getattr(graph.dtype, "__name__", str(graph.dtype))
    if side < 1 or graph.shape != (1, side, side, 3) or graph.gives != (1, 1, 17, 3) or kind not in _INPUTS:
        raise WeightsError(
            f"Expected '{name}' to be a MoveNet for one person (a square RGB picture of {', '.join(_INPUTS)} in, "
            f"1x1x17x3 out), but it takes {_spell(graph.shape)} {kind} and gives {_spell(graph.gives)}: choose "
            "detector.model=lightning or detector.model=thunder."
        )
    return side


def _spell(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
