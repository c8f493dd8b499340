from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from posecfg.persons.boxes import areas, overlaps

CORNERS = st.tuples(*[st.floats(-100, 100, width=32)] * 4)


def test_known_overlaps():
    a = np.array([[0, 0, 10, 10]], np.float32)
    b = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30], [np.nan] * 4, [3, 3, 3, 3]], np.float32)
    np.testing.assert_allclose(overlaps(a, b), [[1, 1 / 3, 0, 0, 0]])


@given(CORNERS, CORNERS)
def test_overlap_is_symmetric_and_a_share(a, b):
    a, b = np.array([a], np.float32), np.array([b], np.float32)
    shared = overlaps(a, b)[0, 0]
    assert shared == overlaps(b, a)[0, 0]
    assert 0 <= shared <= 1 + 1e-9
    if areas(a)[0] > 0:
        np.testing.assert_allclose(overlaps(a, a), 1)
