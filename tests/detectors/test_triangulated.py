"""Points in space from several cameras: known ones come back, wrong views are left out, times are the films' own."""

from __future__ import annotations

import json
from itertools import combinations

import manyviews
import numpy as np
import pytest
from stills import Stills

import posecfg
from posecfg.commands import program
from posecfg.datasets.views import Views
from posecfg.detectors.moments import matched
from posecfg.detectors.triangulated import Triangulated, turned
from posecfg.detectors.triangulation import triangulated
from posecfg.errors import ClipError, ConfigError, UsageError
from posecfg.types import Clip
from posecfg.types.projection import seen

CAMERAS = list(manyviews.ring(lens=(-0.05, 0.02, 0, 0, 0)).values())


def looked(noise=0.0, rows=5, seed=0):
    """Return true points (N, 3), and what four cameras saw of them."""
    points = manyviews.person(np.arange(rows) / 30).reshape(-1, 3)
    pixels = np.stack([seen(points, one) for one in CAMERAS])
    return points, pixels + np.random.default_rng(seed).normal(0, 1, pixels.shape) * noise


def test_what_cameras_saw_exactly_comes_back_exactly():
    points, pixels = looked()
    found = triangulated(CAMERAS, pixels, np.ones(pixels.shape[:2]), 0.3, 15, 2)
    np.testing.assert_allclose(found.points, points, atol=1e-6)
    assert found.used.all()
    assert np.nanmax(found.apart) < 1e-3


def test_a_camera_that_saw_something_else_is_left_out_and_told():
    points, pixels = looked(noise=0.5)
    chance = np.random.default_rng(1)
    wrong = chance.integers(0, 4, len(points))
    pixels[wrong, np.arange(len(points))] += chance.choice([-1, 1], (len(points), 2)) * 200
    found = triangulated(CAMERAS, pixels, np.ones(pixels.shape[:2]), 0.3, 15, 2)
    assert not found.used[wrong, np.arange(len(points))].any()
    assert (found.used.sum(axis=0) == 3).all()
    assert np.linalg.norm(found.points - points, axis=1).max() < 0.02
    assert (found.apart[wrong, np.arange(len(points))] > 100).all()


def test_low_scores_and_missing_points_count_for_nothing():
    points, pixels = looked()
    scores = np.ones(pixels.shape[:2])
    pixels[0], scores[0] = 5, 0.1
    pixels[1, :10] = np.nan
    pixels[2, 0] = np.nan
    found = triangulated(CAMERAS, pixels, scores, 0.3, 15, 2)
    assert not found.used[0].any()
    assert np.isnan(found.points[0]).all()
    np.testing.assert_allclose(found.points[1:], points[1:], atol=1e-6)
    three = triangulated(CAMERAS, pixels, scores, 0.3, 15, 3)
    assert np.isnan(three.points[:10]).all()
    assert np.isfinite(three.points[10:]).all()


def test_cameras_that_never_agree_give_no_point():
    _, pixels = looked()
    pixels += np.random.default_rng(2).uniform(-300, 300, pixels.shape)
    found = triangulated(CAMERAS, pixels, np.ones(pixels.shape[:2]), 0.3, 1, 2)
    assert np.isnan(found.points).any()
    assert not found.used[:, np.isnan(found.points[:, 0])].any()


def brute(pixels, scores, max_error):
    """The same by another way: one point after the other, matrices of OpenCV's kind, in pixels without a lens."""
    matrices = [one.matrix @ np.c_[one.rotation, one.translation] for one in CAMERAS]
    for left_out in range(3):
        best = (np.inf, None)
        for chosen in combinations(range(4), 4 - left_out):
            rows = []
            for c in chosen:
                rows += [scores[c] * (matrices[c][0] - pixels[c, 0] * matrices[c][2])]
                rows += [scores[c] * (matrices[c][1] - pixels[c, 1] * matrices[c][2])]
            point = np.linalg.svd(np.array(rows))[2][3]
            places = [m @ (point / point[3]) for m in matrices]
            error = np.mean([np.linalg.norm(places[c][:2] / places[c][2] - pixels[c]) for c in chosen])
            best = min(best, (error, tuple(point[:3] / point[3])))
        if best[0] <= max_error:
            return np.array(best[1])
    return np.full(3, np.nan)


def test_points_are_those_of_another_way_to_compute_them(monkeypatch):
    plain = list(manyviews.ring(lens=(0, 0, 0, 0, 0)).values())
    monkeypatch.setattr(f"{__name__}.CAMERAS", plain)
    _, pixels = looked(noise=6, rows=3)
    pixels[2, ::3] += 80
    scores = np.random.default_rng(3).uniform(0.3, 1, pixels.shape[:2])
    found = triangulated(plain, pixels, scores, 0.3, 15, 2)
    wanted = np.array([brute(pixels[:, n], scores[:, n], 15) for n in range(pixels.shape[1])])
    assert np.isfinite(wanted).all(axis=1).mean() > 0.5
    np.testing.assert_allclose(found.points, wanted, atol=1e-6)


@pytest.mark.parametrize("up", ["x", "y", "z", "-x", "-y", "-z"])
def test_worlds_are_turned_so_that_y_points_down(up):
    axis, sign = "xyz".index(up[-1]), -1 if up.startswith("-") else 1
    above = np.zeros((1, 3))
    above[0, axis] = sign
    assert turned(above, up).tolist() == [[0, -1, 0]]
    basis = np.stack([turned(row[None], up)[0] for row in np.eye(3)])
    assert np.linalg.det(basis) == pytest.approx(1)


def clip_of(folder, cameras=None, calibration=None, **changes):
    """Write results of films, and return their one moment; ``changes`` are times by camera."""
    cameras = cameras or manyviews.ring()
    usual = np.arange(8) / 30
    for name, camera in cameras.items():
        manyviews.written(folder / "run", manyviews.result(camera, changes.get(name, usual), f"walk_{name}"))
    path = calibration or manyviews.toml(folder / "Calib.toml", cameras)
    (clip,) = Views(str(folder / "run"), path).scan().clips
    return clip


def test_the_person_is_where_it_was_in_metres(tmp_path):
    clip, detector = clip_of(tmp_path), Triangulated()
    rows = list(detector([Stills(np.zeros((8, 4, 4, 3), np.uint8))], clip))
    points = manyviews.person(np.arange(8) / 30)
    for poses, known in zip(rows, points, strict=True):
        np.testing.assert_allclose(poses.xyz[0], np.stack([known[:, 0], -known[:, 2], known[:, 1]], axis=1), atol=1e-3)
        np.testing.assert_allclose(poses.xy[0], seen(known, manyviews.ring()["cam01"]), atol=0.05)
    told = detector.notes["reprojection"]
    assert told["px"] < 0.01
    assert told["triangulated"] == 1
    assert told["by_camera"].keys() == {"cam01", "cam02", "cam03", "cam04"}
    camera = manyviews.ring()["cam01"]
    (first, *_) = Triangulated(space="camera")([Stills(np.zeros((8, 4, 4, 3), np.uint8))], clip)
    np.testing.assert_allclose(first.xyz[0], points[0] @ camera.rotation.T + camera.translation, atol=1e-3)
    assert "camera cam01" in first.meaning.xyz


def test_rows_of_views_meet_at_their_true_times(tmp_path):
    """Two rates, one of them uneven, and a later start: a row between two others lies on the line between them."""
    uneven = np.linspace(0, 7 / 30, 20)
    uneven[1:-1] += np.random.default_rng(4).uniform(-0.003, 0.003, 18)
    clip = clip_of(tmp_path, cam02=np.arange(15) / 60, cam03=uneven, cam04=np.arange(15) / 60 + 100)
    moments = matched(clip.scene)
    assert moments.xy.shape == (4, 8, 17, 2)
    points = manyviews.person(np.arange(8) / 30)
    for row, name in enumerate(("cam01", "cam02", "cam03")):
        np.testing.assert_allclose(moments.xy[row], seen(points, manyviews.ring()[name]), atol=0.5)
    assert np.isfinite(moments.xy).all()


def test_a_gap_of_one_view_is_not_filled(tmp_path):
    gap = np.concatenate([np.arange(4), np.arange(10, 16)]) / 60
    moments = matched(clip_of(tmp_path, cam02=gap).scene)
    lost = np.isnan(moments.xy[1]).all(axis=(1, 2))
    assert lost.tolist() == [False, False, True, True, True, False, False, False]
    assert (moments.scores[1, lost] == 0).all()


def test_views_that_do_not_belong_together_are_sentences(tmp_path):
    with pytest.raises(ClipError, match=r"cam01 lasts 0.233 s and cam02 3.300 s.*type dataset.tolerance=3.2"):
        matched(clip_of(tmp_path / "a", cam02=np.arange(100) / 30).scene)
    scene = clip_of(tmp_path / "b").scene
    manyviews.written(
        tmp_path / "b/run", manyviews.result(manyviews.ring()["cam03"], np.arange(8) / 30, "walk_cam03", people=2)
    )
    with pytest.raises(ClipError, match=r"cam03 has 2 people, and nothing tells who is who .*persons=best"):
        matched(scene)
    with pytest.raises(ClipError, match="'a' is no moment that several cameras saw: type posecfg triangulate FOLDER"):
        list(Triangulated()([Stills(np.zeros((1, 4, 4, 3), np.uint8))], Clip("a", tmp_path)))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"score_thr": -1}, "Expected score_thr to be a score from 0 on"),
        ({"max_error": 0}, "Expected max_error to be px above 0"),
        ({"least": 1}, "Expected least to be at least 2 cameras"),
        ({"space": "moon"}, "Expected space to be world or camera"),
    ],
)
def test_a_wrong_setting_is_one_sentence(words, says):
    with pytest.raises(ConfigError, match=says):
        Triangulated(**words)


def test_more_cameras_than_there_are_can_not_be_asked_for(tmp_path):
    """Else no keypoint would have a point, and the clip would look as if nobody were in it."""
    (clip,) = Views(**manyviews.run_of(tmp_path, count=3)).scan().clips
    pictures = [Stills(np.zeros((6, 4, 4, 3), np.uint8))]
    assert len(list(Triangulated(least=3)(pictures, clip))) == 6
    with pytest.raises(
        ClipError, match=r"Expected detector\.least to be at most 3, the cameras that saw 'walk', but got 4"
    ):
        list(Triangulated(least=4)(pictures, clip))


def test_the_verb_is_a_run_that_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = manyviews.run_of(tmp_path, count=4)
    typed = ["triangulate", words["path"], f"dataset.calibration={words['calibration']}", "output_dir=out", "--json"]
    assert program.dispatch(typed) == 0
    (track,) = posecfg.load(tmp_path / "out/walk.npz").tracks
    known = manyviews.person(np.arange(6) / 30)
    np.testing.assert_allclose(track.xyz, np.stack([known[..., 0], -known[..., 2], known[..., 1]], axis=-1), atol=1e-3)
    # OpenSim's axes: x, y up and z are y, z and x of this world.
    rows = (tmp_path / "out/walk.trc").read_text().splitlines()[6:]
    np.testing.assert_allclose(np.array(rows[0].split("\t")[2:5], float), known[0, 0, [1, 2, 0]], atol=1e-3)
    told = json.loads(capsys.readouterr().out)["reprojection"]["walk"]
    assert told["px"] < 0.01
    assert sorted(told["by_camera"]) == ["cam01", "cam02", "cam03", "cam04"]
    before = (tmp_path / "out/walk.npz").stat().st_mtime_ns
    assert program.dispatch(typed[:-1]) == 0
    assert "reprojection  walk: 0.00 px (cam01 0.0, cam02 0.0, " in capsys.readouterr().out
    assert (tmp_path / "out/walk.npz").stat().st_mtime_ns == before
    with pytest.raises(UsageError, match=r"posecfg triangulate FOLDER dataset\.calibration=FILE"):
        program.dispatch(["triangulate", words["path"]])
