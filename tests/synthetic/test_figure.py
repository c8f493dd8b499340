import numpy as np
import pytest

from posecfg.skeletons.blazepose33 import SKELETON as BLAZEPOSE33
from posecfg.synthetic.body import HALF_HEIGHT, HALF_WIDTH
from posecfg.synthetic.figure import figure, pixels_per_metre
from posecfg.synthetic.seeds import derive

TIMES = np.arange(0, 20, 1 / 30)


@pytest.mark.parametrize("size", [(320, 240), (1080, 1920), (64, 8), (1, 1)])
@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_people_stay_inside_the_frame_and_apart(size, people, seed):
    for person in range(people):
        xy = figure(seed, person, TIMES, size, people, BLAZEPOSE33.keypoints).xy
        assert (xy >= 0).all()
        assert (xy < size).all()
        lane = size[0] / people
        assert (np.floor(xy[..., 0] / lane) == person).all()


def test_the_truth_of_a_moment_depends_on_nothing_else():
    whole = figure(3, 0, TIMES, (320, 240))
    part = figure(3, 0, TIMES[40:42], (320, 240))
    assert np.array_equal(whole.xy[40:42], part.xy)
    assert whole.xy.shape == (len(TIMES), 17, 2)


def test_people_and_seeds_move_differently():
    one = figure(0, 0, TIMES, (320, 240), 2).xyz
    assert not np.allclose(one, figure(0, 1, TIMES, (320, 240), 2).xyz)
    assert not np.allclose(one, figure(1, 0, TIMES, (320, 240), 2).xyz)


def test_motion_is_smooth_and_visible():
    xy = figure(0, 0, TIMES, (320, 240)).xy
    assert np.abs(np.diff(xy, axis=0)).max() < 8
    assert np.ptp(xy, axis=0).max() > 30


def test_metres_are_hip_centred_bounded_and_agree_with_pixels():
    size = (640, 480)
    found = figure(0, 0, TIMES, size)
    hips = found.xyz[:, [11, 12]].mean(axis=1)
    assert np.allclose(hips, 0)
    assert (np.abs(found.xyz[..., :2]) <= [HALF_WIDTH, HALF_HEIGHT]).all()
    middle = found.xy[:, [11, 12]].mean(axis=1, keepdims=True)
    assert np.allclose(found.xy - middle, found.xyz[..., :2] * pixels_per_metre(size))
    assert ((found.visibility > 0) & (found.visibility <= 1)).all()


def test_left_is_on_the_right_of_a_person_who_faces_the_camera():
    xy = figure(0, 0, TIMES, (320, 240)).xy
    assert (xy[:, 5, 0] > xy[:, 6, 0]).all()


def test_seeds_are_the_same_on_every_machine():
    assert derive(0, "synthetic_0000") == 17181704978132577320
