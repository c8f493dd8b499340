"""Components inside others are chosen with a slash; a dot, or a text in a YAML, is told so."""

from __future__ import annotations

import pytest

NONE = "a run cannot do without; type detector/boxes=NAME, one of rtmdet,"
DOTS = {
    "boxes=yolox_m": "'yolox_m' is an option of the group detector/boxes: type detector/boxes=yolox_m, with a slash.",
    "pose=movenet": "'movenet' is an option of the group detector/pose: type detector/pose=movenet, with a slash.",
    "boxes=yolx_m": "'yolx_m' is no option of the group detector/boxes. Did you mean 'detector/boxes=yolox_m'?",
    "pose=rtmw3d_m": "'rtmw3d_m' was never published: there are rtmw3d_l and rtmw3d_x only.",
    "boxes=null": NONE,
    "boxes=5": NONE,
}


@pytest.mark.parametrize("word", DOTS)
def test_a_dot_for_a_slash_is_refused(refused, word):
    sentences, code = refused("detector=yolox", f"detector.{word}")
    assert (len(sentences), code) == (1, 1)
    assert sentences[0].startswith(f"detector.{word.partition('=')[0]}: {DOTS[word]}")


def test_each_job_of_a_sweep_is_refused(refused):
    sentences, _ = refused("-m", "detector=yolox", "detector.boxes=yolox_m,yolox_nano")
    assert [s.partition(": detector.boxes: ")[0] for s in sentences] == [
        "job 0 (detector=yolox detector.boxes=yolox_m)",
        "job 1 (detector=yolox detector.boxes=yolox_nano)",
    ]
    assert sentences[1].endswith("type detector/boxes=yolox_nano, with a slash.")


def test_a_text_in_a_yaml_is_refused(refused, typed, conf):
    page = "# @package _global_\ndefaults:\n  - override /detector: yolox\n"
    conf("experiment/text.yaml", f"{page}detector:\n  boxes: yolox_m\n")
    target = "_target_: posecfg.detectors.topdown.topdown.TopDown\n"
    conf("detector/mine.yaml", f"defaults:\n  - pose: movenet\n  - _self_\n{target}boxes: yolox_m\n")
    folder = conf("experiment/right.yaml", f"{page}  - override /detector/boxes: yolox_m\n")
    for word, place in (
        ("experiment=text", "experiment/text.yaml', line 5"),
        ("detector=mine", "detector/mine.yaml', line 5"),
    ):
        (sentence,) = refused(word, config_dir=folder)[0]
        assert sentence.endswith(f"type detector/boxes=yolox_m, with a slash ('{folder}/{place}).")
    assert typed("experiment=right", config_dir=folder).config["detector"]["boxes"]["model"] == "yolox_m"


def test_an_option_of_ones_own_is_known(refused, conf):
    folder = conf("detector/boxes/mine.yaml", "_target_: posecfg.detectors.topdown.yolox.YoloX\n")
    (sentence,) = refused("detector=yolox", "detector.boxes=mine", config_dir=folder)[0]
    assert "type detector/boxes=mine, with a slash" in sentence


def test_a_detector_without_such_a_part_is_named(refused):
    (sentence,) = refused("detector.boxes=yolox_m")[0]
    assert sentence == (
        "detector=blazepose does not read 'boxes': detector/boxes=yolox_m is a part of detector=rtmdet or "
        "detector=rtmw3d or detector=yolox."
    )
