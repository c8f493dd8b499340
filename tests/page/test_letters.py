"""Letters over time: who is found, made up, jerky, exchanged; at most 96 of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg import skeletons
from posecfg.metrics import motion
from posecfg.page.letters import BINS, jerks, states, strip, swaps
from posecfg.synthetic.figure import figure
from posecfg.viewing.subject import person

COCO = skeletons.load("coco17")
FPS = 30


def walker(rows=60, seed=3):
    times = np.arange(rows) / FPS
    return person(0, COCO, figure(seed, 0, times, (320, 240), 1).xy.copy(), np.ones((rows, 17))), times


def test_steady_motion_is_only_found():
    one, times = walker()
    assert strip([one], times) == "f" * 60
    assert states(one) == "f" * 60


def test_gaps_and_made_up_rows_have_their_letters():
    one, times = walker()
    one.valid[10:20] = False
    one.made[10:15] = True
    assert states(one) == "f" * 10 + "m" * 5 + "." * 5 + "f" * 40
    assert strip([one], times) == states(one)


def test_somebody_else_found_is_found():
    one, times = walker()
    other, _ = walker(seed=4)
    one.valid[10:20] = False
    one.made[10:12] = True
    assert strip([one, other], times) == "f" * 60


def test_a_leap_is_jerky_where_it_is():
    one, times = walker()
    one.xy[30] += 40
    assert set(np.flatnonzero(jerks(one, times))) == {29, 30, 31}
    assert strip([one], times) == "f" * 29 + "jjj" + "f" * 28


def test_a_clip_that_shakes_all_the_time_has_no_jerks_of_its_own():
    one, times = walker()
    one.xy[:] += np.random.default_rng(1).normal(0, 20, one.xy.shape)
    assert strip([one], times).count("j") <= 2


def test_tiny_noise_of_somebody_who_stands_still_is_no_jerk():
    one, times = walker()
    one.xy[:] = one.xy[:1]
    one.xy[30] += 0.5
    assert strip([one], times) == "f" * 60


def test_exchanged_sides_are_marked_where_the_measure_counts_them():
    one, times = walker()
    one.xy[20:] = one.xy[20:][:, list(COCO.swaps)]
    found = strip([one], times)
    assert found.count("s") == motion.swaps(one.xy, one.valid, COCO.swaps)["swaps"] == 1
    assert found[20] == "s"
    assert np.flatnonzero(swaps(one)).tolist() == [20]


def test_nothing_is_told_across_a_change_of_person():
    one, times = walker()
    one.xy[30:] += 150
    assert "j" in strip([one], times)
    object.__setattr__(one, "breaks", (30,))
    assert strip([one], times) == "f" * 60


def test_points_in_space_do_where_there_are_no_pixels():
    xyz = np.cumsum(np.full((40, 17, 3), 0.01), axis=0) + np.arange(17)[:, None] / 10
    xyz[20] += 1
    one = person(0, COCO, None, None, xyz)
    assert set(np.flatnonzero(jerks(one, np.arange(40) / FPS))) == {19, 20, 21}


def test_a_long_clip_has_a_letter_for_each_part_of_its_time():
    one, times = walker(960)
    one.valid[480:] = False
    one.xy[100] += 60
    found = strip([one], times)
    assert len(found) == BINS
    assert found == "f" * 9 + "jj" + "f" * 37 + "." * 48


def test_a_pause_without_rows_is_like_what_was_before_it():
    one, times = walker(200)
    times = np.where(np.arange(200) < 100, times, times + 100)
    found = strip([one], times)
    assert set(found) == {"f"}
    assert len(found) == BINS


@given(st.integers(0, 300), st.integers(0, 3), st.integers(0, 2**16), st.sampled_from([0.0, 0.3, 1.0]))
def test_any_people_make_at_most_so_many_letters(rows, people, seed, nothing):
    rng = np.random.default_rng(seed)
    tracks = []
    for number in range(people):
        xy = rng.uniform(0, 300, (rows, 17, 2))
        xy[rng.random((rows, 17)) < nothing] = np.nan
        tracks.append(person(number, COCO, xy, rng.random((rows, 17))))
    found = strip(tracks, np.sort(rng.uniform(0, 9, rows)))
    assert len(found) == min(rows, BINS)
    assert set(found) <= set(".mfjs")


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_rows_to_move(rows):
    one, times = walker(rows)
    assert strip([one], times) == "f" * rows
