"""The real model on real film; its synthetic twin is in test_movenet.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from posecfg import backends
from posecfg.detectors import movenet
from posecfg.detectors.movenet import MoveNet
from posecfg.models import registry
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.frames import FrameBatch
from posecfg.video.video import Video

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
MODEL = SHARED / "models" / registry.load()["movenet_lightning_int8"].file
MAN = SHARED / "media" / "pose2sim_single_cam01.mp4"
SIGNER = SHARED / "media" / "intel_asl_book.mkv"

if not backends.present("ai_edge_litert"):
    pytest.skip("ai_edge_litert is not installed", allow_module_level=True)
if not (MODEL.is_file() and MAN.is_file() and SIGNER.is_file()):
    pytest.skip("the model and films are not in the shared folder", allow_module_level=True)


@pytest.fixture(autouse=True)
def models(monkeypatch):
    monkeypatch.setenv("POSECFG_MODELS", str(MODEL.parent))


@pytest.fixture
def plain():
    """The model as any script runs it."""
    from ai_edge_litert.interpreter import Interpreter

    graph = Interpreter(model_path=str(MODEL), num_threads=1)
    graph.allocate_tensors()
    taken, given = graph.get_input_details()[0]["index"], graph.get_output_details()[0]["index"]

    def run(image):
        graph.set_tensor(taken, image[None])
        graph.invoke()
        return graph.get_tensor(given)[0, 0]

    return run


def film(path, end):
    clip = Clip("clip", path, end=end)
    return Video(clip, All(), batch=1), clip


def detect(path, end, **options):
    return list(MoveNet(**options)(*film(path, end)))


def mean(poses):
    return np.mean([pose.boxes.scores[0] for pose in poses])


@pytest.mark.parametrize("crop", ["tracked", "padded", "stretch"])
def test_every_number_is_that_of_a_plain_call_on_the_same_pixels(monkeypatch, plain, crop):
    seen = []
    cut, scaled = FrameBatch.crop, FrameBatch.rgb

    def crop_and_note(self, *wanted, **how):
        images = cut(self, *wanted, **how)
        seen.append((images[0], wanted[0][0]))
        return images

    def scale_and_note(self, *wanted, **how):
        images = scaled(self, *wanted, **how)
        seen.append((images[0], (0, 0, *self.size)))
        return images

    monkeypatch.setattr(FrameBatch, "crop", crop_and_note)
    monkeypatch.setattr(FrameBatch, "rgb", scale_and_note)
    found = detect(MAN, 0.2, crop=crop)
    assert len(found) == len(seen) == 12
    for pose, (image, (x0, y0, x1, y1)) in zip(found, seen, strict=True):
        assert image.shape == (192, 192, 3)
        y, x, score = plain(image).T.astype(np.float64)
        np.testing.assert_array_equal(pose.scores[0], score.astype(np.float32))
        np.testing.assert_array_equal(pose.xy[0, :, 0], (x0 + x * (x1 - x0)).astype(np.float32))
        np.testing.assert_array_equal(pose.xy[0, :, 1], (y0 + y * (y1 - y0)).astype(np.float32))


def test_a_man_who_balances_is_found_and_surer_when_he_is_tracked():
    tracked, stretched = detect(MAN, 0.5), detect(MAN, 0.5, crop="stretch")
    assert mean(tracked) > 0.65
    assert mean(tracked) > mean(stretched) + 0.1
    for pose in tracked[2:]:
        # He stands here, whatever he does with his arms.
        x0, y0, x1, y1 = pose.boxes.xyxy[0]
        assert 150 < x0 < x1 < 850
        assert 400 < y0 < y1 < 1200
        at = pose.skeleton.index
        heights = [pose.xy[0, at[f"left_{joint}"], 1] for joint in ("shoulder", "hip", "knee", "ankle")]
        assert heights == sorted(heights)


@pytest.mark.skipif(not backends.present("mediapipe"), reason="mediapipe, the second opinion, is not installed")
def test_another_model_sees_the_same_keypoints():
    from posecfg.detectors.blazepose import BlazePose

    video, clip = film(SIGNER, 0.4)
    for ours, theirs in zip(detect(SIGNER, 0.4), BlazePose()(video, clip), strict=True):
        for name in ("nose", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow"):
            one, other = ours.xy[0, ours.skeleton.index[name]], theirs.xy[0, theirs.skeleton.index[name]]
            assert np.linalg.norm(one - other) < 30  # of 640 px


def test_threads_and_repeats_change_nothing():
    one, two, again = detect(MAN, 0.2), detect(MAN, 0.2, threads=2), detect(MAN, 0.2)
    for a, b, c in zip(one, two, again, strict=True):
        np.testing.assert_array_equal(a.xy, b.xy)
        np.testing.assert_array_equal(a.xy, c.xy)
        np.testing.assert_array_equal(a.scores, b.scores)


# Where a person's middle is at the start of films with two people, and in how many seconds.
OUTDOORS, TREADMILL = (
    SHARED / "media" / "mmhuman3d_multi_person_demo.mp4",
    SHARED / "media" / "pose2sim_multi_cam01.mp4",
)
NEAR_MAN, FAR_WOMAN = (0, 500, 780, 1100), (600, 1080, 700, 1000)
NEAR_WOMAN, FAR_MAN = (600, 900, 1150, 1400), (300, 550, 650, 900)


@pytest.mark.skipif(not (OUTDOORS.is_file() and TREADMILL.is_file()), reason="the films of two are not in the folder")
@pytest.mark.parametrize(
    ("path", "end", "start", "place"),
    [
        (OUTDOORS, 1.5, "best", NEAR_MAN),
        (OUTDOORS, 1.5, "largest", NEAR_MAN),
        (OUTDOORS, 1.5, "nearest", FAR_WOMAN),
        (TREADMILL, 0.3, "best", NEAR_WOMAN),
        (TREADMILL, 0.3, "largest", NEAR_WOMAN),
        (TREADMILL, 0.3, "nearest", FAR_MAN),
    ],
)
def test_of_two_people_the_one_whom_the_policy_chooses_is_followed(path, end, start, place):
    x0, x1, y0, y1 = place
    found = detect(path, end, start=start)
    assert len(found) == 18
    for pose in found:
        left, top, right, bottom = pose.boxes.xyxy[0]
        assert x0 < (left + right) / 2 < x1
        assert y0 < (top + bottom) / 2 < y1
        assert pose.boxes.scores[0] > 0.3


@pytest.mark.skipif(not OUTDOORS.is_file(), reason="the film of two is not in the shared folder")
@pytest.mark.parametrize("second", range(4))
def test_the_search_finds_both_wherever_it_begins(second):
    from posecfg.detectors.movenet_search import people

    detector = MoveNet()
    clip = Clip("clip", OUTDOORS, start=0.8 * second, end=0.8 * second + 0.2)
    frames, *_ = Video(clip, All(), batch=1)

    def look(region, covered):
        image = detector._see(frames, {0: region})[0]
        return detector._pose(movenet._covered(image, region, covered), region)

    boxes = [pose.boxes.xyxy[0] for pose in people(look, frames.size)]
    assert len(boxes) == 2
    man, woman = sorted(boxes, key=lambda box: box[0])
    assert (man[3] - man[1]) * (man[2] - man[0]) > 0.8 * (woman[3] - woman[1]) * (woman[2] - woman[0])
    assert man[2] < woman[0] + 250
