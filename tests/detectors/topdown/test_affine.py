from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.detectors.topdown.affine import back, matrix, regions

cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")

PLACES = st.floats(-500, 4000, width=32)
SIDES = st.floats(1, 3000, width=32)
SIZES = st.sampled_from([(192, 256), (288, 384), (256, 256), (384, 288)])


def box(x, y, width, height):
    return np.array([[x, y, x + width, y + height]], np.float32)


@given(PLACES, PLACES, SIDES, SIDES, SIZES)
def test_a_region_holds_the_padded_box_in_the_shape_of_the_input(x, y, width, height, size):
    xyxy = box(x, y, width, height)
    centres, extents = regions(xyxy, 1.25, *size)
    assert centres.dtype == extents.dtype == np.float32
    assert np.allclose(centres, [(xyxy[0, :2] + xyxy[0, 2:]) / 2], atol=1e-3)
    sides = (xyxy[:, 2:] - xyxy[:, :2]) * 1.25
    assert (extents >= sides * (1 - 1e-5)).all()
    assert np.isclose(extents / sides, 1, rtol=1e-5).any()
    assert np.isclose(extents[0, 0] / extents[0, 1], size[0] / size[1], rtol=1e-5)


@given(PLACES, PLACES, SIDES, SIDES, SIZES, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_points_come_back_from_where_the_crop_puts_them(x, y, width, height, size, shares):
    centres, extents = regions(box(x, y, width, height), 1.25, *size)
    low = centres[0] - extents[0] / 2
    points = low + np.array(shares) * extents[0]
    how = matrix(cv2, centres[0], extents[0], *size)
    there = points @ how[:, :2].T + how[:, 2]
    again = back(there[None].astype(np.float32), centres, extents, *size)
    assert again.shape == (1, len(points), 2)
    # Float32 places of thousands of px, and crops that may be of a px only.
    assert np.allclose(again[0], points, atol=2e-3 + 1e-5 * extents.max())
    assert (there > -0.5).all()
    assert (there < np.array(size) + 0.5).all()


def test_the_middle_and_the_corners_are_where_they_should_be():
    centres, extents = regions(box(100, 200, 60, 160), 1.25, 192, 256)
    assert centres.tolist() == [[130, 280]]
    assert extents.tolist() == [[150, 200]]
    how = matrix(cv2, centres[0], extents[0], 192, 256)
    assert np.allclose(how, [[1.28, 0, -55 * 1.28], [0, 1.28, -180 * 1.28]])
    wide = regions(box(0, 0, 300, 100), 1.0, 192, 256)[1]
    assert wide.tolist() == [[300, 400]]
