import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from posecfg.detectors.topdown.simcc import depths, peaks


def bins(length, *filled):
    """(1, K, length) where row k has ``filled[k]`` = (bin, value)."""
    array = np.full((1, len(filled), length), -1, np.float32)
    for row, (place, value) in enumerate(filled):
        array[0, row, place] = value
    return array


def test_two_bins_are_a_px():
    places, scores = peaks(bins(48, (0, 0.5), (47, 0.9), (7, 0.25)), bins(64, (63, 0.75), (1, 0.5), (10, 2)), "min")
    assert places.tolist() == [[[0, 31.5], [23.5, 0.5], [3.5, 5]]]
    assert scores.tolist() == [[0.5, 0.5, 0.25]]
    assert places.dtype == scores.dtype == np.float32


def test_the_mean_is_the_other_rule_and_may_pass_1():
    _, scores = peaks(bins(4, (0, 1.5)), bins(4, (0, 1)), "mean")
    assert scores.tolist() == [[1.25]]


@pytest.mark.parametrize("rule", ["min", "mean"])
@pytest.mark.parametrize("values", [(0, 0), (-0.5, 0.25), (np.nan, 1), (np.inf, 1)])
def test_a_score_that_is_not_above_0_is_no_point(rule, values):
    x, y = (np.full((1, 1, 4), value, np.float32) for value in values)
    if rule == "min" and values == (np.inf, 1):
        return  # The smaller of both is fine.
    places, scores = peaks(x, y, rule)
    assert np.isnan(places).all()
    assert scores.tolist() == [[0]]


@given(hnp.arrays(np.float32, (2, 3, 8), elements=st.floats(-2, 2, width=32)), st.sampled_from(["min", "mean"]))
def test_points_and_scores_go_together(x, rule):
    y = x[::-1, :, ::-1]
    places, scores = peaks(x, y, rule)
    assert np.isfinite(scores).all()
    assert (np.isnan(places).all(axis=2) == (scores == 0)).all()
    assert (np.isfinite(places).all(axis=2) == (scores > 0)).all()
    for person in range(2):
        for point in range(3):
            if scores[person, point] > 0:
                assert x[person, point, int(places[person, point, 0] * 2)] == x[person, point].max()


def test_depth_goes_from_minus_to_plus_the_reach():
    found = depths(bins(576, (0, 1), (288, 1), (575, 1), (144, 1)), 2.1744869)
    # z / 144 - 1 for z = bin / 2, of metres: what the models were trained with.
    assert np.allclose(found, [[-2.1744869, 0, (287.5 / 144 - 1) * 2.1744869, -1.08724345]], atol=1e-7)
