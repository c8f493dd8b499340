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


SIZES = [("extent", 16), ("box", 80), ("torso", 7), ("head", 1)]


@pytest.mark.parametrize(("norm", "px"), SIZES)
def test_the_limit_is_a_share_of_the_chosen_size(norm, px):
    """Keypoint k lies at (k, 0): shoulder 5 to hip 12 are 7 px apart, the ears 3 and 4 one."""
    one = track(1)
    boxes = np.float32([[[0, 0, 80, 20]]])
    truth = replace(known(one), boxes=boxes)
    for share, score in ((0.99, 1.0), (1.01, 16 / 17)):
        moved = one.xy.copy()
        moved[0, 9, 1] += share * 0.05 * px
        assert Pck(norm=norm)(extraction(replace(one, xy=moved)), truth)["pck"] == pytest.approx(score)


def test_people_whose_size_is_not_known_are_left_out_and_counted():
    one = track(2)
    part = one.xy.copy()
    part[0, 5:7] = np.nan
    partial = Pck(norm="torso").partial(extraction(one), Truth(one.skeleton.keypoints, part[None]))
    assert (partial["compared"], partial["left_out/size not known"], partial["known"]) == (1, 1, 17)
    with pytest.raises(ConfigError, match="norm"):
        Pck(norm="neck")
