"""Smoothing: what it must leave, what it takes out, and what SciPy says of the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from samples import DOT, clock, track
from whole_runs import go, job_of

from posecfg import backends
from posecfg.errors import BackendMissing, ClipError, ConfigError
from posecfg.pipeline import provenance
from posecfg.refine.smooth import METHODS, WITH_SCIPY, Smooth
from posecfg.runs import preflight

needs_scipy = pytest.mark.skipif(not backends.present("scipy"), reason="scipy is not installed")
EACH = [pytest.param(name, marks=needs_scipy if name in WITH_SCIPY else ()) for name in METHODS]
LATE = [one for one in EACH if one.values[0] != "one_euro"]
ARRAYS = ("xy", "scores", "boxes", "box_scores", "xyz", "depth")


def moving(x, y=None, missing=()):
    """Return a track of one keypoint at (x, y) px; rows ``missing`` have no person."""
    one = track(len(x), DOT, missing=missing)
    xy = np.stack([x, np.zeros(len(x)) if y is None else y], axis=-1)[:, None].astype(np.float32)
    xy[list(missing)] = np.nan
    return replace(one, xy=xy)


def at(times, fps=30.0):
    return replace(clock(len(times), fps), times=np.asarray(times, np.float64))


def smoothed(method, x, times, missing=(), **arguments):
    return Smooth(method, **arguments)(moving(x, missing=missing), at(times)).xy[:, 0, 0]


def uneven(rows, seed=1):
    steps = np.random.default_rng(seed).choice([1, 1, 1, 2, 3], rows - 1) / 30
    return np.concatenate([[0], np.cumsum(steps)])


@pytest.mark.parametrize("method", EACH)
@pytest.mark.parametrize("times", [np.arange(40) / 30, uneven(40)], ids=["even", "uneven"])
def test_what_stands_still_stays_where_it_is(method, times):
    assert smoothed(method, np.full(40, 123.25), times, missing=[3, 4]).tolist() == pytest.approx(
        [np.nan if row in (3, 4) else 123.25 for row in range(40)], nan_ok=True
    )


@pytest.mark.parametrize("method", LATE)
@pytest.mark.parametrize("rows", [2, 3, 4, 7, 50])
@pytest.mark.parametrize("shift", [0, 0.3], ids=["even", "uneven"])
def test_a_straight_motion_stays_as_it_is(method, rows, shift):
    times = np.arange(rows) / 30 + shift * (np.arange(rows) % 3 == 1) / 30
    np.testing.assert_allclose(smoothed(method, 5 + 40 * times, times), 5 + 40 * times, atol=2e-5)


@pytest.mark.parametrize("method", EACH)
def test_noise_is_taken_out(method):
    times = np.arange(300) / 60
    noise = np.random.default_rng(3).normal(size=300)
    found = smoothed(method, 100 + noise, times, beta=0.01)
    assert found.std() < 0.65 * noise.std()
    assert np.abs(np.diff(found, 2)).mean() < 0.35 * np.abs(np.diff(noise, 2)).mean()


@needs_scipy
@pytest.mark.parametrize("frequency", [1, 2, 6, 12, 20])
def test_butterworth_leaves_of_a_sine_what_the_formula_says(frequency):
    """Both ways of a second order leave 1 / (1 + (f / f0)^4) of an amplitude, where f is the tangent of its Hz."""
    times, rate = np.arange(1200) / 120, 120
    warp = np.tan(np.pi * frequency / rate) / np.tan(np.pi * 6 / rate)
    formula = 1 / (1 + (np.sqrt(2) - 1) * warp**4)
    found = smoothed("butterworth", np.sin(2 * np.pi * frequency * times), times)[300:900]
    assert found.std() * np.sqrt(2) == pytest.approx(formula, abs=2e-3)


@needs_scipy
@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_butterworth_cuts_where_it_is_told_to_whatever_its_order(order):
    times = np.arange(1200) / 120
    found = smoothed("butterworth", np.sin(2 * np.pi * 6 * times), times, order=order)[300:900]
    assert np.ptp(found) / 2 == pytest.approx(np.sqrt(0.5), abs=2e-3)


@pytest.mark.parametrize("method", LATE)
def test_a_slow_sine_keeps_its_height_and_its_time_at_any_times(method):
    times = uneven(400)
    wave = 50 * np.sin(2 * np.pi * 0.5 * times)
    np.testing.assert_allclose(smoothed(method, wave, times)[20:-20], wave[20:-20], atol=2.5)


def test_one_euro_follows_a_fast_motion_closer_than_a_slow_cutoff_alone():
    times = np.arange(90) / 30
    wave = np.where(times < 1.5, 0, 300 * (times - 1.5))
    late = [np.abs(smoothed("one_euro", wave, times, beta=beta) - wave).max() for beta in (0, 5)]
    assert late[1] < late[0] / 3


def test_one_euro_is_the_filter_of_the_paper():
    """Hold it against the pseudocode of Casiez and others (2012), written down a second time."""
    times, values = uneven(50), np.random.default_rng(5).normal(100, 5, 50)
    was, speed, expected = values[0], 0.0, [values[0]]
    for step, value in zip(np.diff(times), values[1:], strict=True):
        share = step / (step + 1 / (2 * np.pi))
        speed = share * (value - was) / step + (1 - share) * speed
        share = step / (step + 1 / (2 * np.pi * (1.5 + 0.01 * abs(speed))))
        was = share * value + (1 - share) * was
        expected.append(was)
    found = smoothed("one_euro", values.astype(np.float32), times, min_cutoff=1.5, beta=0.01)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_median_takes_single_slips_out():
    x = np.arange(30.0)
    slipped = x.copy()
    slipped[[7, 20]] += 500
    found = smoothed("median", slipped, np.arange(30) / 30, window=0.1)
    np.testing.assert_allclose(found, x, atol=1.001)
    assert found[0] == x[0]


@needs_scipy
def test_scipy_itself_says_the_same_at_even_times():
    from scipy import signal

    x = np.cumsum(np.random.default_rng(7).normal(size=400))
    times = np.arange(400) / 50
    corrected = np.arctan(np.tan(np.pi * 6 / 50) / (np.sqrt(2) - 1) ** 0.25) / np.pi * 2
    low = signal.filtfilt(*signal.butter(2, corrected), x)
    np.testing.assert_allclose(smoothed("butterworth", x, times)[60:-60], low[60:-60], atol=1e-4)
    fitted = signal.savgol_filter(x, 13, 3)
    np.testing.assert_allclose(smoothed("savitzky_golay", x, times, window=0.27, degree=3), fitted, atol=1e-5)
    middle = signal.medfilt(x, 5)
    np.testing.assert_allclose(smoothed("median", x, times, window=0.1)[2:-2], middle[2:-2], atol=1e-5)


@needs_scipy
def test_times_in_whole_milliseconds_are_even():
    x = np.random.default_rng(7).normal(size=100)
    rounded = np.round(np.arange(100) / 30, 3)
    np.testing.assert_allclose(
        smoothed("butterworth", x, rounded), smoothed("butterworth", x, np.arange(100) / 30), atol=1e-4
    )


@pytest.mark.parametrize("method", EACH)
def test_before_and_after_a_long_gap_are_smoothed_apart(method):
    x = np.random.default_rng(2).normal(100, 5, 60)
    times, gone = np.arange(60) / 30, range(25, 34)  # 0.3 s
    found = smoothed(method, x, times, missing=gone)
    for part in (slice(0, 25), slice(34, 60)):
        np.testing.assert_array_equal(found[part], smoothed(method, x[part], times[part]))
    near = smoothed(method, x, times, missing=gone, gap=0.31)
    assert np.isnan(near[25:34]).all()
    if method != "median":
        assert (near[34:37] != found[34:37]).any()


@pytest.mark.parametrize("method", EACH)
def test_a_hole_in_the_times_is_a_gap_too(method):
    x = np.random.default_rng(2).normal(100, 5, 60)
    times = np.arange(60) / 30 + 5 * (np.arange(60) >= 30)
    found = smoothed(method, x, times)
    np.testing.assert_array_equal(found[30:], smoothed(method, x[30:], times[30:]))


@pytest.mark.parametrize("method", EACH)
def test_points_in_space_are_smoothed_and_the_rest_is_left(method):
    generator = np.random.default_rng(4)
    given_track = track(30, missing=[4], xyz=True, depth=True)
    noisy = {n: getattr(given_track, n) + generator.normal(size=getattr(given_track, n).shape) for n in ARRAYS}
    given_track = replace(given_track, **{name: values.astype(np.float32) for name, values in noisy.items()})
    found = Smooth(method)(given_track, clock(30))
    for name in ("xy", "xyz", "depth"):
        assert (getattr(found, name) != getattr(given_track, name))[given_track.valid].any()
        np.testing.assert_array_equal(np.isnan(getattr(found, name)), np.isnan(getattr(given_track, name)))
    for name in ("scores", "boxes", "box_scores", "valid", "made"):
        np.testing.assert_array_equal(getattr(found, name), getattr(given_track, name))


@st.composite
def holed(draw):
    """Draw a track with holes in single keypoints and whole rows, and times of any rhythm."""
    rows, points = draw(st.integers(1, 14)), 17
    places = st.floats(-1e6, 1e6, width=32) | st.just(np.nan)
    one = track(rows, missing=draw(st.sets(st.integers(0, rows - 1))), depth=True)
    xy = draw(hnp.arrays(np.float32, (rows, points, 2), elements=places, fill=st.floats(-100, 100, width=32)))
    xy[~one.valid] = np.nan
    steps = draw(hnp.arrays(np.float64, rows, elements=st.sampled_from([0.0, 0.01, 1 / 30, 0.04, 0.5])))
    made = ~one.valid & draw(hnp.arrays(np.bool_, rows))
    return replace(one, xy=xy, made=made), at(np.cumsum(steps))


@pytest.mark.parametrize("method", EACH)
@given(holed(), st.permutations(range(17)), st.sampled_from([0, 0.1, 1]))
def test_nothing_is_made_up_or_lost_and_keypoints_do_not_mix(method, drawn, order, gap):
    given_track, times = drawn
    smooth = Smooth(method, gap, cutoff=0.9)
    found = smooth(given_track, times)
    for name in ("xy", "depth"):
        np.testing.assert_array_equal(np.isfinite(getattr(found, name)), np.isfinite(getattr(given_track, name)))
    np.testing.assert_array_equal(found.valid, given_track.valid)
    np.testing.assert_array_equal(found.made, given_track.made)
    turned = replace(given_track, xy=given_track.xy[:, list(order)])
    np.testing.assert_allclose(smooth(turned, times).xy, found.xy[:, list(order)], rtol=1e-5, atol=1e-2)


@needs_scipy
def test_a_cutoff_that_the_rows_cannot_show_fails_the_clip():
    with pytest.raises(ClipError, match=r"Expected a cutoff below 5 Hz, half of the rows a second, but got 6: type"):
        smoothed("butterworth", np.arange(20.0), np.arange(20) / 10)


@pytest.mark.parametrize("wrong", [
    {"method": "kalman"}, {"cutoff": 0}, {"cutoff": "6"}, {"order": 3}, {"order": True}, {"window": -1},
    {"degree": 0}, {"degree": 2.5}, {"gap": float("nan")}, {"min_cutoff": 0}, {"beta": -1}, {"beta": True},
], ids=str)  # fmt: skip
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ConfigError, match=f"Expected {next(iter(wrong))} to be"):
        Smooth(**{"method": "median"} | wrong)


def test_without_scipy_it_says_what_to_type_and_the_others_work(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    for method in METHODS:
        if method in WITH_SCIPY:
            with pytest.raises(
                BackendMissing, match=rf"{method} needs the package 'scipy'.*pip install 'posecfg\[smooth\]'"
            ):
                Smooth(method)
        else:
            Smooth(method)


def test_a_run_is_refused_before_it_starts_where_scipy_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: module != "scipy")
    (problem,) = preflight.problems(job_of(tmp_path, "refine=[fill,smooth]"))
    assert str(problem).startswith("refine.smooth: method=butterworth needs the package 'scipy'")
    assert preflight.problems(job_of(tmp_path, "refine=[smooth]", "refine.smooth.method=one_euro")) == []


@needs_scipy
def test_a_run_fills_and_smooths_and_records_the_version_of_scipy(tmp_path):
    report = go(tmp_path / "out", "refine=[fill,smooth]", "detector.noise=2", "detector.miss=0.3")
    assert (report.exit_code, report.done) == (0, 3)
    config = job_of(tmp_path, "refine=[fill,smooth]").config
    assert "scipy" in provenance.versions(config)
    plain = np.load(sorted((tmp_path / "out").glob("*.npy"))[0])
    assert np.isfinite(plain).all()


@pytest.mark.parametrize("method", EACH)
def test_two_people_in_one_track_are_smoothed_apart(method):
    draw = np.random.default_rng(4)
    x = np.concatenate([draw.normal(50, 5, 20), draw.normal(150, 15, 20)])
    y = np.concatenate([draw.normal(20, 5, 20), draw.normal(90, 15, 20)])
    both, times = moving(x, y), np.arange(40) / 30
    found = Smooth(method)(replace(both, breaks=(20,)), at(times)).xy
    for part in (slice(0, 20), slice(20, 40)):
        np.testing.assert_array_equal(found[part], Smooth(method)(moving(x[part], y[part]), at(times[part])).xy)
    assert not np.array_equal(Smooth(method)(both, at(times)).xy, found)
