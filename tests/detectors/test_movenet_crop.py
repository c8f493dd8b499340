import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from posecfg import skeletons
from posecfg.detectors.movenet_crop import around, whole

AT = skeletons.load("coco17").index
SIZE = (640, 480)
SIZES = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
SCORES = st.floats(0, 1, width=32)
COORDINATES = st.floats(-3e4, 3e4, width=32)


def person(**places):
    """Everything at the middle of the hips, but for the named keypoints; scores 0.9."""
    xy = np.full((17, 2), (300, 240), np.float32)
    for name, place in places.items():
        xy[AT[name]] = place
    return xy, np.full(17, 0.9, np.float32)


@given(SIZES)
def test_the_whole_is_an_even_square_just_around_the_picture(size):
    x0, y0, x1, y1 = whole(size)
    width, height = size
    assert x1 - x0 == y1 - y0 <= max(size) + 1
    assert x0 % 2 == y0 % 2 == x1 % 2 == 0
    assert x0 <= 0 < width <= x1
    assert y0 <= 0 < height <= y1
    assert abs((x0 + x1) - width) <= 4
    assert abs((y0 + y1) - height) <= 4


@given(
    hnp.arrays(np.float32, (17, 2), elements=COORDINATES),
    hnp.arrays(np.float32, 17, elements=st.floats(0, 1, width=32)),
    SIZES,
)
def test_a_region_is_an_even_square_that_shows_something_of_the_picture(xy, scores, size):
    x0, y0, x1, y1 = around(xy, scores, size)
    assert x1 - x0 == y1 - y0
    assert x1 - x0 >= 32 or (x0, y0, x1, y1) == whole(size)
    assert all(edge % 2 == 0 for edge in (x0, y0, x1, y1))
    assert x0 < size[0]
    assert y0 < size[1]
    assert x1 > 0
    assert y1 > 0
    assert x1 - x0 <= max(size) + 2


def test_the_torso_reaches_1_9_times_as_far_and_the_body_1_2_times():
    xy, scores = person(left_shoulder=(300, 180))
    assert around(xy, scores, SIZE) == (186, 126, 414, 354)  # 300 -+ 60 * 1.9, 240 -+ 60 * 1.9
    xy, scores = person(left_shoulder=(300, 180), left_wrist=(400, 240))
    assert around(xy, scores, SIZE) == (180, 120, 420, 360)  # 100 * 1.2


def test_only_keypoints_in_sight_widen_the_body_but_the_whole_torso_counts():
    xy, scores = person(left_shoulder=(300, 180), left_wrist=(400, 240))
    scores[AT["left_wrist"]] = 0.2
    assert around(xy, scores, SIZE) == (186, 126, 414, 354)
    scores[AT["left_shoulder"]] = 0.1
    assert around(xy, scores, SIZE) == (186, 126, 414, 354)


@pytest.mark.parametrize("hidden", [("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")])
def test_without_a_torso_the_whole_picture_is_looked_at(hidden):
    xy, scores = person(left_shoulder=(300, 180))
    scores[AT[hidden[0]]] = 0.2
    assert around(xy, scores, SIZE) != whole(SIZE)
    scores[AT[hidden[1]]] = 0.2
    assert around(xy, scores, SIZE) == whole(SIZE)


def test_a_region_ends_at_the_farthest_edge_and_one_beyond_the_picture_is_the_whole():
    xy, scores = person(left_shoulder=(300, 90))
    assert around(xy, scores, SIZE) == (16, -44, 586, 526)  # 150 * 1.9
    assert around(xy, scores, (400, 560)) == whole((400, 560))
    xy, scores = person(left_shoulder=(300, 0))
    assert around(xy, scores, (600, 480)) == (0, -60, 600, 540)  # 240 * 1.9 would be 456


def test_keypoints_in_one_place_and_people_out_of_sight_do_not_lead_astray():
    xy, scores = person()
    assert around(xy, scores, SIZE) == (284, 224, 316, 256)
    assert around(xy + np.float32(5000), scores, SIZE) == whole(SIZE)
