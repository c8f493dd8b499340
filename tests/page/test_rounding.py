"""Numbers rounded together are those that Python makes of each, to the last bit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.page.rounding import rounded


def each(values, digits):
    return [round(value, digits) if math.isfinite(value) else None for value in values]


def exact(values):
    """Return numbers with their signs, of which zero has one too."""
    return [(value, value is not None and math.copysign(1, value)) for value in values]


@given(st.lists(st.floats()), st.integers(0, 6))
def test_any_numbers(values, digits):
    assert exact(rounded(np.array(values, float), digits)) == exact(each(values, digits))


@given(st.lists(st.integers(-(10**12), 10**12)), st.integers(0, 6), st.integers(0, 3))
def test_decimal_numbers_in_the_middle_of_two(numbers, digits, ulps):
    values = [number / 10 ** (digits + 1) + 5 / 10 ** (digits + 1) for number in numbers]
    values = [math.nextafter(value, math.inf) if ulps else value for value in values]
    assert exact(rounded(np.array(values, float), digits)) == exact(each(values, digits))


@pytest.mark.parametrize("digits", range(7))
def test_a_hundred_thousand_numbers_of_each_size(digits):
    chance = np.random.default_rng(digits)
    values = chance.normal(size=100_000) * 10.0 ** chance.integers(-8, 18, 100_000)
    assert rounded(values, digits) == each(values.tolist(), digits)


def test_none_of_no_numbers():
    assert rounded(np.zeros(0), 3) == []
