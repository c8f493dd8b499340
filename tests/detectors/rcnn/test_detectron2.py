"""detector=detectron2 on files of small random networks in the zoo's format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rcnnnets
from stills import Stills
from torchfiles import WRITERS

import posecfg
from posecfg.detectors.rcnn.detectron2 import Detectron2
from posecfg.errors import ConfigError, WeightsError
from posecfg.models import registry, store
from posecfg.types import Clip

pytest.importorskip("onnxruntime")
pytest.importorskip("cv2")
BLOCKS = (3, 4, 6, 3)
R50, X101 = (f"COCO-Keypoints/keypoint_rcnn_{name}_FPN_3x.yaml" for name in ("R_50", "X_101_32x8d"))
CLIP = Clip("clip", Path("clip.mp4"))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a function that makes a file the weights of a name, and trusts it."""
    monkeypatch.setenv("POSECFG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "models").mkdir()

    def put(write, name="detectron2_r50"):
        write(tmp_path / "models" / registry.entry(name).file)
        posecfg.models.trust.trust(name, store.status(name).found)

    return put


def arrays(**how):
    return rcnnnets.weights(**{"blocks": BLOCKS, **how})


def frames(count=3, width=90, height=60):
    return np.random.default_rng(2).integers(0, 256, (count, height, width, 3), np.uint8)


def run(detector, pixels, clip=CLIP):
    return list(detector([Stills(pixels[first : first + 2], first) for first in range(0, len(pixels), 2)], clip))


def small(**how):
    return Detectron2(**{"config": R50, "score_thr": 0.3, "short_side": 64, **how})


def test_people_and_keypoints_are_those_of_the_description(place):
    net = arrays()
    place(lambda path: rcnnnets.pickled(path, net))
    pixels = frames(1)
    (found,) = run(small(), pixels)
    plain = rcnnnets.Plain(net)
    assert len(found) > 1
    from posecfg.detectors.rcnn.resample import resampled

    picture = np.zeros((1, 3, 64, 96))
    picture[0] = resampled(pixels[0], 96, 64)[..., ::-1].transpose(2, 0, 1)
    picture -= np.array([103.53, 116.28, 123.675])[:, None, None]
    features = plain.features(picture)
    boxes, scores = plain.people(features, (96, 64))
    order = np.flatnonzero(scores > 0.3)[np.argsort(-scores[scores > 0.3])]
    kept = order[rcnnnets.distinct(boxes[order], 0.5)]
    np.testing.assert_allclose(found.boxes.scores, scores[kept], atol=1e-5)
    np.testing.assert_allclose(found.boxes.xyxy, boxes[kept] * 90 / 96, atol=1e-3)
    xy, peaks = rcnnnets.read(plain.heatmaps(features, boxes[kept]), boxes[kept])
    # Two pixels of a map may be alike.
    assert (np.abs(found.xy - xy * 90 / 96).max(axis=2) < 1e-3).mean() > 0.97
    np.testing.assert_allclose(found.scores, peaks, rtol=1e-3)
    assert found.meaning.score == "peak"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickles_of_all_ages_are_read(place, protocol):
    net = arrays()
    place(lambda path: rcnnnets.pickled(path, net, protocol, matching_heuristics=True))
    assert len(run(small(), frames(1))[0])


@pytest.mark.parametrize("kind", WRITERS)
def test_files_of_training_are_read_too(place, kind):
    net = arrays()
    place(lambda path: rcnnnets.pickled(path, net))
    expected = run(small(), frames(1))[0]
    extra = {"pixel_mean": np.zeros((3, 1, 1), np.float32), "pixel_std": np.ones((3, 1, 1), np.float32)}
    extra["proposal_generator.anchor_generator.cell_anchors.0"] = np.zeros((3, 4), np.float32)
    place(lambda path: WRITERS[kind](path, {"model": net | extra, "iteration": 7}))
    found = run(small(), frames(1))[0]
    np.testing.assert_array_equal(found.xy, expected.xy)


def test_resnext_puts_its_strides_elsewhere_and_scales_colours(place):
    net = arrays(blocks=(3, 4, 23, 3), narrow=32, groups=32)
    place(lambda path: rcnnnets.pickled(path, net), "detectron2_x101")
    detector = small(config=X101)
    assert set(detector.weights) == {"detectron2_x101"}
    assert len(run(detector, frames(1)))


def test_boxes_serve_the_frames_between(place):
    place(lambda path: rcnnnets.pickled(path, arrays()))
    pixels = frames(4)
    every, third = run(small(), pixels), run(small(det_every=3), pixels)
    for row, source in enumerate((0, 0, 0, 3)):
        np.testing.assert_array_equal(third[row].boxes.xyxy, every[source].boxes.xyxy)
    assert np.abs(third[1].xy - third[0].xy).max() > 0
    unrelated = run(small(det_every=3), pixels, Clip("clip", Path("clip"), independent=True))
    np.testing.assert_array_equal(unrelated[1].boxes.xyxy, every[1].boxes.xyxy)


def test_the_threshold_is_one_that_scores_are_above(place):
    place(lambda path: rcnnnets.pickled(path, arrays()))
    scores = run(small(), frames(1))[0].boxes.scores
    at = float(scores[1])
    assert (run(small(score_thr=at), frames(1))[0].boxes.scores > at).all()
    assert len(run(small(most=1), frames(1))[0]) == 1
    assert len(run(small(score_thr=1.0), frames(1))[0]) == 0


def test_files_of_the_users_own_are_known_by_their_content(tmp_path):
    net, page = arrays(), tmp_path / "mine.yaml"
    own = str(rcnnnets.pickled(tmp_path / "mine.pkl", net))
    page.write_text("INPUT: {MIN_SIZE_TEST: 64}\nMODEL: {WEIGHTS: output/model_final.pth}\n")
    with pytest.raises(ConfigError, match=r"name them with detector\.weights="):
        Detectron2(str(page))
    detector = Detectron2(str(page), own, 0.3)
    assert set(detector.weights) == {"mine.yaml", "mine.pkl"}
    assert len(run(detector, frames(1))[0])
    Path(own).write_bytes(b"")
    with pytest.raises(WeightsError, match=r"name a file of the kind that this option takes"):
        Detectron2(str(page), own)


def test_weights_that_are_missing_name_a_command():
    with pytest.raises(WeightsError, match="posecfg models fetch detectron2_r101"):
        Detectron2()


@pytest.mark.parametrize(
    "wrong",
    [{"score_thr": 2}, {"nms": -1}, {"most": 0}, {"short_side": 0}, {"longest_side": 1 << 20}, {"det_every": 0}],
)
def test_arguments_that_can_never_be_right_are_refused(wrong):
    with pytest.raises(ConfigError, match=f"Expected {next(iter(wrong))}"):
        small(**wrong)
