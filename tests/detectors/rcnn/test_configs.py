"""Configurations of the zoo, and YAML files of the user's own."""

from __future__ import annotations

import pytest

from posecfg.detectors.rcnn.configs import CHOICES, ZOO, chosen
from posecfg.errors import ConfigError
from posecfg.models import registry

R101 = "COCO-Keypoints/keypoint_rcnn_R_101_FPN_3x.yaml"


@pytest.fixture
def page(tmp_path):
    def write(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return str(path)

    return write


@pytest.mark.parametrize("name", ZOO)
def test_every_configuration_of_the_zoo_has_its_weights(name):
    entry = registry.entry(chosen(name).weights)
    assert entry.urls == (f"https://dl.fbaipublicfiles.com/detectron2/{ZOO[name][0]}",)
    assert entry.urls[0].endswith(entry.file)


def test_resnext_differs_in_more_than_its_weights():
    values = chosen("COCO-Keypoints/keypoint_rcnn_X_101_32x8d_FPN_3x.yaml").values
    changed = {key: value for key, value in values.items() if value != CHOICES[key]}
    assert changed == {
        "MODEL.RESNETS.DEPTH": 101,
        "MODEL.RESNETS.NUM_GROUPS": 32,
        "MODEL.RESNETS.STRIDE_IN_1X1": False,
        "MODEL.PIXEL_STD": (57.375, 57.12, 58.395),
    }


def test_a_file_may_stand_on_one_of_the_zoo(page):
    found = chosen(page(f"_BASE_: ../{R101}\nINPUT:\n  MIN_SIZE_TEST: 480\nSOLVER:\n  STEPS: (1, 2)\n"))
    assert found.weights == "detectron2_r101"
    assert (found.values["INPUT.MIN_SIZE_TEST"], found.values["MODEL.RESNETS.DEPTH"]) == (480, 101)


def test_a_file_may_name_weights(page):
    path = page("_BASE_: Base-Keypoint-RCNN-FPN.yaml\nMODEL:\n  WEIGHTS: detectron2_r50_1x\n  PIXEL_STD: [2, 3, 4]\n")
    found = chosen(path)
    assert (found.weights, found.values["MODEL.PIXEL_STD"]) == ("detectron2_r50_1x", (2, 3, 4))


@pytest.mark.parametrize("host", ["detectron2://", "https://dl.fbaipublicfiles.com/detectron2/"])
def test_weights_of_the_zoo_are_known_by_their_address(page, host):
    assert chosen(page(f"MODEL:\n  WEIGHTS: {host}{ZOO[R101][0]}\n")).weights == "detectron2_r101"


def test_other_weights_have_no_name(page):
    assert chosen(page("MODEL:\n  WEIGHTS: output/model_final.pth\n")).weights is None


WRONG = {
    "MODEL:\n  MASK_ON: true": "Expected MODEL.MASK_ON in '.*' to be False, the only one .* but got True",
    "MODEL:\n  ROI_HEADS: {NUM_CLASSES: 80}": "MODEL.ROI_HEADS.NUM_CLASSES in '.*' to be 1",
    "MODEL:\n  ANCHOR_GENERATOR: {SIZES: [[16], [32], [64], [128], [256]]}": "MODEL.ANCHOR_GENERATOR.SIZES",
    "MODEL:\n  ROI_BOX_HEAD: {POOLER_TYPE: ROIAlign}": "MODEL.ROI_BOX_HEAD.POOLER_TYPE",
    "MODEL:\n  PIXEL_STD: [1, 1]": r"Expected MODEL.PIXEL_STD in '.*' to be like \(1.0, 1.0, 1.0\), but got \(1, 1\)",
    "MODEL:\n  PIXEL_STD: [0, 1, 1]": "MODEL.PIXEL_STD",
    "INPUT:\n  MIN_SIZE_TEST: 0": "INPUT.MIN_SIZE_TEST",
    "INPUT:\n  MIN_SIZE_TEST: large": "INPUT.MIN_SIZE_TEST",
    "TEST:\n  DETECTIONS_PER_IMAGE: 1.5": "TEST.DETECTIONS_PER_IMAGE",
    "MODEL: !!python/object/apply:os.system [exit]": "plain YAML, but could not determine a constructor",
    "MODEL: [": "plain YAML, but",
    "- 1": "but it is no mapping",
    "_BASE_: other.yaml": "Expected _BASE_ in '.*' to be one of the zoo's, .* but got 'other.yaml'",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_built_is_refused(page, text):
    with pytest.raises(ConfigError, match=WRONG[text]):
        chosen(page(text))


def test_aliases_of_aliases_cost_nothing(page):
    lines = ["a0: &a0 [1, 2]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    chosen(page("\n".join([*lines, "MODEL: {LOAD_PROPOSALS: false}"])))


def test_a_name_nearly_right_gets_the_right_one():
    with pytest.raises(ConfigError, match=f"Did you mean '{R101}'"):
        chosen("keypoint_rcnn_R_101_FPN_3x.yaml")
