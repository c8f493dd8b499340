"""Weights that are missing, wrong, never published, or to be made: cases for ``tools/corpus.py``."""

from __future__ import annotations

import hashlib
import importlib.util
import json

from corpus_scenes import Make, film
from corpus_stage import Case, Stage, refused

NANO = "rtmdet_nano_8xb32-100e_coco-obj365-person-05d8511e.pth"
WHOLE = "rtmw-dw-x-l_simcc-cocktail14_270e-384x288-20231122.pth"
TYPED = "a.mp4 output_dir=out detector=rtmdet"
MODELS = {"POSECFG_MODELS": "{root}/models"}
ROADS = ("rtmdet_m and rtmw3d_l are not published as graphs", "models export rtmdet_m rtmw3d_l", "pose=rtmw3d_x")
NEVER = ("was never published", "rtmw3d_l and rtmw3d_x only")


def onnx() -> str | None:
    packages = ("onnxruntime", "cv2")
    return None if all(map(importlib.util.find_spec, packages)) else "needs onnxruntime and opencv"


def checkpoint(name: str, trusted: str | None = None) -> Make:
    """Return a maker of a file that is no checkpoint; ``trusted`` says all the same that it is that of a name."""

    def make(stage: Stage) -> None:
        (stage / f"models/{name}").write_bytes(b"no checkpoint")
        if trusted:
            content = json.dumps({trusted: hashlib.sha256(b"no checkpoint").hexdigest()})
            (stage / "config/posecfg/trusted.json").write_text(content)

    return make


def half_a_repository(stage: Stage) -> None:
    (stage / "mmpose/projects/README.md").write_text("")


EXPORTS = [
    refused("export unknown", "models export rtmdet_nan", "'rtmdet_nan'", "Did you mean 'rtmdet_nano'?"),
    refused("export published", "models export yolox_nano", "can be made", "models fetch yolox_nano"),
    refused("export never published", "models export rtmw3d-m", *NEVER),
    refused("export no network", "models export rtmdet_nano", "'rtmdet_nano_torch'", "Connection refused", "by hand"),
    refused("export no repository", "models export rtmw3d_l", "git clone", "models.mmpose="),
    refused("export lost repository", "models export rtmw3d_l models.mmpose=gone", "gone", "projects/rtmpose3d"),
    refused(
        "export half a repository",
        "models export rtmw3d_l models.mmpose=mmpose",
        "mmpose/projects/rtmpose3d/configs",
        "is not there: type models.mmpose=FOLDER",
        make=half_a_repository,
    ),
    refused("export wrong checkpoint", "models export rtmdet_nano", "SHA-256", make=checkpoint(NANO), env=MODELS),
    refused("export unvouched checkpoint", "models export rtmw_l", "trust rtmw_l", make=checkpoint(WHOLE), env=MODELS),
    refused(
        "export no Python",
        "models export rtmw_l",
        "POSECFG_OPENMMLAB to be a Python",
        make=checkpoint(WHOLE, "rtmw_l_torch"),
        env={**MODELS, "XDG_CONFIG_HOME": "{root}/config", "POSECFG_OPENMMLAB": "{root}/gone"},
    ),
    refused(
        "export a program that fails",
        "models export rtmw_l",
        "Expected the exporter to make 'rtmw_l', but it ended with",
        make=checkpoint(WHOLE, "rtmw_l_torch"),
        env={**MODELS, "XDG_CONFIG_HOME": "{root}/config", "POSECFG_OPENMMLAB": "false"},
    ),
    Case("export nothing", "models export", 2, ("models export NAME",)),
]
RUNS = [
    refused("weights two roads", f"{TYPED} detector/pose=rtmw3d_l", *ROADS, make=film("a.mp4")),
    refused(
        "weights never published",
        f"{TYPED} detector/pose=rtmw3d_l detector.boxes.model=rtmw3d_m detector.pose.model=rtmw3d_m",
        *NEVER,
        make=film("a.mp4"),
    ),
    refused(
        "weights of several roads",
        f"{TYPED} detector/pose=rtmpose_m",
        "models fetch rtmpose_m && posecfg models export rtmdet_m",
        make=film("a.mp4"),
    ),
]
CASES = [*EXPORTS, *(Case(**{**vars(case), "needs": onnx}) for case in RUNS)]
