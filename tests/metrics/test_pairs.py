"""True people are paired with tracks, the nearest pair first, also in a crowd."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.errors import ClipError
from posecfg.metrics import pairs as paired
from posecfg.metrics.pairs import pairs


def plain(want, got):
    """Pair as it is told, one frame after another; ``want`` and ``got`` are (P or N, T, K, 2)."""
    found = np.full(want.shape[:2], -1)
    for row in range(want.shape[1]):
        left = []
        for p, person in enumerate(want[:, row]):
            there = np.isfinite(person).all(axis=1)
            for t, track in enumerate(got[:, row]):
                apart = np.hypot(*(person - track)[there].T).astype(np.float64)
                apart[~np.isfinite(apart)] = paired.FAR
                cost = apart.mean() if there.any() else paired.FAR
                if cost < paired.FAR:
                    left.append((cost, p, t))
        while left:
            _, person, track = min(left)
            found[person, row] = track
            left = [(cost, p, t) for cost, p, t in left if p != person and t != track]
    return found


@st.composite
def crowds(draw):
    """People and tracks on a small grid, where many are as far apart; some points are missing."""
    people, tracks, rows = (draw(st.integers(1, most)) for most in (9, 9, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    made = [random.integers(0, draw(st.integers(1, 6)), (n, rows, 2, 2)).astype(np.float32) for n in (people, tracks)]
    for one in made:
        one[random.random(one.shape[:3]) < draw(st.sampled_from([0, 0.2, 0.7]))] = np.nan
    return made


@pytest.mark.parametrize("crowd", [0, 32])
@given(sides=crowds())
def test_pairs_are_the_nearest_first(crowd, sides):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paired, "CROWD", crowd)
        patch.setattr(paired, "_BLOCK", 5)
        np.testing.assert_array_equal(pairs(*sides), plain(*sides))


def test_a_crowd_costs_no_more_than_its_pairs(monkeypatch):
    random = np.random.default_rng(1)
    want = random.random((400, 2, 17, 2), np.float32) * 200
    want[1:, 1] = np.nan
    got = want[random.permutation(400)] + random.random((400, 2, 17, 2), np.float32) * 9
    made, looked = [], []
    monkeypatch.setattr(paired, "MOST", 100_000)
    costs, order = paired._costs, np.argsort
    monkeypatch.setattr(paired, "_costs", lambda *sides: made.append(costs(*sides)) or made[-1])
    monkeypatch.setattr(np, "argsort", lambda values, **more: looked.append(len(values)) or order(values, **more))
    found = pairs(want, got)
    assert sorted(found[:, 0]) == list(range(400))
    assert (found[:, 1] >= 0).tolist() == [True] + [False] * 399
    assert max(one.size for one in made) * 17 <= 100_000
    assert looked == [400 * 400, 1]


def test_too_many_pairs_are_a_sentence(monkeypatch):
    monkeypatch.setattr(paired, "_PAIRS", 40 * 40 - 1)
    crowd = np.zeros((40, 1, 2, 2), np.float32)
    with pytest.raises(ClipError, match="40 true ones and 40 found ones make too many pairs"):
        pairs(crowd, crowd)
