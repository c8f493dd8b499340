"""Quality without truth: each measure against motions whose numbers are known, and clips cut in two."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import SIZE, extraction, extractions, track

from posecfg import skeletons
from posecfg.metrics.quality import DIGITS, LARGEST, SUMS, Quality
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Meaning

COCO = skeletons.load("coco17")
QUALITY = Quality()
FIGURE = np.random.default_rng(0).uniform((60, 10), (100, 90), (17, 2))


def film(*tracks, times=None, **changes):
    """Return an extraction of tracks, at ``times`` where they are not those of 30 frames a second."""
    source = extraction(*tracks)
    clock = source.clock if times is None else replace(source.clock, times=np.asarray(times, np.float64))
    return replace(source, clock=clock, **changes)


def figure(shift, missing=(), xyz=None):
    """Return a figure of 17 keypoints that is moved by ``shift`` (T, 2) px, or whose keypoints are (T, 17, 2)."""
    shift = np.asarray(shift, np.float64)
    one = track(len(shift), missing=missing)
    xy = (FIGURE + shift[:, None] if shift.ndim == 2 else shift).astype(np.float32)
    xy[list(missing)] = np.nan
    return replace(one, xy=xy, xyz=xyz)


def still(rows, **options):
    return figure(np.zeros((rows, 2)), **options)


def score(name, *tracks, **options):
    return QUALITY(film(*tracks, **options)).get(name)


def test_a_person_found_in_some_rows():
    found = QUALITY(film(still(8, missing=[0, 3]), replace(still(8, missing=range(4)), id=1)))
    assert found["detection_rate"] == 6 / 8
    assert found["people"] == 10 / 6
    assert found["score"] == pytest.approx(0.508)


def test_rows_that_no_detector_looked_at_count_for_nothing():
    seconds = np.array([0.1, np.nan, 0.1, np.nan, 0.1, 0.1], np.float32)
    assert score("detection_rate", still(6, missing=[1, 3, 4]), seconds=seconds) == 3 / 4


def test_rows_that_no_detector_looked_at_are_no_gaps_and_do_not_interrupt_a_motion():
    times = np.arange(24) / 30
    fall = np.stack([30 * times, 0.5 * 981 * times**2], axis=-1)
    skipped = [row for row in range(24) if row % 3]
    seconds = np.where(np.arange(24) % 3, np.nan, 0.1).astype(np.float32)
    one = figure(fall, missing=skipped)
    filled = replace(one, xy=figure(fall * 2).xy, made=~one.valid)
    filled.xy[::3] = one.xy[::3]
    for found in (QUALITY(film(each, seconds=seconds)) for each in (one, filled)):
        assert (found["gaps"], found["detection_rate"]) == (0, 1)
        assert found["jitter_px_s2"] == pytest.approx(981, rel=2e-3)
    lost = figure(fall, missing=[*skipped, 12])
    assert score("gaps", lost, seconds=seconds) == 1
    assert score("longest_gap_s", lost, seconds=seconds) == pytest.approx(0.1)


def test_nobody_is_a_rate_of_zero_and_no_rows_are_nothing():
    assert QUALITY(film(still(3, missing=range(3)))) == {"detection_rate": 0.0}
    assert QUALITY(extraction(rows=3)) == {"detection_rate": 0.0}
    assert QUALITY(extraction(rows=0)) == {}


def test_gaps_lie_between_found_rows_and_are_as_long_as_the_film_says():
    times = [0, 0.1, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    one = still(9, missing=[0, 2, 3, 6, 8])
    assert score("gaps", one, times=times) == 2
    assert score("longest_gap_s", one, times=times) == pytest.approx(0.4)  # from 0.2 to 0.6
    assert (score("gaps", still(9)), score("longest_gap_s", still(9))) == (0, 0)


@pytest.mark.parametrize("uneven", [False, True], ids=["even", "uneven"])
def test_a_thrown_ball_has_the_acceleration_of_gravity(uneven):
    times = np.cumsum(np.random.default_rng(1).uniform(0.01, 0.08, 40)) if uneven else np.arange(40) / 30
    fall = np.stack([30 * times, 0.5 * 981 * times**2], axis=-1)
    assert score("jitter_px_s2", figure(fall), times=times) == pytest.approx(981, rel=2e-3)
    line = np.stack([30 * times, -20 * times], axis=-1)
    assert score("jitter_px_s2", figure(line), times=times) == pytest.approx(0, abs=0.2)


def test_a_sine_has_the_acceleration_that_mathematics_says():
    times, wide, turn = np.arange(3000) / 300, 20, 2 * np.pi
    wave = figure(np.stack([wide * np.sin(turn * times), 0 * times], axis=-1))
    assert score("jitter_px_s2", wave, times=times) == pytest.approx(wide * turn**2 * 2 / np.pi, rel=0.01)


def test_acceleration_is_of_found_rows_that_follow_each_other():
    bend = np.zeros((9, 2))
    bend[4] = 500
    assert score("jitter_px_s2", figure(bend)) > 1e5
    assert score("jitter_px_s2", figure(bend, missing=[4])) == 0
    made = replace(figure(bend), valid=np.arange(9) != 4, made=np.arange(9) == 4)
    assert score("jitter_px_s2", made) == 0
    assert "jitter_px_s2" not in QUALITY(film(still(2)))


@pytest.mark.parametrize(("xyz", "told"), [("metres, hip-centred", True), ("shares of the hip", False), (None, False)])
def test_metres_are_told_where_the_model_gives_metres(xyz, told):
    times = np.arange(20) / 30
    fall = np.zeros((20, 17, 3), np.float32) + (0.5 * 9.81 * times**2)[:, None, None]
    one = replace(still(20, xyz=fall), meaning=Meaning(xyz=xyz))
    if told:
        assert score("jitter_m_s2", one) == pytest.approx(9.81 * np.sqrt(3), rel=1e-3)
    else:
        assert score("jitter_m_s2", one) is None


def test_bones_vary_by_their_standard_deviation_over_their_mean():
    stick = Skeleton("stick", ("left_end", "right_end", "loose"), (("left_end", "right_end"), ("right_end", "loose")))
    ends = np.zeros((4, 3, 2), np.float32)
    ends[:, 1, 0] = [9, 11, 9, 11]
    ends[:, 2] = np.nan
    one = replace(track(4, stick), xy=ends)
    assert score("bone_variation", one) == pytest.approx(0.1)
    whole = np.concatenate([ends, np.ones((4, 3, 1), np.float32)], axis=-1)
    whole[:, 1, 0] = 10
    assert score("bone_variation", replace(one, xyz=whole)) == 0
    grown = figure(FIGURE[None] * np.array([0.8, 1.2])[:, None, None])
    assert score("bone_variation", grown) == pytest.approx(0.2, rel=1e-5)


def test_exchanged_sides_are_counted_where_they_change():
    walk = FIGURE + np.arange(20)[:, None, None] * [1.0, 0.5]
    assert score("swaps", figure(walk)) == 0
    turned = walk.copy()
    turned[7] = turned[7][list(COCO.swaps)]
    turned[12:] = turned[12:][:, list(COCO.swaps)]
    assert score("swaps", figure(turned)) == 3  # there, back, and there for good
    shaky = (FIGURE + FIGURE[list(COCO.swaps)]) / 2 + np.random.default_rng(2).normal(0, 0.5, (20, 17, 2))
    assert score("swaps", figure(shaky)) == 0, "two sides that lie on each other cannot be told apart"


def test_keypoints_outside_the_picture_are_a_share_of_those_found():
    places = np.full((2, 17, 2), 50.0)
    places[0, :3] = [-1, 50], [SIZE[0] + 1, 50], [50, SIZE[1] + 0.5]
    places[1, 0], places[1, 1], places[1, 2] = [0, 0], SIZE, [np.nan, np.nan]
    assert score("out_of_frame", figure(places)) == 3 / 33


def test_unrelated_pictures_have_no_motion():
    source = film(still(5, missing=[2]))
    found = QUALITY(replace(source, clip=replace(source.clip, independent=True)))
    assert found.keys() == {"detection_rate", "people", "score", "out_of_frame"}


def test_a_skeleton_without_sides_and_bones_is_measured_all_the_same():
    found = QUALITY(film(track(5, Skeleton("dot", ("nose",)))))
    assert not {"swaps", "bone_variation"} & found.keys()
    assert found["jitter_px_s2"] == pytest.approx(0, abs=1e-3)


@st.composite
def pairs(draw):
    """Draw a motion of one person with holes, and the row at which it is cut."""
    rows = draw(st.integers(2, 12))
    shift = draw(st.lists(st.tuples(*[st.integers(-50, 50)] * 2), min_size=rows, max_size=rows))
    return figure(np.array(shift), missing=draw(st.sets(st.integers(0, rows - 1)))), draw(st.integers(1, rows - 1))


def part(whole, rows):
    names = ("xy", "scores", "boxes", "box_scores", "valid", "made")
    return replace(whole, **{name: getattr(whole, name)[rows] for name in names})


@given(pairs())
def test_halves_of_a_film_make_the_whole(drawn):
    whole, cut = drawn
    halves = [QUALITY.partial(film(part(whole, rows))) for rows in (slice(cut), slice(cut, None))]
    once, twice = QUALITY.partial(film(whole)), QUALITY.reduce(halves)
    for name in ("rows", "found", "persons", "points", "score", "out_of_frame"):
        assert once.get(name, 0) == pytest.approx(twice.get(name, 0), rel=10 ** -(DIGITS - 1)), name
    for name in ("gaps", "longest_gap", "swaps", "swap_rows", "jitters_px"):
        assert twice.get(name, 0) <= once.get(name, 0) + 1e-9, name
    for name in ("detection_rate", "people", "score", "out_of_frame"):
        assert QUALITY.scores(once).get(name) == pytest.approx(QUALITY.scores(twice).get(name)), name


@given(st.lists(pairs(), min_size=3, max_size=3))
def test_the_order_and_the_grouping_of_clips_do_not_matter(drawn):
    one, two, three = (QUALITY.partial(film(whole)) for whole, _ in drawn)
    reduce = QUALITY.reduce
    expected = reduce([one, two, three])
    for found in (reduce([three, one, two]), reduce([reduce([one, two]), three]), reduce([{}, expected])):
        assert found == pytest.approx(expected)
    for name in LARGEST:
        assert expected.get(name, 0) == max(one.get(name, 0), two.get(name, 0), three.get(name, 0))


def test_rows_at_the_same_time_and_next_to_it_tell_no_acceleration():
    shift = [(0, 0), (5, 0), (0, 0), (5, 0)]
    assert score("jitter_px_s2", figure(shift), times=[0, 1e-177, 1, 1]) is None
    assert score("jitter_px_s2", figure(shift), times=[0, 0.5, 1, 1 + 1e-12]) == pytest.approx(40)


@given(extractions())
def test_whatever_was_found_gives_finite_numbers(source):
    sane = [replace(t, **{n: np.clip(np.nan_to_num(getattr(t, n), posinf=9, neginf=-9), -1e9, 1e9) for n in ("xy",)})
            for t in source.tracks]  # fmt: skip
    sane = [replace(one, scores=np.clip(np.nan_to_num(one.scores), -9, 9), xyz=None, source=None) for one in sane]
    times = np.sort(source.clock.times)
    partial = QUALITY.partial(replace(source, tracks=tuple(sane), clock=replace(source.clock, times=times)))
    json.dumps(QUALITY.scores(partial), allow_nan=False)
    assert json.loads(json.dumps(partial, allow_nan=False)) == partial
    assert 0 not in partial.values()


def test_a_mean_of_means_would_be_another_number():
    long, short = film(still(90)), film(still(10, missing=range(10)))
    together = QUALITY.scores(QUALITY.reduce([QUALITY.partial(long), QUALITY.partial(short)]))
    assert together["detection_rate"] == 0.9


def test_the_motion_from_one_person_to_another_is_none():
    both = figure([(0, 0)] * 6 + [(300, 50)] * 6, missing=[4, 5])
    apart = QUALITY(film(replace(both, breaks=(6,))))
    assert (apart["jitter_px_s2"], apart["gaps"], apart["swaps"]) == (0, 0, 0)
    together = figure([(0, 0)] * 6 + [(300, 50)] * 6)
    assert score("jitter_px_s2", replace(together, breaks=(6,))) == 0 < score("jitter_px_s2", together)


partials = st.dictionaries(st.sampled_from([*SUMS, "another"]), st.integers(0, 10**6) | st.floats(0, 1e9), max_size=9)


@given(st.lists(partials, max_size=8))
def test_many_clips_at_once_have_the_scores_and_sums_of_each(many):
    metric = Quality()
    columns = metric.columns(many)
    scores = metric.all_scores(columns)
    for number, partial in enumerate(many):
        found = {name: values[number] for name, values in scores.items() if np.isfinite(values[number])}
        assert found == metric.scores(partial)
    together = {name: value for name, value in metric.total(columns).items() if value}
    assert together == {name: value for name, value in metric.reduce(many).items() if value and name in SUMS}
