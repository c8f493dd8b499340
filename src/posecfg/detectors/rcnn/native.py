"""Run a keypoint R-CNN on Detectron2's own network, with the arrays that posecfg reads from a checkpoint."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from posecfg import backends
from posecfg.detectors.rcnn.backbone import UP
from posecfg.detectors.rcnn.checkpoint import EITHER
from posecfg.detectors.rcnn.configs import FIXED, Choice
from posecfg.detectors.rcnn.people import HEADS
from posecfg.detectors.rcnn.points import HEAD
from posecfg.errors import BackendMissing, ClipError, WeightsError
from posecfg.runtimes.memory import is_out_of_memory
from posecfg.runtimes.torch_device import chosen, exact
from posecfg.timing import stage

if TYPE_CHECKING:
    from posecfg.arrays import F32, U8
    from posecfg.detectors.rcnn.layers import Arrays

WANTED_BY = "runtime=detectron2"
PACKAGES = ("detectron2", "torchvision")
_LONGEST = 300


class Seen:
    """A picture in the network: ``scale`` (2,) from there to the picture; ``found`` are its people, once known."""

    def __init__(self, images: Any, features: Any, scale: F32) -> None:
        self.images, self.features, self.scale = images, features, scale
        self.found: Any = None


class Network:
    """Detectron2's network of ``arrays``, with the sizes and limits of a configuration."""

    def __init__(self, arrays: Arrays, choice: Choice, name: str, device: str, threads: int) -> None:
        self._torch = torch = imported()
        self._name, self.device = name, chosen(torch, device, "detectron2")
        # The setting is global to the process.
        torch.set_num_threads(threads)
        self._resize = importlib.import_module("detectron2.data.transforms").ResizeShortestEdge
        self._structures = importlib.import_module("detectron2.structures")
        with _quiet():
            self._model = _filled(torch, _built(arrays, choice, name, self.device), arrays, name)

    def look(self, image: U8, short: int, longest: int) -> Seen:
        """Return the features of ``image`` (H, W, 3) uint8 RGB, scaled to ``short`` px on the shorter side.

        If the longer side passes ``longest`` px then, the picture is made smaller.
        """
        import numpy as np

        with stage("preprocess"):
            pixels = np.ascontiguousarray(image[..., ::-1])
            pixels = self._resize([short, short], longest).get_transform(pixels).apply_image(pixels)
            planes = np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)
        height, width = pixels.shape[:2]
        scale = np.array([image.shape[1] / width, image.shape[0] / height], np.float32)
        with self._running():
            images = self._model.preprocess_image([{"image": self._torch.from_numpy(planes)}])
            return Seen(images, self._model.backbone(images.tensor), scale)

    def people(self, seen: Seen, score_thr: float, nms: float, most: int) -> tuple[F32, F32]:
        """Return boxes (P, 4) px in the network and scores (P,) above ``score_thr``, the highest first."""
        heads = self._model.roi_heads
        rules = heads.box_predictor
        rules.test_score_thresh, rules.test_nms_thresh, rules.test_topk_per_image = score_thr, nms, most
        with self._running():
            proposals, _ = self._model.proposal_generator(seen.images, seen.features, None)
            (found,), _ = heads(seen.images, seen.features, proposals, None)
            seen.found = found[found.pred_boxes.nonempty()]
            return seen.found.pred_boxes.tensor.cpu().numpy(), seen.found.scores.cpu().numpy()

    def points(self, seen: Seen, boxes: F32) -> tuple[F32, F32]:
        """Return the keypoints (P, 17, 2), in px of the picture, and their scores (P, 17) of people in ``boxes``."""
        with self._running():
            if seen.found is None:
                seen.found = self._given(seen, boxes)
            points = seen.found.pred_keypoints.cpu().numpy()
        return points[..., :2] * seen.scale, points[..., 2]

    def _given(self, seen: Seen, boxes: F32) -> Any:
        """Return people in boxes that are known, with their keypoints."""
        given = self._structures.Instances(seen.images.image_sizes[0])
        given.pred_boxes = self._structures.Boxes(self._torch.tensor(boxes, device=self.device))
        given.pred_classes = self._torch.zeros(len(boxes), dtype=self._torch.long, device=self.device)
        (found,) = self._model.roi_heads.forward_with_given_boxes(seen.features, [given])
        return found

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Let the network run inside the block, without gradients."""
        with stage("inference"), self._torch.inference_mode(), exact(self._torch), _quiet():
            try:
                yield
            except RuntimeError as error:
                raise self._failed(error) from error

    def _failed(self, error: RuntimeError) -> ClipError:
        if not is_out_of_memory(error):
            return ClipError(f"'{self._name}' did not work: {_sentence(error)}")
        if self.device == "cuda":
            self._torch.cuda.empty_cache()
        return ClipError(
            f"'{self._name}' ran out of memory ({_sentence(error)}): use a smaller model, fewer workers or device=cpu."
        )


def imported() -> Any:
    """Import the parts of Detectron2 that are used, and return torch; say what to type where something is missing."""
    with _quiet():
        backends.require("detectron2", WANTED_BY)
        torch = backends.require("torch", WANTED_BY)
        _check_operations(torch)
        for part in ("config", "modeling", "structures", "data.transforms"):
            backends.require(f"detectron2.{part}", WANTED_BY)
    return torch


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress warnings: Detectron2 and what it stands on use much of torch that is deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check_operations(torch: Any) -> None:
    """Refuse a torchvision whose compiled operations do not load: it was made for another torch."""
    try:
        backends.require("torchvision", WANTED_BY).ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except (RuntimeError, AttributeError, OSError) as error:
        version = str(torch.__version__)
        raise BackendMissing(
            f"{WANTED_BY} needs torchvision's compiled operations, which do not load beside torch {version} "
            f"({_sentence(error)}): install the two together, such as with pip install --force-reinstall "
            f"torch=={version.partition('+')[0]} torchvision"
        ) from error


def _built(arrays: Arrays, choice: Choice, name: str, device: str) -> Any:
    """Return Detectron2's network of a configuration, as wide as ``arrays``, with random numbers in it."""
    values = {**choice.values, **widths(arrays, choice), "MODEL.WEIGHTS": "", "MODEL.DEVICE": device}
    try:
        return importlib.import_module("detectron2.modeling").build_model(settings(values)).eval()
    except (AssertionError, KeyError) as error:
        # What Detectron2 raises for keys that it does not have.
        raise BackendMissing(
            f"{WANTED_BY} needs a Detectron2 that knows this configuration, but the installed one does not "
            f"({_sentence(error)}): {backends.advice('detectron2')}"
        ) from error
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise WeightsError(
            f"Expected '{name}' to fit into the memory of {device}, but it does not: choose a smaller model, fewer "
            "workers or device=cpu."
        ) from error


def settings(values: Mapping[str, Any]) -> Any:
    """Return Detectron2's configuration of a keypoint R-CNN with ``values`` by keys with dots."""
    node = importlib.import_module("detectron2.config").get_cfg()
    node.merge_from_list([one for pair in {**FIXED, **values}.items() for one in pair])
    return node


def widths(arrays: Arrays, choice: Choice) -> dict[str, Any]:
    """Return what a configuration says of the widths of layers, from the arrays themselves."""
    first = f"{UP}.res2.0"
    convs = [name for name in arrays if name.startswith(f"{HEAD}.conv_fcn") and name.endswith(".weight")]
    narrow = arrays[f"{first}.conv1.weight"].shape[0]
    return {
        "MODEL.RESNETS.STEM_OUT_CHANNELS": arrays[f"{UP}.stem.conv1.weight"].shape[0],
        "MODEL.RESNETS.WIDTH_PER_GROUP": narrow // choice.values["MODEL.RESNETS.NUM_GROUPS"],
        "MODEL.RESNETS.RES2_OUT_CHANNELS": arrays[f"{first}.conv3.weight"].shape[0],
        "MODEL.FPN.OUT_CHANNELS": arrays["backbone.fpn_lateral2.weight"].shape[0],
        "MODEL.ROI_BOX_HEAD.FC_DIM": arrays[f"{HEADS}.box_head.fc1.weight"].shape[0],
        "MODEL.ROI_KEYPOINT_HEAD.CONV_DIMS": (arrays[f"{HEAD}.conv_fcn1.weight"].shape[0],) * len(convs),
    }


def _filled(torch: Any, model: Any, arrays: Arrays, name: str) -> Any:
    """Put ``arrays`` into the network; refuse those that leave a part of it random, or that belong to another one."""
    import numpy as np

    tensors = {key: torch.from_numpy(np.asarray(array, np.float32)) for key, array in arrays.items()}
    try:
        apart = model.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise _unlike(name, f"({_sentence(error)})") from error
    for what, keys in (("lack", apart.missing_keys), ("have", apart.unexpected_keys)):
        if wrong := [key for key in keys if not EITHER.fullmatch(key)]:
            raise _unlike(name, f"they {what} {', '.join(wrong[:3])}")
    return model


def _unlike(name: str, wrong: str) -> WeightsError:
    return WeightsError(
        f"Expected the arrays of '{name}' to fill the network that Detectron2 builds for this configuration, but they "
        f"do not: {wrong}: choose other weights, or type detector.runtime=onnx, which takes layers of any width."
    )


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST].rstrip(".")
