from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.video.timeline import Steps, Timeline

MS = Fraction(1, 1000)


def run(stamps, first=None):
    timeline = Timeline(stamps[0] if first is None else first, MS, 25.0)
    return [timeline(pts) for pts in stamps]


def test_time_counts_from_the_first_stamp():
    assert run([-80, -40, 0, 40]) == [0, 40, 80, 120]


def test_a_missing_stamp_is_one_step_behind_the_last():
    assert run([0, 40, None, 120]) == [0, 40, 80, 120]


def test_a_stamp_a_little_back_repeats_the_last():
    assert run([0, 40, 120, 80, 160]) == [0, 40, 120, 120, 160]


def test_a_clock_set_anew_goes_on_behind_the_last():
    assert run([90_000, 90_040, 0, 40, 80]) == [0, 40, 80, 120, 160]


@given(st.lists(st.none() | st.integers(-(10**7), 10**7), min_size=1))
def test_time_never_goes_back(stamps):
    times = run(stamps, first=stamps[0] or 0)
    assert times[0] >= 0
    assert times == sorted(times)


def vary(times, tick=MS):
    steps = Steps(tick)
    for index, time in enumerate(times):
        steps.see(index, time)
    return steps.vary


@pytest.mark.parametrize("fps", [15, 24, 29.97, 30, 60, 120, 240])
def test_rounding_to_the_containers_clock_is_no_variable_rate(fps):
    assert not vary([round(i / fps, 3) for i in range(200)])
    assert not vary([i / fps for i in range(200)], Fraction(1, 90000))


@pytest.mark.parametrize("jitter", [0.002, 0.02])
def test_steps_that_differ_are_a_variable_rate(jitter):
    assert vary([i / 30 + jitter * (i % 3 == 0) for i in range(50)])


def test_a_gap_of_lost_frames_is_no_variable_rate():
    steps = Steps(MS)
    for index in [0, 1, 2, 9, 10, 11]:
        steps.see(index, index / 30)
    assert not steps.vary
