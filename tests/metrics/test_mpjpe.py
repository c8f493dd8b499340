"""Errors in space on known answers, and superposition against SciPy's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg.errors import ClipError, ConfigError
from posecfg.metrics.alignment import scaled, superimposed
from posecfg.metrics.mpjpe import Mpjpe
from posecfg.types import Camera, Clip, Meaning, Truth

METRES = Meaning(xyz="metres, origin pelvis, x to the right of the image, y down, z away from the camera")


@pytest.fixture
def points():
    """Return five random poses (1, 5, 17, 3) of a metre or two."""
    return np.random.default_rng(4).normal(0, 0.6, (1, 5, 17, 3))


def poses(points, **more):
    one = track(points.shape[1], xyz=True, meaning=METRES)
    return extraction(replace(one, xyz=points[0].astype(np.float32), **more))


def known(points, space="root", **more):
    one = track(points.shape[1])
    return Truth(one.skeleton.keypoints, one.xy[None], xyz=points.astype(np.float32), space=space, **more)


def turn(angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def test_a_joint_that_is_off_is_off_by_its_distance(points):
    moved = points.copy()
    moved[0, :, 9] += [0.03, 0.04, 0]
    metric = Mpjpe()
    partial = metric.partial(poses(moved), known(points))
    scores = metric.scores(partial)
    assert scores["mpjpe_mm"] == pytest.approx(50 / 17, rel=1e-4)
    assert metric.joints(partial)["left_wrist"]["mpjpe_mm"] == pytest.approx(50, rel=1e-4)
    assert scores["pck3d"] == 1
    # 50 mm is less than the limits 55, ..., 150: 20 of 31, and rounding may take that of 50.
    assert scores["auc3d"] == pytest.approx((16 * 30 + 20.5) / 31 / 17, abs=0.5 / 31 / 17 + 1e-6)
    assert scores["mpjve_mm"] == pytest.approx(0, abs=1e-4)
    assert Mpjpe(pck_mm=49)(poses(moved), known(points))["pck3d"] == pytest.approx(16 / 17)


def test_perfect_poses_have_one_area_whether_or_not_they_are_rounded(points):
    """Expect 30 of 31: MMPose and MPI-INF-3DHP count a joint where its error is less than the limit, the first is 0."""
    noise = np.random.default_rng(7).normal(0, 1e-6, points.shape)
    for found in (points, points + noise):
        assert Mpjpe()(poses(found), known(points))["auc3d"] == pytest.approx(30 / 31)
        assert Mpjpe(auc_mm=(5, 150, 30))(poses(found), known(points))["auc3d"] == 1
    moved = points.copy()
    moved[0, :, 9] += [0, 0, 0.2]
    found = Mpjpe(measures=["pck", "auc"])(poses(moved), known(points))
    errors = np.array([0.0] * 16 + [200.0])
    theirs = np.mean([(errors < limit).mean() for limit in np.linspace(0, 150, 31)])
    assert found == {"pck3d": pytest.approx(16 / 17), "auc3d": pytest.approx(theirs)}


def test_what_each_measure_does_not_see(points):
    """A shift is none of them; a factor is in the plain error alone; a turn leaves the superimposed one."""
    metric = Mpjpe()
    assert metric(poses(points + np.array([3, -1, 5])), known(points))["mpjpe_mm"] == pytest.approx(0, abs=1e-3)
    larger = metric(poses(points * 1.5), known(points))
    assert larger["mpjpe_mm"] > 100
    assert (larger["n_mpjpe_mm"], larger["p_mpjpe_mm"]) == (pytest.approx(0, abs=1e-3), pytest.approx(0, abs=1e-3))
    turned = metric(poses(points @ turn(0.7).T * 0.8 + 2), known(points))
    assert turned["n_mpjpe_mm"] > 50
    assert turned["p_mpjpe_mm"] == pytest.approx(0, abs=1e-3)
    mirrored = metric(poses(points * [-1, 1, 1]), known(points))
    assert mirrored["p_mpjpe_mm"] > 50


def test_scaling_is_the_least_squares_of_one_factor(points):
    """s = <pred, gt> / <pred, pred>, about the roots, and each frame has its own."""
    got = points[0] + np.random.default_rng(5).normal(0, 0.1, points[0].shape)
    whole = np.ones(got.shape[:2], bool)
    result = scaled(got, points[0], whole)
    for row in range(len(got)):
        factors = np.linspace(0.5, 1.5, 2001)
        costs = [((factor * got[row] - points[0, row]) ** 2).sum() for factor in factors]
        assert ((result[row] - points[0, row]) ** 2).sum() <= min(costs) + 1e-9
    assert np.isnan(scaled(got * 0, points[0], whole)).all()


def test_superposition_is_that_of_scipy(points):
    spatial = pytest.importorskip("scipy.spatial", reason="SciPy is not installed")
    chance = np.random.default_rng(6)
    want = chance.normal(0, 1, (200, 17, 3))
    got = want @ turn(1.1).T * 0.3 + chance.normal(0, 0.05, want.shape) + chance.normal(0, 4, (200, 1, 3))
    result = superimposed(got, want, np.ones((200, 17), bool))
    for ours, theirs, one in zip(result, want, got, strict=True):
        _, _, disparity = spatial.procrustes(theirs, one)
        size = ((theirs - theirs.mean(axis=0)) ** 2).sum()
        assert ((ours - theirs) ** 2).sum() == pytest.approx(disparity * size, rel=1e-9)


def test_a_mirror_image_is_turned_but_not_mirrored(points):
    """SciPy's rotations are proper ones; the factor that goes with one is analytic."""
    transform = pytest.importorskip("scipy.spatial.transform", reason="SciPy is not installed")
    want = points[0]
    got = want * [1, -1, 1] + np.random.default_rng(1).normal(0, 0.1, want.shape)
    result = superimposed(got, want, np.ones(want.shape[:2], bool))
    for ours, theirs, one in zip(result, want, got, strict=True):
        middle, own = theirs - theirs.mean(axis=0), one - one.mean(axis=0)
        rotation, _ = transform.Rotation.align_vectors(middle, own)
        turned = rotation.apply(own)
        factor = (turned * middle).sum() / (own**2).sum()
        assert ours - theirs == pytest.approx(factor * turned - middle, abs=1e-9)


def test_points_that_are_not_known_do_not_move_the_others(points):
    want, got = points[0], points[0] @ turn(0.4).T * 1.2 + 1
    there = np.ones(want.shape[:2], bool)
    there[0, 3:], there[1, 2:] = False, False
    result = superimposed(np.where(there[..., None], got, np.nan_to_num(got) + 9), want, there)
    assert result[0, :3] == pytest.approx(want[0, :3])
    assert np.isnan(result[1]).all()
    assert result[2:] == pytest.approx(want[2:])


def test_motion_is_compared_between_frames_that_follow_each_other(points):
    moved = points.copy()
    moved[0, 2:, 9] += [0, 0, 0.085]
    scores = Mpjpe()(poses(moved), known(points))
    assert scores["mpjve_mm"] == pytest.approx(85 / 17 / 4, rel=1e-4)
    holes = moved.copy()
    holes[0, 2] = np.nan
    lost = poses(holes, valid=np.array([True, True, False, True, True]))
    lost = replace(lost, tracks=(replace(lost.tracks[0], xy=np.where(np.isnan(holes[0, ..., :2]), np.nan, 1)),))
    metric = Mpjpe()
    partial = metric.partial(lost, known(points))
    assert metric.scores(partial)["mpjve_mm"] == pytest.approx(0, abs=1e-4)
    assert (partial["compared"], partial["left_out/no pose found"]) == (4, 1)
    pictures = replace(poses(moved), clip=Clip("a", poses(moved).clip.path, independent=True))
    assert "mpjve_mm" not in Mpjpe()(pictures, known(points))


def test_points_of_the_world_are_turned_into_the_camera(points):
    rotation, translation = turn(0.9), np.array([0.3, 1.0, 4.0])
    camera = Camera(np.eye(3), rotation, translation, np.zeros(5), (64, 48))
    world = (points - translation) @ rotation
    assert Mpjpe()(poses(points), known(world, "world", camera=camera))["mpjpe_mm"] == pytest.approx(0, abs=1e-3)
    with pytest.raises(ClipError, match=r"needs the camera .* type 'metric.mpjpe.measures=\[p_mpjpe\]'"):
        Mpjpe()(poses(points), known(world, "world"))
    alone = Mpjpe(measures=["p_mpjpe"])(poses(points), known(world, "world"))
    assert alone == {"p_mpjpe_mm": pytest.approx(0, abs=1e-3)}


def test_what_cannot_be_compared_is_refused_in_a_sentence(points):
    other = replace(poses(points).tracks[0], meaning=Meaning(xyz="shares of the image"))
    with pytest.raises(ClipError, match=r"in metres, .* says of them: shares of the image"):
        Mpjpe()(extraction(other), known(points))
    assert Mpjpe(measures=["p_mpjpe"])(extraction(other), known(points))["p_mpjpe_mm"] < 1e-3
    with pytest.raises(ClipError, match="have none: type lifter"):
        Mpjpe()(extraction(replace(other, xyz=None)), known(points))
    few = ("nose", "left_eye", "left_hip")
    part = Truth(few, np.zeros((1, 5, 3, 2), np.float32), xyz=points[:, :, [0, 1, 11]], space="root")
    with pytest.raises(ClipError, match="neither a pelvis nor both hips"):
        Mpjpe()(poses(points), part)


def test_clips_without_true_points_in_space_are_left_out_and_counted(points):
    one = track(5)
    partial = Mpjpe().partial(poses(points), Truth(one.skeleton.keypoints, one.xy[None]))
    assert partial == {"left_out/no true points in space": 5}
    assert Mpjpe().scores(partial) == {}


@pytest.mark.parametrize(
    "wrong", [{"measures": ["best"]}, {"measures": []}, {"pck_mm": 0}, {"auc_mm": [0, 150]}, {"auc_mm": [9, 1, 4]}]
)
def test_arguments_are_checked(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Mpjpe(**wrong)
