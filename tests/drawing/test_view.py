"""The camera of a scene, against rotations written out from matplotlib's description of ``view_init``."""

from __future__ import annotations

import numpy as np
import pytest

from posecfg.drawing.floor import LIGHT, Floor
from posecfg.drawing.view import View


def turned(points, elev, azim):
    """Rotate by -azim around z, then by elev around the new y: then the eye is on the x axis."""
    a, e = np.radians([azim, elev])
    about_z = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(e), 0, np.sin(e)], [0, 1, 0], [-np.sin(e), 0, np.cos(e)]])
    return points @ (about_y @ about_z).T


@pytest.mark.parametrize(("elev", "azim"), [(15, 70), (15, -110), (30, 0), (1, 359), (80, 45)])
def test_points_are_seen_in_perspective_from_elev_and_azim(elev, azim):
    view = View(600, 1.7, 0.8, elev, azim)
    points = np.random.default_rng(0).uniform((-0.8, -0.8, 0), (0.8, 0.8, 1.6), (50, 3))
    xy, far = view(points)
    eye, right, up = turned(points - (0, 0, 0.8), elev, azim).T
    np.testing.assert_allclose(far, view.away - eye, atol=1e-9)
    np.testing.assert_allclose(xy[:, 0], 300 + right * view.focal / far, atol=1e-6)
    np.testing.assert_allclose(xy[:, 1], 300 - up * view.focal / far, atol=1e-6)


def test_a_person_of_the_reach_fits_into_the_picture():
    view = View(600, 1.7, 0.8)
    corners = np.array([[x, y, z] for x in (-0.6, 0.6) for y in (-0.6, 0.6) for z in (0, 1.7)])
    xy, _ = view(corners)
    assert (xy > 0).all()
    assert (xy < 600).all()
    assert np.ptp(view(np.array([[0, 0, 0], [0, 0, 1.7]]))[0][:, 1]) > 400


def test_every_pixel_of_the_floor_is_where_its_point_is_drawn():
    view = View(120, 2.0, 0.9, elev=5)
    met = view.floor()
    seen = np.isfinite(met).all(axis=2)
    assert seen[60:].all()
    assert not seen[:20].any()
    points = np.concatenate([met[seen], np.zeros((seen.sum(), 1))], axis=1)
    near = np.linalg.norm(points, axis=1) < 5
    rows, columns = np.nonzero(seen)
    xy, _ = view(points[near])
    np.testing.assert_allclose(xy, np.stack([columns, rows], axis=1)[near] + 0.5, atol=1e-6)


def test_what_is_behind_the_eye_is_drawn_nowhere_near():
    view = View(600)
    xy, far = view(view.axes[2] * view.away * 2 + view.axes[0])
    assert far > 0
    assert np.abs(xy).max() > 600


def test_the_grid_lies_where_its_lines_are_and_moves_with_the_view():
    view = View(600)
    floor = Floor(view)
    light = floor(0.0, 0.0)
    assert light[:200].min() == pytest.approx(LIGHT)

    def at(x, y, light):
        (column, row), _ = view(np.array([x, y, 0.0]))
        return float(light[int(row), int(column)])

    assert at(0.0, 0.2, light) < at(0.2, 0.2, light) - 0.1
    assert at(0.5, -0.3, light) < at(0.3, -0.3, light) - 0.1
    assert at(0.25, 0.0, light) < at(0.25, 0.25, light) - 0.1
    moved = floor(0.2, 0.0)
    assert at(-0.2, 0.2, moved) < at(0.0, 0.2, moved) - 0.1
    np.testing.assert_array_equal(floor(1.2, -0.5), moved)


def test_a_floor_that_is_seen_from_the_side_is_finite():
    for elev in (0.5, 80.0):
        light = Floor(View(100, elev=elev))(0.0, 0.0)
        assert np.isfinite(light).all()
        assert light.max() <= LIGHT + 1e-6
        assert light.min() > 0.5
