import pickle

import numpy as np
import pytest

from posecfg.synthetic.figure import figure
from posecfg.synthetic.scene import StickScene


def test_frames_are_drawn_at_their_size():
    frame = StickScene(0, 10, (64, 48), 30.0).rgb(0)
    assert frame.shape == (48, 64, 3)
    assert frame.dtype == np.uint8


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (641, 3)])
@pytest.mark.parametrize("people", [0, 1, 4])
def test_any_size_and_number_of_people_can_be_drawn(size, people):
    assert StickScene(0, 1, size, 30.0, people).rgb(0).shape == (size[1], size[0], 3)


def test_the_limbs_lie_where_the_truth_says():
    scene = StickScene(5, 90, (320, 240), 30.0)
    empty = StickScene(5, 90, (320, 240), 30.0, people=0).rgb(0)
    for index in (0, 33, 89):
        drawn = (scene.rgb(index) != empty).any(axis=-1)
        points = figure(5, 0, [index / 30], (320, 240)).xy[0]
        assert all(drawn[int(y), int(x)] for x, y in points)
        assert drawn.mean() < 0.3


def test_a_pickled_scene_draws_the_same_and_its_repr_names_it():
    scene = StickScene(1, 5, (40, 30), 25.0, 2)
    again = pickle.loads(pickle.dumps(scene))
    assert again == scene
    assert np.array_equal(again.rgb(4), scene.rgb(4))
    assert repr(scene) == "StickScene(seed=1, frames=5, size=(40, 30), fps=25.0, people=2)"


def test_frames_outside_the_scene_do_not_exist():
    with pytest.raises(IndexError, match=r"0\.\.4"):
        StickScene(0, 5, (8, 8), 30.0).rgb(5)
