from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import clock, track

from posecfg.errors import ConfigError
from posecfg.refine.fill import Fill

ARRAYS = ("xy", "scores", "boxes", "box_scores", "xyz", "depth")


def gappy(rows, missing):
    return track(rows, missing=missing, xyz=True, depth=True)


def equal(a, b):
    for name in (*ARRAYS, "valid", "made"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def holes(max_rows=12):
    return st.integers(1, max_rows).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1))))


def test_straight_motion_is_restored_exactly():
    full = gappy(9, [])
    filled = Fill()(gappy(9, [1, 4, 5, 6]), clock(9))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(filled, name), getattr(full, name), err_msg=name)
    assert filled.made.tolist() == [t in (1, 4, 5, 6) for t in range(9)]
    assert filled.valid.tolist() == [t not in (1, 4, 5, 6) for t in range(9)]


def test_it_interpolates_over_time_not_over_rows():
    uneven = replace(clock(3), times=np.array([0.0, 0.9, 1.0]))
    filled = Fill()(gappy(3, [1]), uneven)
    assert filled.xy[1, 0, 0] == np.float32(1.8)


def test_edges_are_held_or_left():
    given_track = gappy(5, [0, 4])
    held = Fill()(given_track, clock(5))
    np.testing.assert_array_equal(held.xy[0], given_track.xy[1])
    np.testing.assert_array_equal(held.xy[4], given_track.xy[3])
    assert Fill(edges="none")(given_track, clock(5)) is given_track


def test_long_gaps_are_left():
    filled = Fill(max_gap=2)(gappy(8, [1, 2, 4, 5, 6]), clock(8))
    assert filled.made.tolist() == [False, True, True, False, False, False, False, False]
    assert np.isnan(filled.xy[4:7]).all()


@pytest.mark.parametrize("edges", ["hold", "none"])
def test_nothing_is_made_up_between_two_people(edges):
    before = replace(gappy(12, [0, 2, 4, 5, 6, 8, 11]), breaks=(7,))
    before.xy[1, 3] = before.xy[7, 4] = np.nan
    after = Fill(edges=edges)(before, clock(12))
    assert after.made.nonzero()[0].tolist() == ([0, 2, 8, 11] if edges == "hold" else [2, 8])
    assert np.isnan(after.xy[4:7]).all()
    assert after.breaks == (7,)
    for part in after.parts:
        shorter = {name: getattr(before, name)[part] for name in (*ARRAYS, "valid", "made")}
        alone = Fill(edges=edges)(replace(before, breaks=(), **shorter), clock(part.stop - part.start))
        there = (after.made | after.valid)[part]
        np.testing.assert_allclose(after.xy[part][there], alone.xy[there], rtol=1e-6)
    assert Fill(edges=edges)(replace(before, breaks=()), clock(12)).made[4:7].all()


def test_an_empty_track_stays_as_it_is():
    for rows in (0, 3):
        nobody = gappy(rows, range(rows))
        assert Fill()(nobody, clock(rows)) is nobody


def test_filled_rows_reach_over_a_missing_keypoint():
    given_track = gappy(4, [1])
    given_track.xy[2, 5] = np.nan
    filled = Fill()(given_track, clock(4))
    np.testing.assert_array_equal(filled.xy[1], track(4).xy[1])
    assert np.isnan(filled.xy[2, 5]).all()


@given(holes(), st.none() | st.integers(1, 5), st.sampled_from(["hold", "none"]))
def test_found_rows_never_change_and_a_second_time_changes_nothing(hole, max_gap, edges):
    rows, missing = hole
    before = gappy(rows, missing)
    kept = {name: getattr(before, name).copy() for name in ARRAYS}
    fill = Fill(max_gap, edges)
    after = fill(before, clock(rows))
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(before, name), kept[name])
        np.testing.assert_array_equal(getattr(after, name)[before.valid], kept[name][before.valid])
        assert np.isfinite(getattr(after, name)[after.made]).all()
        assert np.isnan(getattr(after, name)[~after.made & ~after.valid]).all()
    np.testing.assert_array_equal(after.valid, before.valid)
    assert not (after.made & after.valid).any()
    equal(fill(after, clock(rows)), after)


@pytest.mark.parametrize("wrong", [{"max_gap": 0}, {"max_gap": True}, {"edges": "wrap"}], ids=str)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ConfigError, match="Expected"):
        Fill(**wrong)
