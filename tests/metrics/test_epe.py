from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg.errors import ConfigError
from posecfg.metrics.epe import Epe
from posecfg.metrics.oks import Oks
from posecfg.metrics.pairs import pairs
from posecfg.metrics.pck import Pck
from posecfg.types import Truth


def known(*tracks, **more):
    return Truth(tracks[0].skeleton.keypoints, np.stack([one.xy for one in tracks]), **more)


def test_a_shift_is_the_error():
    one = track(4)
    moved = replace(one, xy=one.xy + np.float32([3, 4]))
    metric = Epe()
    partial = metric.partial(extraction(moved), known(one))
    assert metric.scores(partial) == {"epe_px": pytest.approx(5)}
    assert metric.joints(partial)["nose"] == {"epe_px": pytest.approx(5)}


def test_people_and_frames_that_cannot_be_compared_are_counted():
    one, two = track(5, missing=[1]), track(5, person=1)
    holes = two.xy.copy()
    holes[3:] = np.nan
    truth = Truth(two.skeleton.keypoints, holes[None], rows=np.array([0, 1, 2, 3, -1]))
    partial = Epe().partial(extraction(one), truth)
    assert partial["compared"] == 2
    rest = {name.partition("/")[2]: n for name, n in partial.items() if name.startswith("left_out")}
    assert rest == {"no pose found": 1, "no true pose": 1, "not annotated": 1}


def test_pairs_are_the_nearest_first_however_many_are_looked_at_at_once(monkeypatch):
    chance = np.random.default_rng(3)
    want, got = (chance.random((n, 40, 5, 2)).astype(np.float32) * 100 for n in (3, 4))
    want[1, 5], got[2, 7, 3] = np.nan, np.nan
    whole = pairs(want, got)
    monkeypatch.setattr("posecfg.metrics.pairs.MOST", 200)
    assert (pairs(want, got) == whole).all()
    for row in range(40):
        cost = np.linalg.norm(want[:, None, row] - got[None, :, row], axis=-1)
        cost = np.where(np.isfinite(cost), cost, 1e9).mean(axis=-1)
        for person in range(3):
            if np.isnan(want[person, row]).all():
                assert whole[person, row] == -1
                cost[person] = np.inf
        while np.isfinite(cost).any():
            person, other = np.unravel_index(cost.argmin(), cost.shape)
            assert whole[person, row] == other
            cost[person], cost[:, other] = np.inf, np.inf


@pytest.mark.parametrize("metric", [Epe(), Pck(), Oks()])
def test_keypoints_of_which_the_detector_behind_the_truth_was_not_sure_do_not_count(metric):
    one = track(4)
    wrong, scores = one.xy.copy(), np.full(one.xy.shape[:2], 0.9, np.float32)
    wrong[:, 15:] += 500
    scores[:, 15:] = 0.3, 0.06
    guessed = known(replace(one, xy=wrong), scores=scores[None], found_by="a net")
    partial = metric.partial(extraction(one), guessed)
    assert partial["unsure/score at most 0.3 in the annotations"] == 8
    perfect = metric(extraction(one), known(one))
    assert metric.scores(partial) == perfect
    assert type(metric)(truth_thr=0.05)(extraction(one), guessed) != perfect
    sure = metric(extraction(one), replace(guessed, found_by=""))
    assert sure == metric(extraction(one), replace(guessed, scores=None)) != perfect


def test_the_score_from_which_truth_is_known_is_a_score():
    with pytest.raises(ConfigError, match="Expected truth_thr to be a score from 0 on, but got -1"):
        Epe(truth_thr=-1)
