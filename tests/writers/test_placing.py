"""Where people stand, against turns that are written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import track

from posecfg import skeletons
from posecfg.synthetic.figure import figure
from posecfg.types import Meaning
from posecfg.writers.placing import APART, HUMAN36M, Placing, upright

COCO = skeletons.load("coco17")
CAMERA = "metres, origin camera, x to the right of the image, y down, z away from the camera"


def person(rows=20, number=0, at=(0.0, 0.0, 0.0), box=50.0, missing=(), skeleton="coco17"):
    """Return a person whose hips are at ``at`` metres from the camera; their box is at ``box`` px."""
    found = track(rows, skeleton, person=number, xyz=True, missing=missing, meaning=Meaning(xyz=CAMERA))
    xyz = figure(number, 0, np.arange(rows) / 30, (64, 48), 1, found.skeleton.keypoints).xyz + np.asarray(at)
    boxes = np.tile([box, 0.0, box + 10, 20.0], (rows, 1))
    xyz[list(missing)], boxes[list(missing)] = np.nan, np.nan
    return replace(found, xyz=xyz.astype(np.float32), boxes=boxes.astype(np.float32))


def hamilton(a, b):
    (w, *u), (s, *v) = a, b
    u, v = np.array(u), np.array(v)
    return np.array([w * s - u @ v, *(w * v + s * u + np.cross(u, v))])


def test_lifted_poses_turn_as_the_quaternion_says():
    lifted = track(1, "h36m17", xyz=True)
    turn = upright(lifted, 70.0)
    q = np.array(HUMAN36M)
    for point in np.eye(3):
        turned = hamilton(hamilton(q, [0, *point]), q * (1, -1, -1, -1))
        np.testing.assert_allclose(turn @ point, turned[1:], atol=1e-6)
    assert (turn @ (0, 1, 0))[2] < -0.97, "down stays down"


@pytest.mark.parametrize("azim", [70.0, 0.0, -45.0])
def test_poses_of_a_camera_are_seen_from_that_camera(azim):
    placing = Placing([person()], 15.0, azim)
    turn = upright(person(), azim)
    right, _, back = placing.view.axes
    np.testing.assert_allclose(turn @ (1, 0, 0), right, atol=1e-12)
    np.testing.assert_allclose(turn @ (0, -1, 0), (0, 0, 1), atol=1e-12)
    assert back @ (turn @ (0, 0, -1)) > 0.9
    assert np.linalg.det(turn) == pytest.approx(1)


def test_the_floor_touches_the_lowest_point_of_the_clip():
    placing = Placing([person()])
    lowest = [placing.figures(row)[0].points[:, 2].min() for row in range(20)]
    assert min(lowest) == pytest.approx(0, abs=1e-6)
    assert max(lowest) > 0.001
    assert placing.middle(3) == (0.0, 0.0)
    assert placing.view.reach == 1.7


def test_people_without_a_place_stand_side_by_side_as_they_are_seen():
    placing = Placing([person(box=90, number=0), person(box=10, number=1), person(box=50, number=2)])
    across = placing.view.axes[0]
    hips = [figure.points[[11, 12]].mean(axis=0) @ across for figure in placing.figures(5)]
    np.testing.assert_allclose(hips, [APART, -APART, 0], atol=1e-6)
    assert placing.view.reach > 2 * APART
    lows = [min(placing.figures(row)[k].points[:, 2].min() for row in range(20)) for k in range(3)]
    np.testing.assert_allclose(lows, 0, atol=1e-6)
    ends = np.concatenate([one.points for row in range(20) for one in placing.figures(row)])
    xy, _ = placing.view(ends)
    assert (xy > 0).all()
    assert (xy < placing.view.size).all()


def test_people_who_never_meet_share_a_place():
    early, late = person(missing=range(10, 20)), person(number=1, missing=range(10))
    both = person(number=2, box=10)
    placing = Placing([early, late, both])
    across = placing.view.axes[0]
    for row in (5, 15):
        hips = [figure.points[[11, 12]].mean(axis=0) @ across for figure in placing.figures(row)]
        np.testing.assert_allclose(hips, [APART / 2, -APART / 2], atol=1e-6)


def test_people_with_a_place_keep_it_and_the_view_follows():
    near, far = person(at=(-0.5, 0.2, 4.0)), person(at=(0.7, 0.2, 6.0), number=1, missing=[4])
    placing = Placing([near, far])
    one, other = placing.figures(0)
    apart = (other.points - one.points)[[11, 12]].mean(axis=0)
    assert np.linalg.norm(apart) == pytest.approx(np.hypot(1.2, 2.0), abs=1e-5)
    turn = upright(near, 70.0)
    middle = turn @ (0.1, 0.2, 5.0)
    np.testing.assert_allclose(placing.middle(0), middle[:2], atol=1e-5)
    np.testing.assert_allclose(placing.middle(4), (turn @ (-0.5, 0.2, 4.0))[:2], atol=1e-5)
    lows = [one.points[:, 2].min() for row in range(20) for one in placing.figures(row)]
    assert min(lows) == pytest.approx(0, abs=1e-6)


def test_where_nobody_is_the_view_waits_between():
    walking = person(rows=3, missing=[1])
    walking.xyz[2] += np.array([2, 0, 0])
    walking.xyz[...] += np.array([0, 0, 5])
    placing = Placing([walking])
    first, waiting, last = (np.array(placing.middle(row)) for row in range(3))
    np.testing.assert_allclose(waiting, (first + last) / 2, atol=1e-6)
    assert placing.figures(1) == []


@pytest.mark.parametrize("tracks", [[], [person(missing=range(20))]])
def test_nobody_anywhere_is_an_empty_floor(tracks):
    placing = Placing(tracks)
    assert placing.view.reach == 1.7
    if tracks:
        assert placing.figures(3) == []
        assert placing.middle(3) == (0.0, 0.0)


@pytest.mark.parametrize("rows", [10, 1000])
def test_one_wild_row_moves_neither_floor_nor_view(rows):
    given, plain = person(rows), person(rows)
    given.xyz[7] *= 100
    wild, tame = Placing([given]), Placing([plain])
    assert wild.view.reach < 2.5
    np.testing.assert_allclose(wild.figures(3)[0].points, tame.figures(3)[0].points, atol=0.05)


@pytest.mark.parametrize("skeleton", ["blazepose33", "h36m17", "dot"])
def test_skeletons_with_and_without_hips(skeleton):
    from samples import DOT

    given = track(4, DOT if skeleton == "dot" else skeleton, xyz=True)
    placing = Placing([given])
    assert len(placing.figures(2)) == 1
    assert np.isfinite(placing.middle(2)).all()
