from __future__ import annotations

import numpy as np
import pytest

from posecfg.drawing.chart import pooled, shades, thinned, ticks, told
from posecfg.drawing.page import Area, Page
from posecfg.drawing.theme import BLANK, RAMP


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (0, 12, [0, 2.5, 5, 7.5, 10]),
        (-3.2, 3.9, [-2, 0, 2]),
        (1000, 1900, [1000, 1200, 1400, 1600, 1800]),
        (5, 5, [5]),
    ],
)
def test_marks_are_round_numbers(low, high, marks):
    assert ticks(low, high) == pytest.approx(marks)


def test_no_number_of_marks_is_too_large():
    for high in (1e-9, 0.03, 1, 7.7, 99, 12345, 1e12):
        assert 2 <= len(ticks(0, high)) <= 6
    assert [told(value) for value in (0.25, 12345, 1e-05)] == ["0.25", "12,345", "1e-05"]


def test_many_columns_become_their_means():
    values = np.array([[1, 3, np.nan, 5, np.nan, np.nan]])
    np.testing.assert_array_equal(pooled(values, 3), [[2, 5, np.nan]])
    np.testing.assert_array_equal(pooled(values[:, :2], 4), [[1, 1, 3, 3]])


def test_a_long_line_keeps_its_peaks():
    y = np.zeros(10_000)
    y[1234], y[8000] = 7, -7
    found = thinned(np.stack([np.arange(10_000.0), y], axis=1), 100)
    assert len(found) < 1000
    assert (found[:, 1].max(), found[:, 1].min()) == (7, -7)
    assert (np.diff(found[:, 0]) >= 0).all()


def test_colours_run_from_the_first_to_the_last_of_the_ramp():
    found = shades(np.array([0.0, 1.0, np.nan, 2.0]), 0.0, 1.0)
    assert [tuple(one) for one in found.tolist()] == [RAMP[0], RAMP[-1], BLANK, RAMP[-1]]


def test_shapes_cover_what_they_should():
    page = Page(40, 20, (255, 255, 255))
    page.lines(np.array([[5.0, 10.0, 35.0, 10.0], [np.nan, 0, 1, 1]]), (0, 0, 0), 4.0)
    assert page.rgb[10, 20].tolist() == [0, 0, 0]
    assert page.rgb[14, 20].tolist() == [255, 255, 255]
    page.discs(np.array([[1e9, 1.0]]), 3.0, (9, 9, 9))
    page.box(Area(30, 12, 40, 20), (10, 20, 30), 4.0)
    assert page.rgb[16, 35].tolist() == [10, 20, 30]
    assert page.rgb[12, 30].tolist() == [255, 255, 255]


def test_crossing_lines_of_one_call_do_not_add_up():
    page = Page(20, 20, (255, 255, 255))
    page.lines(np.array([[2.0, 10.0, 18.0, 10.0], [10.0, 2.0, 10.0, 18.0]]), (0, 0, 0), 4.0, alpha=0.5)
    assert page.rgb[9, 9].tolist() == page.rgb[9, 5].tolist() == [128, 128, 128]


def test_text_is_as_wide_as_it_says_and_may_leave_the_page():
    page = Page(60, 20, (255, 255, 255))
    wide = page.text(4, 15, "abc", 9, (0, 0, 0))
    assert 0 < np.flatnonzero((page.rgb < 128).any(axis=(0, 2))).max() <= 4 + wide
    page.text(-500, 300, "outside", 9, (0, 0, 0))
