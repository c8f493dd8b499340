from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.errors import ConfigError
from posecfg.samplers.uniform import Uniform


class Facts:
    fps = 30.0

    def __init__(self, frames):
        self.frames = frames

    def times(self):
        return [i / 30 for i in range(self.frames)]


def picked(frames, count):
    pick = Uniform(count).begin(Facts(frames))
    return [i for i in range(frames) if pick(i, i / 30, None)], pick


@given(st.integers(1, 500), st.integers(1, 100))
def test_the_number_asked_for_is_taken_evenly(frames, count):
    indices, _ = picked(frames, count)
    assert len(indices) == min(frames, count)
    gaps = {b - a for a, b in pairwise(indices)}
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_the_middles_of_equal_parts_are_taken():
    assert picked(9, 3)[0] == [1, 4, 7]
    assert picked(5, 1)[0] == [2]


def test_a_short_clip_is_taken_whole_and_noted():
    indices, pick = picked(3, 8)
    assert indices == [0, 1, 2]
    assert pick.notes() == {"frames_wanted": 8, "frames_there": 3}
    assert picked(8, 8)[1].notes() == {}


def test_counts_below_one_are_refused():
    with pytest.raises(ConfigError, match=r"sampler\.count"):
        Uniform(0)
