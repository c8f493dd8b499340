from __future__ import annotations

import av
import numpy as np
import pytest

from posecfg import skeletons
from posecfg.drawing.pane import Figure, Pane
from posecfg.drawing.tubes import Canvas, Paint
from posecfg.drawing.view import View
from posecfg.skeletons.skeleton import Skeleton

H36M = skeletons.load("h36m17")
STICK = Skeleton("stick", ("right_a", "right_b", "left_a", "left_b"), (("right_a", "right_b"), ("left_a", "left_b")))
VIEW = View(300)


def rgb(canvas, matrix=1, full=False):
    height, width = canvas.y.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, source in zip(frame.planes, (canvas.y, *canvas.uv), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        rows[:, : source.shape[1]] = source
    frame.colorspace, frame.color_range = matrix, 2 if full else 1
    return frame.to_ndarray(format="rgb24").astype(int)


def drawn(*figures, text="", **meaning):
    pane = Pane(VIEW, text, meaning.get("matrix", 1), meaning.get("full", False), 300)
    return rgb(pane(figures), **meaning)


def stick(right, left, made=False):
    return Figure(STICK, np.array([*right, *left], float), made)


def pixel(image, *point):
    (x, y), _ = VIEW(np.array(point, float))
    return image[int(y), int(x)]


def is_red(color):
    return color[0] > color[1] + 90


def is_dark(color):
    return color.max() < 110


RIGHT, LEFT = [(-0.3, 0, 0.3), (-0.3, 0, 1.3)], [(0.3, 0, 0.3), (0.3, 0, 1.3)]


@pytest.mark.parametrize("meaning", [{}, {"matrix": 5}, {"full": True}, {"matrix": 9}])
def test_the_right_side_is_red_and_the_left_one_dark(meaning):
    image = drawn(stick(RIGHT, LEFT), **meaning)
    assert is_red(pixel(image, -0.3, 0, 0.8))
    assert is_dark(pixel(image, 0.3, 0, 0.8))
    assert image[5, 5].min() > 235
    assert np.ptp(image[5, 5]) < 6


@pytest.mark.parametrize("way", [1, -1])
def test_what_is_nearer_hides_what_is_farther(way):
    back = VIEW.axes[2] * (1, 1, 0)
    across = VIEW.axes[0]
    middle = np.array([0, 0, 0.8])
    ends = [middle - 0.4 * across, middle + 0.4 * across]
    rises = [np.array([0, 0, z]) for z in (0.4, 1.2)]
    image = drawn(stick([p + way * 0.2 * back for p in ends], [p - way * 0.2 * back for p in rises]))
    seen = pixel(image, *(middle + way * 0.2 * back))
    seen_other = pixel(image, *(middle - way * 0.2 * back))
    assert is_red(seen) if way > 0 else is_dark(seen_other)


def test_made_up_poses_are_pale():
    seen, made = drawn(stick(RIGHT, LEFT)), drawn(stick(RIGHT, LEFT, made=True))
    there, pale = pixel(seen, -0.3, 0, 0.8), pixel(made, -0.3, 0, 0.8)
    assert pale[1] > there[1] + 90
    assert pale[0] > pale[1] + 20
    assert pixel(made, 0.3, 0, 0.8).min() > 130
    assert pixel(made, 0.3, 0, 0.8).max() < 225


def test_nobody_leaves_the_floor():
    image = drawn()
    assert np.ptp(image[:100]) < 3
    assert np.ptp(image[220:].max(axis=2)) > 30
    assert image.min() > 150


def test_shadows_lie_on_the_floor_below():
    plain, image = drawn(), drawn(stick(RIGHT, LEFT))
    assert 8 < (pixel(plain, -0.33, 0.03, 0) - pixel(image, -0.33, 0.03, 0)).mean() < 60
    assert (pixel(plain, 0.0, 0.4, 0) == pixel(image, 0.0, 0.4, 0)).all()


@pytest.mark.parametrize("gone", [[0], [0, 1], [0, 1, 2, 3]])
def test_missing_points_and_their_limbs_are_left_out(gone):
    given = stick(RIGHT, LEFT)
    given.points[gone] = np.nan
    image = drawn(given)
    assert not is_red(pixel(image, -0.3, 0, 0.8))
    assert is_dark(pixel(image, 0.3, 0, 0.8)) == (len(gone) < 3)


@pytest.mark.parametrize("scale", [1e3, 1e9, 1e30])
def test_wild_points_do_no_harm(scale):
    image = drawn(Figure(H36M, np.random.default_rng(1).normal(0, scale, (17, 3))), stick(RIGHT, LEFT))
    assert image.shape == (300, 300, 3)


def test_the_view_follows_its_middle():
    shift = np.array([3.0, -2.5, 0.0])
    given = stick(RIGHT, LEFT)
    pane = Pane(VIEW, "", 1, False, 300)
    here = rgb(pane([given]))
    there = rgb(pane([Figure(STICK, given.points + shift)], 3.0, -2.5))
    assert np.abs(here - there).max() < 12
    np.testing.assert_array_equal(rgb(pane([given])), here)


def test_text_is_in_the_corner_where_there_is_room():
    plain, told = drawn(), rgb(Pane(View(600), "turned", 1, False, 600)([]))
    bare = rgb(Pane(View(600), "", 1, False, 600)([]))
    dark = np.argwhere((bare - told).max(axis=2) > 40)
    assert dark.min(axis=0)[0] > 550
    assert dark.max(axis=0)[1] < 200
    np.testing.assert_array_equal(drawn(text="turned"), plain)


def test_a_tube_covers_what_geometry_says():
    canvas = Canvas(np.full((80, 120), 250, np.uint8), np.full((2, 40, 60), 128, np.uint8))
    canvas.tube((20.0, 30.0), (90.0, 50.0), 6.0, Paint(40, 90, 200, low=0))
    y, x = np.mgrid[:80, :120] + 0.5
    share = np.clip(((x - 20) * 70 + (y - 30) * 20) / (70**2 + 20**2), 0, 1)
    distance = np.hypot(x - 20 - share * 70, y - 30 - share * 20)
    assert (canvas.y[distance < 5.4] < 60).all()
    assert (canvas.y[distance > 6.6] == 250).all()
    edge = canvas.y[np.abs(distance - 6) < 0.05].astype(float)
    assert ((edge > 110) & (edge < 180)).all()
    middle = canvas.uv[:, 20, 27].tolist()
    assert middle == [90, 200]


@pytest.mark.parametrize("at", [(-50.0, 20.0), (200.0, 20.0), (20.0, -40.0), (20.0, 300.0)])
def test_a_tube_outside_of_the_picture_changes_nothing(at):
    canvas = Canvas(np.full((80, 120), 250, np.uint8), np.full((2, 40, 60), 128, np.uint8))
    canvas.tube(at, at, 6.0, Paint(40, 90, 200))
    assert (canvas.y == 250).all()
    assert (canvas.uv == 128).all()


@pytest.mark.parametrize("at", [(0.0, 0.0), (119.9, 79.9), (60.0, 80.0), (-3.0, 40.0)])
def test_a_ball_at_the_edge_is_cut(at):
    canvas = Canvas(np.full((80, 120), 250, np.uint8), np.full((2, 40, 60), 128, np.uint8))
    canvas.tube(at, at, 6.0, Paint(40, 90, 200))
    assert 10 < (canvas.y < 200).sum() < 120
