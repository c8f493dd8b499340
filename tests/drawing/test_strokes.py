from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.drawing.strokes import FULL, Grid, discs, lines

GRIDS = (Grid(40, 50, 64), Grid(20, 25, 25, 0.5))
REACHES = (2.5, 1.3)
INSIDE = st.floats(-30, 80)
ANYWHERE = st.one_of(INSIDE, st.floats(-1e6, 1e6), st.integers(-10, 60).map(float))


def drawn(touched, grid):
    """Return nearness as a picture; what lies in the gap behind a row is an error."""
    place, near = touched
    flat = np.zeros(grid.height * grid.stride, np.int64)
    np.maximum.at(flat, place, near)
    rows = flat.reshape(grid.height, grid.stride)
    assert not rows[:, grid.width :].any()
    return rows[:, : grid.width]


def line_of(x0, y0, x1, y1, reach, grid):
    """Return the nearness of every pixel to one line, worked out pixel by pixel."""
    ends = np.array([x0, y0, x1, y1]) * grid.scale
    steep = abs(ends[3] - ends[1]) > abs(ends[2] - ends[0])
    a0, b0, a1, b1 = ends[[1, 0, 3, 2]] if steep else ends
    y, x = np.mgrid[: grid.height, : grid.width] + 0.5
    a, b = (y, x) if steep else (x, y)
    slope = (b1 - b0) / (a1 - a0) if a1 != a0 else 0.0
    beside = np.abs(b - b0 - (a - a0) * slope) / np.hypot(1, slope)
    covers = (np.floor(a) >= np.floor(min(a0, a1))) & (np.floor(a) < np.ceil(max(a0, a1)))
    return np.where(covers, np.maximum(FULL * (1 - beside / reach), 0), 0)


@given(st.lists(st.tuples(INSIDE, INSIDE, INSIDE, INSIDE), min_size=1, max_size=5))
def test_lines_are_as_near_as_their_distance_says(ends):
    for touched, grid, reach in zip(lines(np.array(ends), REACHES, GRIDS), GRIDS, REACHES, strict=True):
        wanted = np.max([line_of(*line, reach, grid) for line in ends], axis=0)
        assert np.abs(drawn(touched, grid) - wanted).max() < 2.5


@given(st.lists(st.tuples(ANYWHERE, ANYWHERE, ANYWHERE, ANYWHERE), min_size=1, max_size=5))
def test_lines_from_anywhere_stay_on_their_grid(ends):
    for (place, near), grid in zip(lines(np.array(ends), REACHES, GRIDS), GRIDS, strict=True):
        assert ((place >= 0) & (place < grid.height * grid.stride) & (place % grid.stride < grid.width)).all()
        assert ((near >= 0) & (near <= FULL)).all()


@given(st.lists(st.tuples(ANYWHERE, ANYWHERE), max_size=6), st.floats(0.6, 9))
def test_discs_are_as_near_as_their_distance_says(centres, reach):
    points = np.array(centres, np.float64).reshape(-1, 2)
    reaches = reach, reach / 2
    for touched, grid, own in zip(discs(points, reaches, GRIDS), GRIDS, reaches, strict=True):
        y, x = np.mgrid[: grid.height, : grid.width] + 0.5
        wanted = np.zeros((grid.height, grid.width))
        for cx, cy in points * grid.scale:
            np.maximum(wanted, FULL * (1 - np.hypot(x - cx, y - cy) / own), out=wanted)
        # A sixteenth of a pixel in x and in y.
        assert np.abs(drawn(touched, grid) - wanted).max() < 0.09 * FULL / own + 1.5


def test_the_middle_of_a_line_is_full():
    ((place, near),) = lines(np.array([[10.0, 20.5, 30.0, 20.5]]), (2.0,), GRIDS[:1])
    row = drawn((place, near), GRIDS[0])[20]
    np.testing.assert_array_equal(np.flatnonzero(row == FULL), np.arange(10, 30))


@pytest.mark.parametrize("shape", [lines, discs])
def test_nothing_touches_nothing(shape):
    empty = np.zeros((0, 4 if shape is lines else 2))
    assert all(len(place) == len(near) == 0 for place, near in shape(empty, REACHES, GRIDS))


@given(st.lists(st.tuples(*[st.floats(12, 28)] * 4), min_size=1, max_size=4))
def test_what_lies_inside_needs_no_clipping(ends):
    points = np.array(ends)
    for shape, where in ((lines, points), (discs, points[:, :2])):
        for quick, careful in zip(shape(where, REACHES, GRIDS, True), shape(where, REACHES, GRIDS), strict=True):
            for one, other in zip(quick, careful, strict=True):
                np.testing.assert_array_equal(one, other)
