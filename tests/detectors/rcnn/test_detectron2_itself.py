"""detector=detectron2 against Detectron2: its predictor on the same files, and the engine that runs its network."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import rcnnnets
from stills import Stills

import posecfg
from posecfg import backends
from posecfg.detectors.rcnn import native
from posecfg.detectors.rcnn.configs import ZOO, chosen
from posecfg.detectors.rcnn.detectron2 import Detectron2
from posecfg.errors import ClipError, ConfigError, WeightsError
from posecfg.models import registry, store
from posecfg.types import Clip

for package in ("detectron2", "torch", "torchvision", "onnxruntime", "cv2"):
    if not backends.present(package):
        pytest.skip(f"{package} is not installed: docs/install.md says how to get it", allow_module_level=True)
torch = native.imported()
FOLDER = "COCO-Keypoints"
KINDS = {
    "detectron2_r50": ("R_50_FPN_3x", {"blocks": (3, 4, 6, 3)}),
    "detectron2_x101": ("X_101_32x8d_FPN_3x", {"blocks": (3, 4, 23, 3), "narrow": 32, "groups": 32}),
}
CLIP = Clip("clip", Path("clip.mp4"))


@pytest.fixture(params=KINDS)
def net(request, tmp_path, monkeypatch):
    """Return the configuration and the file of a network whose weights are known; stages widen as in the zoo's."""
    monkeypatch.setenv("POSECFG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "models").mkdir()
    config, how = KINDS[request.param]
    path = tmp_path / "models" / registry.entry(request.param).file
    rcnnnets.pickled(path, rcnnnets.weights(growth=2, **how))
    posecfg.models.trust.trust(request.param, store.status(request.param).found)
    return f"{FOLDER}/keypoint_rcnn_{config}.yaml", path


def frames(count=1, width=150, height=110):
    small = np.random.default_rng(3).integers(0, 256, (count, height // 10, width // 10, 3), np.uint8)
    return small.repeat(10, axis=1).repeat(10, axis=2)


def found(pixels, **how):
    detector = Detectron2(**{"score_thr": 0.3, "short_side": 96, **how})
    return list(detector([Stills(pixels)], CLIP))


def alike(one, other):
    assert len(one) == len(other) > 3
    np.testing.assert_allclose(one.boxes.xyxy, other.boxes.xyxy, atol=0.01)
    np.testing.assert_allclose(one.boxes.scores, other.boxes.scores, atol=1e-4)
    # Two pixels of an enlarged map may be alike.
    assert (np.abs(one.xy - other.xy).max(axis=2) < 0.05).mean() > 0.97
    np.testing.assert_allclose(one.scores, other.scores, rtol=2e-3)
    assert one.xy.dtype == other.xy.dtype


@pytest.mark.filterwarnings("ignore")
def test_the_predictor_of_detectron2_finds_the_same(net):
    from detectron2.config import get_cfg
    from detectron2.engine import DefaultPredictor

    config, path = net
    settings = get_cfg()
    settings.merge_from_file(zoo(config))
    widths = native.widths(rcnnnets_arrays(path), chosen(config))
    settings.merge_from_list([one for pair in widths.items() for one in pair])
    settings.MODEL.WEIGHTS, settings.MODEL.DEVICE = str(path), "cpu"
    settings.MODEL.ROI_HEADS.SCORE_THRESH_TEST, settings.INPUT.MIN_SIZE_TEST = 0.3, 96
    pixels = frames()
    witness = DefaultPredictor(settings)(pixels[0, ..., ::-1])["instances"]
    for runtime in ("onnx", "detectron2"):
        (one,) = found(pixels, config=config, runtime=runtime)
        assert len(one) == len(witness) > 3
        np.testing.assert_allclose(one.boxes.xyxy, witness.pred_boxes.tensor, atol=0.01)
        np.testing.assert_allclose(one.boxes.scores, witness.scores, atol=1e-4)
        points = witness.pred_keypoints.numpy()
        assert (np.abs(one.xy - points[..., :2]).max(axis=2) < 0.05).mean() > 0.97
        np.testing.assert_allclose(one.scores, points[..., 2], rtol=2e-3)


def rcnnnets_arrays(path):
    import pickle

    return pickle.loads(path.read_bytes())["model"]


def zoo(config):
    """Return the path of a file of the zoo: its own function for that needs a package that setuptools has removed."""
    import detectron2

    return os.path.join(os.path.dirname(detectron2.__file__), "model_zoo", "configs", config)


def test_both_engines_find_the_same(net):
    pixels = frames(3)
    for every in (1, 2):
        own, other = (found(pixels, config=net[0], det_every=every, runtime=one) for one in ("onnx", "detectron2"))
        for one, two in zip(own, other, strict=True):
            alike(one, two)
    limits = {"most": 2, "nms": 0.2, "longest_side": 100}
    (one,), (two,) = (found(frames(), config=net[0], runtime=one, **limits) for one in ("onnx", "detectron2"))
    assert len(one) == len(two) == 2
    np.testing.assert_allclose(one.boxes.xyxy, two.boxes.xyxy, atol=0.01)
    (none,) = found(frames(), config=net[0], runtime="detectron2", score_thr=1.0)
    assert none.xy.shape == (0, 17, 2)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("config", ZOO)
def test_the_configuration_is_the_zoos(config):
    from detectron2.config import get_cfg

    its = get_cfg()
    its.merge_from_file(zoo(config))
    values = {"MODEL.RESNETS.WIDTH_PER_GROUP": 8} if "X_101" in config else {}
    own = native.settings({**chosen(config).values, "MODEL.WEIGHTS": its.MODEL.WEIGHTS, **values})
    apart = {key for key, value in flat(its).items() if value != flat(own)[key]}
    # What the zoo's files say besides is of training, of data sets, or of masks.
    kinds = re.compile(r"VERSION|SOLVER\..*|DATASETS\..*|INPUT\..*_TRAIN.*|MODEL\.(ROI_MASK_HEAD\..*|.*_TRAIN|.*_BETA)")
    assert [key for key in apart if not kinds.fullmatch(key)] == []


def flat(node, before=""):
    found = {}
    for key, value in node.items():
        deeper = isinstance(value, dict)
        found |= flat(value, f"{before}{key}.") if deeper else {before + key: json.loads(json.dumps(value))}
    return found


def test_weights_that_leave_a_part_random_are_refused(net):
    arrays = rcnnnets_arrays(net[1])
    for wrong in ({}, {"backbone.more.weight": np.zeros(3, np.float32)}):
        changed = {**arrays, **wrong}
        changed.pop(next(iter(arrays)) if not wrong else "", None)
        with pytest.raises(WeightsError, match="they do not: they " + ("have backbone.more" if wrong else "lack ")):
            native._filled(torch, native._built(arrays, chosen(net[0]), "mine", "cpu"), changed, "mine")


def test_weights_of_other_widths_are_refused(tmp_path):
    path = rcnnnets.pickled(tmp_path / "mine.pkl", rcnnnets.weights(blocks=(3, 4, 6, 3), growth=1))
    with pytest.raises(WeightsError, match=r"size mismatch .* or type detector\.runtime=onnx"):
        found(frames(), config=f"{FOLDER}/keypoint_rcnn_R_50_FPN_3x.yaml", weights=str(path), runtime="detectron2")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (AssertionError("Non-existent key: MODEL.X"), "that knows this configuration, .*key: MODEL.X"),
        (RuntimeError("CUDA out of memory."), "to fit into the memory of cpu"),
    ],
)
def test_a_network_that_cannot_be_built_is_told_in_words(net, monkeypatch, wrong, said):
    def fail(settings):
        raise wrong

    monkeypatch.setattr("detectron2.modeling.build_model", fail)
    with pytest.raises(ConfigError, match=said):
        found(frames(), config=net[0], runtime="detectron2")


def test_a_device_that_torch_does_not_know_is_refused(net):
    with pytest.raises(ConfigError, match="auto, cpu or cuda with runtime=detectron2, but got 'openvino'"):
        found(frames(), config=net[0], runtime="detectron2", device="openvino")


@pytest.mark.parametrize(("wrong", "said"), [("odd", "did not work: odd"), ("out of memory", "ran out of memory")])
def test_an_error_of_the_network_fails_the_clip(net, wrong, said):
    detector = Detectron2(net[0], runtime="detectron2")

    def fail(tensor):
        raise RuntimeError(wrong)

    detector._network._model.backbone.forward = fail
    with pytest.raises(ClipError, match=said):
        list(detector([Stills(frames())], CLIP))
