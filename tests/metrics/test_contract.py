"""What every metric keeps to, built from its YAML."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track
from yaml_options import params

from posecfg.metrics import sums
from posecfg.runs.measured import Counts
from posecfg.store import packed
from posecfg.synthetic.truth import FigureTruth
from posecfg.types import Meaning, Truth

METRICS = params("metric")
# The score of poses that are those of the truth, where it is not 1.
BEST = {name: 0.0 for name in ("epe_px", "mpjpe_mm", "n_mpjpe_mm", "p_mpjpe_mm", "mpjve_mm")}
# No joint is nearer than the first of 31 limits, which is 0.
BEST["auc3d"] = 30 / 31


def figures(rows=6):
    """Return two figures as a detector would give them, and as they are known."""
    source = extraction(track(rows), track(rows, person=1))
    truth = FigureTruth(3, 2)(source.clock)
    meaning = Meaning(xyz="metres, x right, y down")
    known = zip(source.tracks, truth.xy, truth.xyz, strict=True)
    found = [replace(one, xy=xy, xyz=xyz, meaning=meaning) for one, xy, xyz in known]
    return replace(source, tracks=tuple(found)), truth


@pytest.fixture(params=METRICS)
def option(request):
    return request.param


def test_the_truth_itself_scores_best(option):
    source, truth = figures()
    scores = option.build()(source, truth)
    assert scores
    assert scores == pytest.approx({name: BEST.get(name, 1.0) for name in scores}, abs=1e-6)
    moved = replace(source, tracks=tuple(replace(one, xy=one.xy + 50) for one in source.tracks))
    assert option.build()(moved, truth) != scores


def test_the_order_of_people_does_not_matter(option):
    source, truth = figures()
    turned = replace(source, tracks=source.tracks[::-1])
    assert option.build()(turned, truth) == option.build()(source, truth)


def test_partials_are_numbers_and_several_of_one_clip_score_as_one(option):
    if not option.part().facts.combines:
        pytest.skip("it does not say how clips combine")
    source, truth = figures()
    metric = option.build()
    partial = metric.partial(source, truth)
    numbers = {name: packed.pack(one) if isinstance(one, np.ndarray) else one for name, one in partial.items()}
    json.dumps(numbers, allow_nan=False)
    assert metric.scores(partial) == metric(source, truth)
    assert metric.scores(metric.reduce([partial, {}, partial])) == pytest.approx(metric(source, truth))
    assert metric.scores(metric.reduce([])) == metric.scores({}) == {}
    lost = metric.partial(replace(source, tracks=()), truth)
    assert metric.scores(metric.reduce([partial, lost])) == metric.scores(metric.reduce([lost, partial]))


def test_each_keypoint_has_the_scores_of_its_own(option):
    if not option.part().facts.jointed:
        pytest.skip("it cannot be asked for each keypoint")
    source, truth = figures()
    metric = option.build()
    first = source.tracks[0]
    away, deep = first.xy.copy(), first.xyz.copy()
    away[:, 9] += 30
    deep[:, 9] += 0.2
    moved = replace(source, tracks=(replace(first, xy=away, xyz=deep), *source.tracks[1:]))
    best, found = (metric.joints(metric.partial(one, truth)) for one in (source, moved))
    assert best.keys() == found.keys() == set(truth.keypoints)
    changed = {joint: abs(sum(found[joint].values()) - sum(best[joint].values())) for joint in found}
    assert max(changed, key=changed.get) == "left_wrist"
    assert metric.joints({}) == {}


def test_each_keypoint_tells_how_many_it_is_of_and_how_many_were_left_out(option):
    if not option.part().facts.jointed:
        pytest.skip("it cannot be asked for each keypoint")
    source, truth = figures()
    xy, xyz = truth.xy.copy(), truth.xyz.copy()
    xy[0, :2, 3], xyz[0, :2, 3] = np.nan, np.nan
    known = replace(truth, xy=xy, xyz=xyz)
    first = source.tracks[0]
    away, deep = first.xy.copy(), first.xyz.copy()
    away[1, 5], deep[1, 5] = np.nan, np.nan
    away[4], deep[4] = np.nan, np.nan
    partial = option.build().partial(replace(source, tracks=(replace(first, xy=away, xyz=deep),)), known)
    told = {joint: Counts.of(one) for joint, one in sums.of_joint(partial).items()}
    there = dict(zip(truth.keypoints, np.isfinite(xyz[..., 0]).sum(axis=(0, 1)).tolist(), strict=True))
    assert {joint: one.compared + sum(one.left_out.values()) for joint, one in told.items()} == there
    scored = option.build().joints(partial)
    assert {joint for joint, one in told.items() if one.compared} == set(scored)
    assert told["left_ear"].compared < told["nose"].compared
    assert told["left_shoulder"].compared <= told["nose"].compared
    assert sums.of_joint({"right/nose": 3, "compared": 4}) == {}


def test_scores_are_numbers_by_name_whatever_was_found(option):
    source, truth = figures()
    unknown = Truth(truth.keypoints, np.full_like(truth.xy, np.nan))
    nobody = Truth(truth.keypoints, truth.xy[:0])
    lost = replace(source.tracks[0], xy=np.full_like(source.tracks[0].xy, np.nan))
    metric = option.build()
    for one in (source, replace(source, tracks=()), replace(source, tracks=(lost,))):
        for known in (truth, unknown, nobody):
            scores = metric(one, known)
            assert all(type(value) is float for value in scores.values())
            json.dumps(scores, allow_nan=False)
            assert metric(one, known) == scores
