from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from told import facts

from posecfg import skeletons
from posecfg.datasets.synthetic import Synthetic as Scenes
from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.synthetic.figure import figure
from posecfg.types import Clip

CLIP = Clip("some/clip", Path("some/clip.mp4"))


@dataclass
class Blind:
    """Frames whose pixels must not be asked for."""

    indices: np.ndarray
    size: tuple[int, int] = (320, 240)
    times: np.ndarray = field(init=False)

    def __post_init__(self):
        self.times = self.indices / 30

    def __len__(self):
        return len(self.indices)


def detect(clip=CLIP, frames=20, batch=4, **arguments):
    batches = [Blind(np.arange(start, min(start + batch, frames))) for start in range(0, frames, batch)]
    return list(Synthetic(**arguments)(batches, clip))


def test_there_is_one_answer_a_frame_whatever_the_batch():
    whole, parts = detect(batch=20, noise=2.0, miss=0.3), detect(batch=3, noise=2.0, miss=0.3)
    assert len(whole) == len(parts) == 20
    assert all(np.array_equal(a.xy, b.xy) and len(a) == len(b) for a, b in zip(whole, parts, strict=True))


def test_poses_repeat_and_differ_by_clip_and_seed():
    first = detect()[0].xy
    assert np.array_equal(first, detect()[0].xy)
    assert not np.array_equal(first, detect(seed=1)[0].xy)
    assert not np.array_equal(first, detect(clip=Clip("other", Path("other")))[0].xy)


def test_the_poses_are_those_that_the_dataset_draws():
    clip = Scenes(seed=7, people=2).scan().clips[1]
    poses = detect(clip=clip, seed=7, people=2)
    truth = figure(clip.scene.seed, 1, np.arange(20) / 30, (320, 240), 2).xy
    assert np.allclose([pose.xy[1] for pose in poses], truth, atol=1e-3)


def test_scores_fall_from_person_to_person_and_the_threshold_is_kept_to():
    assert np.allclose(detect(people=3)[0].boxes.scores, [0.9, 0.6, 0.4])
    assert len(detect(people=3, score_thr=0.5)[0]) == 2
    assert len(detect(people=3, score_thr=0.95)[0]) == 0
    assert np.array_equal(detect(people=3, score_thr=0.5)[0].xy, detect(people=3)[0].xy[:2])


def test_boxes_hold_the_keypoints_and_lie_apart():
    for pose in detect(people=3):
        assert (pose.boxes.xyxy[:, None, :2] <= pose.xy).all()
        assert (pose.xy <= pose.boxes.xyxy[:, None, 2:]).all()
        assert (pose.boxes.xyxy[:-1, 2] < pose.boxes.xyxy[1:, 0]).all()


def test_misses_have_the_share_asked_for():
    missed = [len(pose) == 0 for pose in detect(frames=400, batch=100, miss=0.25)]
    assert 0.15 < np.mean(missed) < 0.35
    assert all(len(pose) == 0 for pose in detect(miss=1.0))


def test_noise_has_the_deviation_asked_for():
    clean, noisy = detect(frames=60), detect(frames=60, noise=2.0)
    difference = np.array([a.xy - b.xy for a, b in zip(clean, noisy, strict=True)])
    assert 1.8 < difference.std() < 2.2


@pytest.mark.parametrize("skeleton", ["coco17", "blazepose33"])
@pytest.mark.parametrize("people", [0, 2])
def test_arrays_have_the_shapes_of_the_skeleton(skeleton, people):
    pose = detect(skeleton=skeleton, people=people, xyz=True)[0]
    points = len(skeletons.load(skeleton))
    assert pose.xyz.shape == (people, points, 3)
    assert {array.dtype for array in (pose.xy, pose.xyz, pose.scores, pose.boxes.xyxy)} == {np.dtype("float32")}
    assert "hip-centred" in pose.meaning.xyz
    assert facts(Synthetic, skeleton=skeleton, people=people).skeleton == skeleton


def test_faults_strike_only_the_clips_meant():
    assert len(detect(crash="raise:bad")) == 20
    with pytest.raises(RuntimeError, match="injected fault"):
        detect(clip=Clip("bad", Path("bad")), crash="raise:bad")


@pytest.mark.parametrize(
    "wrong", [{"skeleton": "coco71"}, {"miss": 2}, {"people": -1}, {"noise": -1}, {"batch": 0}, {"crash": "x"}]
)
def test_impossible_values_are_config_errors(wrong):
    with pytest.raises(ConfigError, match="Expected"):
        Synthetic(**wrong)
