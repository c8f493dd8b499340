"""Arrays packed into texts come back within half a step, whatever is in them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from unpacked import unpack

from posecfg.page import packing

SHAPES = st.tuples(st.integers(0, 12), st.integers(0, 5), st.just(2))
NUMBERS = st.floats(-1e6, 1e6, width=32) | st.just(float("nan"))


@given(arrays.arrays(np.float32, SHAPES, elements=NUMBERS), st.sampled_from([0.01, 0.25, 3.0]))
def test_points_come_back_within_half_a_step(values, step):
    packed = json.loads(json.dumps(packing.points(values, step)))
    back = unpack(packed)
    assert back.shape == values.shape
    assert np.array_equal(np.isnan(back), np.isnan(values))
    assert packed["scale"] >= step
    apart = np.abs(back - values)[np.isfinite(values)]
    assert (apart <= packed["scale"] * 0.5000001).all()


@given(arrays.arrays(np.float32, (7, 3), elements=st.floats(-100, 100, width=32) | st.just(float("nan"))))
def test_scores_come_back_whatever_their_range(values):
    packed = packing.scores(values)
    back = unpack(packed)
    assert np.array_equal(np.isnan(back), np.isnan(values))
    assert (np.abs(back - values)[np.isfinite(values)] <= packed["scale"] * 0.5000001).all()


@given(arrays.arrays(np.int64, st.tuples(st.integers(0, 30)), elements=st.integers(0, 2**31 - 1)))
def test_whole_numbers_come_back_exactly(values):
    assert np.array_equal(unpack(packing.integers(values)), values)


def test_small_ranges_keep_the_step_and_wide_ones_widen_it():
    narrow = packing.points(np.array([[0.0], [640.0]]), 0.1)
    wide = packing.points(np.array([[0.0], [65534.0]]), 0.1)
    assert narrow["scale"] == 0.1
    assert wide["scale"] == 1.0
    assert packing.scores(np.array([[0.2, 1.0]]))["scale"] == 1 / 254


@pytest.mark.parametrize("shape", [(0, 17, 2), (5, 0, 2), (3, 17, 2)])
def test_missing_and_empty_arrays_stay_so(shape):
    back = unpack(packing.points(np.full(shape, np.nan), 0.1))
    assert back.shape == shape
    assert np.isnan(back).all()


def test_infinite_numbers_count_as_missing():
    back = unpack(packing.points(np.array([[1.0], [np.inf], [-np.inf]]), 0.1))
    assert np.isnan(back[1:]).all()
    assert back[0] == 1


def test_steady_motion_packs_well():
    walk = np.cumsum(np.random.default_rng(3).normal(0, 1, (100, 33, 2)), axis=0) + 300
    assert len(packing.points(walk, 0.1)["data"]) < 100 * 33 * 2 * 2
    times = np.arange(1000) / 30
    assert np.allclose(unpack(packing.floats(times)), times, atol=1e-5)


def test_the_same_numbers_give_the_same_text():
    values = np.random.default_rng(1).normal(size=(20, 4, 2))
    assert packing.points(values, 0.01) == packing.points(values.copy(), 0.01)
