"""Configurations of keypoint R-CNNs: those of Detectron2's model zoo by name, and YAML files of the user's own."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.errors import ConfigError

_FOLDER = "COCO-Keypoints/"
_HOST = ("detectron2://", "https://dl.fbaipublicfiles.com/detectron2/")
_BASES = ("Base-Keypoint-RCNN-FPN.yaml", "Base-RCNN-FPN.yaml")
_LARGEST = 1 << 20
_DEEPEST, _LONGEST = 3, 64
_X101 = {
    "MODEL.RESNETS.DEPTH": 101,
    "MODEL.RESNETS.NUM_GROUPS": 32,
    "MODEL.RESNETS.STRIDE_IN_1X1": False,
    "MODEL.PIXEL_STD": (57.375, 57.12, 58.395),
}
# By name: where the zoo has the weights, our name of them, and what the configuration says besides its base.
ZOO: dict[str, tuple[str, str, dict[str, Any]]] = {
    f"{_FOLDER}keypoint_rcnn_{name}.yaml": (f"{_FOLDER}keypoint_rcnn_{name}/{file}", weights, changes)
    for name, file, weights, changes in (
        ("R_50_FPN_1x", "137261548/model_final_04e291.pkl", "detectron2_r50_1x", {}),
        ("R_50_FPN_3x", "137849621/model_final_a6e10b.pkl", "detectron2_r50", {}),
        ("R_101_FPN_3x", "138363331/model_final_997cc7.pkl", "detectron2_r101", {"MODEL.RESNETS.DEPTH": 101}),
        ("X_101_32x8d_FPN_3x", "139686956/model_final_5ad38f.pkl", "detectron2_x101", _X101),
    )
}
# What a configuration may choose, with the values of the zoo's base.
CHOICES: dict[str, Any] = {
    "MODEL.WEIGHTS": "",
    "MODEL.PIXEL_MEAN": (103.53, 116.28, 123.675),
    "MODEL.PIXEL_STD": (1.0, 1.0, 1.0),
    "MODEL.RESNETS.DEPTH": 50,
    "MODEL.RESNETS.NUM_GROUPS": 1,
    "MODEL.RESNETS.STRIDE_IN_1X1": True,
    "MODEL.RPN.PRE_NMS_TOPK_TEST": 1000,
    "MODEL.RPN.POST_NMS_TOPK_TEST": 1000,
    "MODEL.RPN.NMS_THRESH": 0.7,
    "MODEL.ROI_HEADS.NMS_THRESH_TEST": 0.5,
    "INPUT.MIN_SIZE_TEST": 800,
    "INPUT.MAX_SIZE_TEST": 1333,
    "TEST.DETECTIONS_PER_IMAGE": 100,
}
_P2_TO_P5 = ("p2", "p3", "p4", "p5")
# What the network that is built here has: a configuration that says otherwise is refused.
FIXED: dict[str, Any] = {
    "MODEL.META_ARCHITECTURE": "GeneralizedRCNN",
    "MODEL.KEYPOINT_ON": True,
    "MODEL.MASK_ON": False,
    "MODEL.LOAD_PROPOSALS": False,
    "MODEL.BACKBONE.NAME": "build_resnet_fpn_backbone",
    "MODEL.RESNETS.NORM": "FrozenBN",
    "MODEL.RESNETS.OUT_FEATURES": ("res2", "res3", "res4", "res5"),
    "MODEL.RESNETS.RES5_DILATION": 1,
    "MODEL.RESNETS.DEFORM_ON_PER_STAGE": (False,) * 4,
    "MODEL.FPN.IN_FEATURES": ("res2", "res3", "res4", "res5"),
    "MODEL.FPN.NORM": "",
    "MODEL.FPN.FUSE_TYPE": "sum",
    "MODEL.PROPOSAL_GENERATOR.NAME": "RPN",
    "MODEL.PROPOSAL_GENERATOR.MIN_SIZE": 0,
    "MODEL.ANCHOR_GENERATOR.NAME": "DefaultAnchorGenerator",
    "MODEL.ANCHOR_GENERATOR.SIZES": ((32,), (64,), (128,), (256,), (512,)),
    "MODEL.ANCHOR_GENERATOR.ASPECT_RATIOS": ((0.5, 1.0, 2.0),),
    "MODEL.ANCHOR_GENERATOR.OFFSET": 0.0,
    "MODEL.RPN.HEAD_NAME": "StandardRPNHead",
    "MODEL.RPN.IN_FEATURES": (*_P2_TO_P5, "p6"),
    "MODEL.RPN.BBOX_REG_WEIGHTS": (1.0,) * 4,
    "MODEL.RPN.CONV_DIMS": (-1,),
    "MODEL.ROI_HEADS.NAME": "StandardROIHeads",
    "MODEL.ROI_HEADS.NUM_CLASSES": 1,
    "MODEL.ROI_HEADS.IN_FEATURES": _P2_TO_P5,
    "MODEL.ROI_BOX_HEAD.NAME": "FastRCNNConvFCHead",
    "MODEL.ROI_BOX_HEAD.NUM_FC": 2,
    "MODEL.ROI_BOX_HEAD.NUM_CONV": 0,
    "MODEL.ROI_BOX_HEAD.BBOX_REG_WEIGHTS": (10.0, 10.0, 5.0, 5.0),
    "MODEL.ROI_BOX_HEAD.POOLER_RESOLUTION": 7,
    "MODEL.ROI_BOX_HEAD.POOLER_SAMPLING_RATIO": 0,
    "MODEL.ROI_BOX_HEAD.POOLER_TYPE": "ROIAlignV2",
    "MODEL.ROI_BOX_HEAD.USE_SIGMOID_CE": False,
    "MODEL.ROI_KEYPOINT_HEAD.NAME": "KRCNNConvDeconvUpsampleHead",
    "MODEL.ROI_KEYPOINT_HEAD.NUM_KEYPOINTS": 17,
    "MODEL.ROI_KEYPOINT_HEAD.POOLER_RESOLUTION": 14,
    "MODEL.ROI_KEYPOINT_HEAD.POOLER_SAMPLING_RATIO": 0,
    "MODEL.ROI_KEYPOINT_HEAD.POOLER_TYPE": "ROIAlignV2",
    "INPUT.FORMAT": "BGR",
}


@dataclass(frozen=True)
class Choice:
    """What a configuration chooses: ``values`` by the keys of ``CHOICES``; ``weights`` is our name of its weights."""

    weights: str | None
    values: Mapping[str, Any]


def chosen(config: str) -> Choice:
    """Return the configuration of the zoo called ``config``, or that of a YAML file."""
    if config in ZOO:
        _, weights, changes = ZOO[config]
        return Choice(weights, CHOICES | changes)
    path = Path(os.path.expanduser(config))
    if not path.is_file():
        near = difflib.get_close_matches(config, ZOO, n=1, cutoff=0.3)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ConfigError(f"Expected config to be a YAML file, or one of {', '.join(ZOO)}, but got '{config}'.{hint}")
    values = CHOICES | _checked(path, _values(path))
    return Choice(_named(str(values["MODEL.WEIGHTS"])), values)


def _named(weights: str) -> str | None:
    """Return our name of weights that the zoo has, None for others."""
    for place, name, _ in ZOO.values():
        if weights in [f"{host}{place}" for host in _HOST] or weights == name:
            return name
    return None


def _values(path: Path) -> dict[str, Any]:
    """Return the values of a YAML file and of the zoo's that it names as its base, by keys with dots."""
    page = _page(path)
    base = str(page.get("_BASE_", _BASES[0])).rpartition("/")[2]
    found: dict[str, Any] = {}
    if base not in _BASES:
        zoo = next((name for name in ZOO if base == name.removeprefix(_FOLDER)), None)
        if zoo is None:
            known = ", ".join([*_BASES, *(name.removeprefix(_FOLDER) for name in ZOO)])
            raise ConfigError(f"Expected _BASE_ in '{path}' to be one of the zoo's, {known}, but got '{base}'.")
        found = {**ZOO[zoo][2], "MODEL.WEIGHTS": f"{_HOST[0]}{ZOO[zoo][0]}"}
    return found | {key: _plain(value) for key in (*FIXED, *CHOICES) if (value := _at(page, key)) is not None}


def _page(path: Path) -> dict[str, Any]:
    import yaml  # type: ignore[import-untyped]

    try:
        page = yaml.safe_load(budgets.read(path, _LARGEST))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or getattr(error, "problem", None) or error).split())
        raise ConfigError(
            f"Expected '{path}' to be a configuration of Detectron2 in plain YAML, but {reason}."
        ) from error
    if not isinstance(page, dict):
        raise ConfigError(f"Expected '{path}' to be a configuration of Detectron2, but it is no mapping.")
    return page


def _at(page: Any, key: str) -> Any:
    """Return the value of a key with dots, None where there is none."""
    for part in key.split("."):
        page = page.get(part) if isinstance(page, dict) else None
    return page


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a value with tuples in the place of lists, also where a list is written as a text, as Detectron2 does."""
    if isinstance(value, str) and value[:1] in ("(", "["):
        import ast

        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return tuple(_plain(one, depth + 1) for one in value[:_LONGEST])
    return value


def _checked(path: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``values`` chooses; refuse what is another network, or a value of another kind."""
    for key, wanted in FIXED.items():
        if values.get(key, wanted) != wanted:
            raise ConfigError(
                f"Expected {key} in '{path}' to be {wanted!r}, the only one that detector=detectron2 builds, but got "
                f"{values[key]!r}."
            )
    found = {key: values[key] for key in CHOICES if key in values}
    for key, value in found.items():
        if not _alike(value, CHOICES[key]):
            raise ConfigError(f"Expected {key} in '{path}' to be like {CHOICES[key]!r}, but got {value!r}.")
    return found


def _alike(value: Any, model: Any) -> bool:
    if isinstance(model, tuple):
        return isinstance(value, tuple) and len(value) == len(model) and all(_alike(one, 1.0) for one in value)
    if isinstance(model, bool | str):
        return isinstance(value, type(model))
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1 << 20
    return number and (isinstance(model, float) or isinstance(value, int))
