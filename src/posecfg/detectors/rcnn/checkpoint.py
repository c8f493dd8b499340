"""Read the arrays of a keypoint R-CNN from a checkpoint of Detectron2: a pickle of the zoo, or a file of torch."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.detectors.rcnn.backbone import STAGES, UP, blocks
from posecfg.detectors.rcnn.layers import NORM
from posecfg.detectors.rcnn.people import HEADS
from posecfg.detectors.rcnn.points import HEAD
from posecfg.detectors.rcnn.proposals import RATIOS, RPN
from posecfg.errors import WeightsError
from posecfg.models import numpy_pickle, torch_file
from posecfg.models.numpy_pickle import Packed
from posecfg.models.roads import cure
from posecfg.models.torch_pickle import Saved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.detectors.rcnn.layers import Arrays

    Shapes = dict[str, tuple[int, ...]]

KEYPOINTS = 17
# How a file of torch begins, in its two formats.
_TORCH = (b"PK\x03\x04", b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.")
# What files of the same network have or lack, by the version of Detectron2 that wrote them.
EITHER = re.compile(
    r"pixel_mean|pixel_std|proposal_generator\.anchor_generator\.cell_anchors\.\d+|.*\.num_batches_tracked"
)


def arrays(path: Path, name: str, groups: int, depth: int) -> Arrays:
    """Return the arrays of a network of ``groups`` and ``depth`` by name; raise ``WeightsError`` if it is another."""
    try:
        shapes, make = _opened(path)
        own = {key: shape for key, shape in shapes.items() if not EITHER.fullmatch(key)}
        if wrong := misfit(own, groups, depth):
            raise ValueError(wrong)
        return make(frozenset(own))
    except (ValueError, OSError) as error:
        raise WeightsError(
            f"Expected '{path}' to be a keypoint R-CNN of Detectron2 with ResNet-{depth}"
            f"{f' of {groups} groups' if groups > 1 else ''}, but {error}: {cure(name)}"
        ) from error


def _opened(path: Path) -> tuple[Shapes, Callable[[frozenset[str]], dict[str, NDArray[Any]]]]:
    """Return the shape of each array of a file, and a function that makes some of them."""
    with path.open("rb") as stream:
        begin = stream.read(len(_TORCH[1]))
    if begin.startswith(_TORCH):
        file = torch_file.opened(path)
        saved = {key: one for key, one in _model(file.content).items() if isinstance(one, Saved)}
        return {key: one.shape for key, one in saved.items()}, lambda names: file.arrays(
            {key: saved[key] for key in names}
        )
    packed = {key: one for key, one in _model(numpy_pickle.read(path)).items() if isinstance(one, Packed)}
    return {key: one.shape for key, one in packed.items()}, lambda names: {key: packed[key].array() for key in names}


def _model(content: Any) -> Mapping[str, Any]:
    """Return the arrays by name: those of the key model, or of the file itself."""
    whole = torch_file.plain(content)
    return torch_file.plain(whole["model"]) if "model" in whole else whole


def misfit(found: Shapes, groups: int, depth: int) -> str | None:
    """Say why arrays of these shapes are no such network, or None where they are one."""
    try:
        wanted = shapes(found, groups)
    except (LookupError, ValueError) as error:
        return f"it lacks {error.args[0]}" if isinstance(error, KeyError) else "its arrays have other axes"
    lacking = [name for name in wanted if name not in found]
    besides = [name for name in found if name not in wanted]
    other = [
        f"{one} of {found[one]}, not {wanted[one]}" for one in wanted if found.get(one, wanted[one]) != wanted[one]
    ]
    for what, names in (("it lacks", lacking), ("it has", besides), ("it has", other)):
        if names:
            return f"{what} {', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
    layers = 2 + 3 * sum(blocks(frozenset(found), stage) for stage in STAGES)
    return None if layers == depth else f"its ResNet has {layers} layers"


def shapes(found: Shapes, groups: int) -> Shapes:
    """Return the arrays that a network of the widths of ``found`` has, by name."""
    stem = found[f"{UP}.stem.conv1.weight"][0]
    width = found["backbone.fpn_lateral2.weight"][0]
    wanted = _normed(f"{UP}.stem.conv1", stem, 3, 7)
    before = stem
    for stage in STAGES:
        narrow, wide = (found[f"{UP}.res{stage}.0.conv{number}.weight"][0] for number in (1, 3))
        for block in range(max(1, blocks(frozenset(found), stage))):
            name = f"{UP}.res{stage}.{block}"
            if block == 0:
                wanted |= _normed(f"{name}.shortcut", wide, before, 1)
            wanted |= _normed(f"{name}.conv1", narrow, before, 1)
            wanted |= _normed(f"{name}.conv2", narrow, narrow // groups, 3)
            wanted |= _normed(f"{name}.conv3", wide, narrow, 1)
            before = wide
        wanted |= _plain(f"backbone.fpn_lateral{stage}", width, before, 1, 1)
        wanted |= _plain(f"backbone.fpn_output{stage}", width, width, 3, 3)
    return wanted | _search(found, width) | _keypoints(found, width)


def _search(found: Shapes, width: int) -> Shapes:
    inner, flat = found[f"{HEADS}.box_head.fc1.weight"]
    side = math.isqrt(flat // width)
    return {
        **_plain(f"{RPN}.conv", width, width, 3, 3),
        **_plain(f"{RPN}.objectness_logits", len(RATIOS), width, 1, 1),
        **_plain(f"{RPN}.anchor_deltas", 4 * len(RATIOS), width, 1, 1),
        **_plain(f"{HEADS}.box_head.fc1", inner, width * side * side),
        **_plain(f"{HEADS}.box_head.fc2", inner, inner),
        **_plain(f"{HEADS}.box_predictor.cls_score", 2, inner),
        **_plain(f"{HEADS}.box_predictor.bbox_pred", 4, inner),
    }


def _keypoints(found: Shapes, width: int) -> Shapes:
    inner = found[f"{HEAD}.conv_fcn1.weight"][0]
    numbers = [name for name in found if re.fullmatch(rf"{re.escape(HEAD)}\.conv_fcn\d+\.weight", name)]
    wanted: Shapes = {}
    for number in range(1, len(numbers) + 1):
        wanted |= _plain(f"{HEAD}.conv_fcn{number}", inner, width if number == 1 else inner, 3, 3)
    lowres = f"{HEAD}.score_lowres"
    return wanted | {f"{lowres}.weight": (inner, KEYPOINTS, 4, 4), f"{lowres}.bias": (KEYPOINTS,)}


def _normed(name: str, out: int, into: int, side: int) -> Shapes:
    """Return the arrays of a convolution that a normalisation follows."""
    return {f"{name}.weight": (out, into, side, side)} | {f"{name}.norm.{part}": (out,) for part in NORM}


def _plain(name: str, out: int, *others: int) -> Shapes:
    return {f"{name}.weight": (out, *others), f"{name}.bias": (out,)}
