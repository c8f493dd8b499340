from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg.errors import ClipError, ConfigError
from posecfg.metrics.pck import Pck
from posecfg.synthetic.truth import FigureTruth
from posecfg.types import Truth


def known(*tracks):
    return Truth(tracks[0].skeleton.keypoints, np.stack([one.xy for one in tracks]))


def test_the_truth_itself_is_perfect():
    one, two = track(5), track(5, person=1)
    two = replace(two, xy=two.xy + 500)
    assert Pck()(extraction(one, two), known(two, one)) == {"pck": 1.0}


def test_a_missing_row_counts_as_wrong():
    whole = track(4)
    assert Pck()(extraction(track(4, missing=[1])), known(whole)) == {"pck": 0.75}


def test_nobody_found_is_zero_and_nobody_known_is_nothing():
    assert Pck()(extraction(track(3, missing=[0, 1, 2])), known(track(3))) == {"pck": 0.0}
    unknown = replace(track(3), xy=np.full((3, 17, 2), np.nan, np.float32))
    assert Pck()(extraction(track(3)), known(unknown)) == {}


@pytest.mark.parametrize(("share", "score"), [(0.049, 1.0), (0.051, 16 / 17)])
def test_the_limit_is_a_share_of_the_longer_side(share, score):
    one = track(1)
    side = np.ptp(one.xy[0], axis=0).max()
    moved = one.xy.copy()
    moved[0, 3, 0] += share * side
    assert Pck(alpha=0.05)(extraction(replace(one, xy=moved)), known(one))["pck"] == pytest.approx(score)


def test_clips_combine_by_their_keypoints():
    pck, long, short = Pck(), track(9), track(1, missing=[0])
    partials = [pck.partial(extraction(long), known(long)), pck.partial(extraction(short), known(track(1)))]
    assert pck.scores(pck.reduce(partials)) == {"pck": 0.9}
    assert pck.scores({"right": 5}) == {}


def test_one_track_serves_one_person_only():
    one = track(2)
    assert Pck()(extraction(one), known(one, one)) == {"pck": 0.5}


def test_other_skeletons_are_compared_by_name():
    one = track(2)
    few = Truth(("left_hip", "nose", "tail"), np.concatenate([one.xy[:, [11, 0]], one.xy[:, [0]]], axis=1)[None])
    assert Pck()(extraction(one), few) == {"pck": 1.0}
    with pytest.raises(ClipError, match="common keypoints"):
        Pck()(extraction(one), Truth(("tail",), one.xy[None, :, [0]]))


def test_alpha_is_checked():
    with pytest.raises(ConfigError, match="alpha"):
        Pck(alpha=0)


def test_figures_are_where_the_truth_says():
    source = extraction(track(3))
    truth = FigureTruth(seed=5, people=2)(source.clock)
    assert truth.xy.shape == (2, 3, 17, 2)
    assert np.isfinite(truth.xy).all()
