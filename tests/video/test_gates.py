import pytest

from posecfg.errors import ConfigError
from posecfg.video.gates import Gates


def test_no_limits_refuse_nothing():
    assert Gates().refuse(0.0, 1.0) is None
    assert Gates(min_duration=1, fps=(24, 60)).refuse(None, None) is None


def test_the_reason_says_what_came_and_what_was_asked_for():
    assert Gates(min_duration=0.2).refuse(0.12, 30) == "too short: 0.12 s, at least 0.2 s was asked for"
    assert Gates(max_duration=60).refuse(61, 30) == "too long: 61 s, at most 60 s was asked for"
    assert Gates(fps=(24, 60)).refuse(1, 15) == "frame rate too low: 15 fps, at least 24 fps was asked for (video.fps)"
    assert (
        Gates(fps=(24, 60)).refuse(1, 120) == "frame rate too high: 120 fps, at most 60 fps was asked for (video.fps)"
    )


def test_limits_include_their_ends_and_forgive_rounding():
    assert Gates(min_duration=0.2, max_duration=0.2).refuse(1.2 - 1.0, None) is None


def test_the_tolerance_decides_about_film_rates():
    rate = 24000 / 1001
    assert Gates(fps=(24, 60)).refuse(None, rate) is None
    assert Gates(fps=(24, 60)).refuse(None, 60000 / 1001) is None
    assert Gates(fps=(24, 60), tolerance=0).refuse(None, rate) is not None


@pytest.mark.parametrize("how", [{"fps": (60, 24)}, {"min_duration": 2, "max_duration": 1}, {"tolerance": -1}])
def test_impossible_limits_are_refused(how):
    with pytest.raises(ConfigError):
        Gates(**how)


def test_both_ends_are_inside_whatever_binary_makes_of_them():
    assert Gates(fps=(24, 60), tolerance=0.001).refuse(1, 60.06) is None
    assert Gates(fps=(24, 60), tolerance=0.001).refuse(1, 60.0601) is not None
    assert Gates(fps=(24, 60), tolerance=0).refuse(1, 24000 / 1001) is not None
