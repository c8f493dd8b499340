"""Keypoint R-CNN of Detectron2's model zoo: people and 17 keypoints of each, from one network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

from posecfg import skeletons
from posecfg.detectors.rcnn import checkpoint, native
from posecfg.detectors.rcnn.configs import ZOO, Choice, chosen
from posecfg.detectors.rcnn.network import Network
from posecfg.detectors.topdown.pixels import opencv
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.models import store
from posecfg.pixels import Frames
from posecfg.runtimes import onnx, providers, torch_device
from posecfg.types import Boxes, Clip, Meaning, Poses

if TYPE_CHECKING:
    from posecfg.arrays import F32
    from posecfg.detectors.rcnn.layers import Arrays

SKELETON = "coco17"
DEFAULT = "COCO-Keypoints/keypoint_rcnn_R_101_FPN_3x.yaml"
RUNTIMES = ("onnx", "detectron2")
_LARGEST = 1 << 13


class Detectron2:
    """Find people, and the keypoints of each.

    ``config`` is a configuration of the model zoo, or a YAML file; ``weights`` are those that it names, or others.
    ``short_side``, ``longest_side`` (px), ``nms`` and ``most`` are those of the configuration where they are null.
    With ``det_every``, people are looked for in every n-th frame, whose boxes serve until the next.

    A keypoint's score is Detectron2's: how far its peak stands out of its heatmap. It is no probability and can pass 1.
    """

    batch = 1

    def __init__(
        self,
        config: str = DEFAULT,
        weights: str | None = None,
        score_thr: float = 0.7,
        nms: float | None = None,
        most: int | None = None,
        short_side: int | None = None,
        longest_side: int | None = None,
        det_every: int = 1,
        runtime: Literal["onnx", "detectron2"] = "onnx",
        device: str = "auto",
        threads: int = 1,
    ) -> None:
        _check(score_thr, nms, most, short_side, longest_side, det_every, runtime, threads)
        name = _weights(config, chosen(config), weights)
        with ExitStack() as stack:
            found = {one: stack.enter_context(store.loading(one)) for one in _files(config, name)}
            choice = chosen(config)
            values = choice.values
            groups, depth = values["MODEL.RESNETS.NUM_GROUPS"], values["MODEL.RESNETS.DEPTH"]
            arrays = checkpoint.arrays(found[name].path, name, groups, depth)
        self._network = _opened(arrays, choice, name, runtime, device, threads)
        self._sides = (
            short_side or values["INPUT.MIN_SIZE_TEST"],
            longest_side or values["INPUT.MAX_SIZE_TEST"],
        )
        own = values["MODEL.ROI_HEADS.NMS_THRESH_TEST"] if nms is None else nms
        self._rules = (score_thr, own, most or values["TEST.DETECTIONS_PER_IMAGE"])
        self._every = det_every
        self._points, self._meaning = skeletons.load(SKELETON), Meaning(score="peak")
        self.device = self._network.device
        self.weights: Mapping[str, str] = {key: sha for one in found.values() for key, sha in one.weights.items()}
        self.notes: Mapping[str, Any] = {}

    @staticmethod
    def facts(
        config: str,
        weights: str | None,
        score_thr: float,
        nms: float | None,
        most: int | None,
        short_side: int | None,
        longest_side: int | None,
        det_every: int,
        runtime: str,
        device: str,
        threads: int,
        **others: Any,
    ) -> Facts:
        """Return the facts known before the component is built; refuse arguments that are wrong with any weights."""
        _check(score_thr, nms, most, short_side, longest_side, det_every, runtime, threads)
        own = runtime == "onnx"

        def ready() -> None:
            if own and device not in ("auto", "cpu"):
                library = onnx.library(f"device={device}")
                providers.requested(library, providers.chosen(library, device), threads)

        return Facts(
            skeleton=SKELETON,
            gives=(),
            packages=("onnxruntime", "cv2") if own else native.PACKAGES,
            weights=_files(config, _weights(config, chosen(config), weights)),
            devices=providers.DEVICES if own else torch_device.DEVICES,
            ready=ready,
            stateful=det_every != 1,
            stateless_by="detector.det_every=1",
            shares=True,
            operational=("threads",),
        )

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the people of each frame, in order."""
        every = 1 if clip.independent else self._every
        due = 0
        boxes: F32
        scores: F32
        for frames in batches:
            for image in frames.rgb():
                seen: Any = self._network.look(image, *self._sides)
                if due == 0:
                    (boxes, scores), due = self._network.people(seen, *self._rules), every
                due -= 1
                yield self._poses(seen, boxes, scores)

    def _poses(self, seen: Any, boxes: F32, scores: F32) -> Poses:
        import numpy as np

        xy, peaks = self._network.points(seen, boxes)
        return Poses(self._points, self._meaning, xy, peaks, Boxes(boxes * np.tile(seen.scale, 2), scores))


def _opened(
    arrays: Arrays, choice: Choice, name: str, runtime: str, device: str, threads: int
) -> Network | native.Network:
    """Open the network of the weights ``name``."""
    if runtime == "onnx":
        return Network(arrays, choice, opencv(threads, "detector=detectron2"), name, device, threads)
    return native.Network(arrays, choice, name, device, threads)


def _files(config: str, weights: str) -> tuple[str, ...]:
    """Return the weights, and the configuration where it is a file of the user's own: results depend on both."""
    return (weights,) if config in ZOO else (weights, config)


def _weights(config: str, choice: Choice, weights: str | None) -> str:
    """Return the name of the weights to load."""
    if weights is not None:
        return weights
    if choice.weights is None:
        told = choice.values["MODEL.WEIGHTS"]
        raise ConfigError(
            f"Expected MODEL.WEIGHTS in '{config}' to be weights of the model zoo, but got '{told}': name them with "
            "detector.weights=, by their path or name (`posecfg models list`)."
        )
    return choice.weights


def _check(
    score_thr: float,
    nms: float | None,
    most: int | None,
    short_side: int | None,
    longest_side: int | None,
    det_every: int,
    runtime: str,
    threads: int,
) -> None:
    if runtime not in RUNTIMES:
        raise ConfigError(f"Expected runtime to be onnx or detectron2, but got '{runtime}'.")
    for name, share in (("score_thr", score_thr), ("nms", nms)):
        if share is not None and not 0 <= share <= 1:
            raise ConfigError(f"Expected {name} to be from 0 to 1, but got {share}.")
    for name, number in (("most", most), ("det_every", det_every), ("threads", threads)):
        if number is not None and number < 1:
            raise ConfigError(f"Expected {name} to be at least 1, but got {number}.")
    for name, side in (("short_side", short_side), ("longest_side", longest_side)):
        if side is not None and not 1 <= side <= _LARGEST:
            raise ConfigError(f"Expected {name} to be from 1 to {_LARGEST}, or null, but got {side}.")
