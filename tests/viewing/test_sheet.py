"""Pages show what is known, whatever is missing."""

from __future__ import annotations

import numpy as np
import pytest

from posecfg import skeletons
from posecfg.drawing.theme import LEFT, QUIET, RAMP, RIGHT
from posecfg.skeletons.skeleton import Skeleton
from posecfg.viewing.sheet import WIDTH, draw
from posecfg.viewing.subject import Columns, Moving, Numbers, counted, person

COCO = skeletons.load("coco17")


def moving(xy=None, scores=None, xyz=None, people=1, **more):
    rows = len(xy if xyz is None else xyz)
    tracks = tuple(person(number, COCO, xy, scores, xyz) for number in range(people))
    return Moving("title", ("fact",), tracks, ("one", "two", "three")[:people], *counted(rows, 30.0), **more)


def body(rows=40):
    """Return (T, 17, 2) px: the left side at x = 100 to 116, the right at 300 to 316, moving down, no nose."""
    xy = np.zeros((rows, 17, 2))
    for k, name in enumerate(COCO.keypoints):
        xy[:, k] = [300 + k if "right" in name else 100 + k, 20 * k]
    xy[:, 0] = np.nan
    xy[..., 1] += np.arange(rows)[:, None]
    return xy


def columns_of(page, color):
    """Return the columns in which a colour stands pure."""
    return np.flatnonzero((page == np.array(color)).all(axis=2).any(axis=0))


def test_sides_are_drawn_where_they_are():
    one = moving(body(), np.ones((40, 17)), size=(640, 480), apart=True)
    page = draw(one)
    assert page.shape[1] == WIDTH
    area = page[140:]
    assert columns_of(area, LEFT).max() < columns_of(area, RIGHT).min()


def test_low_scores_are_not_drawn():
    scores = np.ones((40, 17))
    scores[:, [k for k, name in enumerate(COCO.keypoints) if "right" in name]] = 0.1
    area = draw(moving(body(), scores, size=(640, 480), apart=True), kpt_thr=0.3)[140:]
    assert not len(columns_of(area, RIGHT))
    assert len(columns_of(area, LEFT))


@pytest.mark.parametrize("apart", [True, False])
def test_a_box_without_a_keypoint_that_scores_enough_says_so(apart):
    one = moving(body(), np.full((40, 17), 0.5), size=(640, 480), apart=apart)
    inside = draw(one, kpt_thr=0.9)[160:420, 80:780]
    assert (inside == QUIET).all(axis=2).sum() > 100
    assert not any((inside == color).all(axis=2).any() for color in (LEFT, RIGHT))
    assert not (draw(one, kpt_thr=0.5)[160:420, 80:780] == QUIET).all(axis=2).sum() > 100


def test_sides_have_the_same_colours_in_space():
    xyz = np.concatenate([body() / 200, np.ones((40, 17, 1))], axis=2)
    figures = draw(moving(xyz=xyz))[118:400, 56:1544].astype(int)
    for color in (LEFT, RIGHT):
        # Colour has half the resolution, and fog takes some of it.
        assert (np.abs(figures - color).max(axis=2) < 40).any()


def test_the_row_that_was_asked_for_is_the_one_drawn():
    xy = body()
    xy[30:] += 150
    one = moving(xy, np.ones((40, 17)), size=(640, 640), apart=True)
    early, late = (draw(one, rows=(row,)) for row in (0, 39))
    assert (early != late).any()
    np.testing.assert_array_equal(early, draw(one, rows=(0,)))


@pytest.mark.parametrize(
    "one",
    [
        moving(np.full((9, 17, 2), np.nan)),
        moving(np.full((9, 17, 2), np.nan), people=3),
        moving(np.full((1, 17, 2), 5.0)),
        moving(np.zeros((0, 17, 2))),
        moving(body() * 1e12),
        moving(np.where(np.arange(40)[:, None, None] % 7 == 0, np.nan, body()), people=2),
        moving(xyz=np.full((9, 17, 3), np.nan)),
        moving(xyz=np.random.default_rng(0).random((9, 17, 3)) * 1e9),
        moving(xyz=np.random.default_rng(0).random((9, 17, 3)), people=2),
        moving(np.repeat(body(2), 2000, axis=0)),
        Moving("nobody", (), (), (), np.arange(3.0), False),
    ],
    ids=lambda one: f"{len(one.people)}x{len(one.times)}",
)
def test_whatever_is_missing_or_wild_there_is_a_page(one):
    page = draw(one)
    assert page.shape[1:] == (WIDTH, 3)
    assert (page != 255).any()


@pytest.mark.parametrize("columns", [1, 8, 9, 600])
@pytest.mark.parametrize("rows", [1, 3, 5_000])
def test_tables_are_lines_or_colours(rows, columns):
    values = np.random.default_rng(0).normal(size=(rows, columns)) * 1e7
    values[::3] = np.nan
    table = Columns("numbers", values, tuple(map(str, range(columns))))
    assert (draw(Numbers("t", (), (table,), np.arange(rows), False)) != 255).any()


def test_a_table_of_more_rows_than_px_shows_all_of_them_as_means():
    values = np.zeros((3, 6_000))
    values[:, -1000:] = 1
    page = draw(Numbers("t", (), (Columns("numbers", values, ("n" * 9000,) * 6_000),), np.arange(3), False))
    drawn = page[140:720, 800]
    assert (drawn == np.array(RAMP[0])).all(axis=1).sum() == pytest.approx(466, abs=4)
    assert (drawn == np.array(RAMP[-1])).all(axis=1).sum() == pytest.approx(93, abs=4)


@pytest.mark.parametrize("number", [561, 1_200])
def test_a_person_may_have_more_keypoints_than_a_page_has_rows(number):
    own = Skeleton("its own", ("n" * 5000, *map(str, range(number - 1))))
    one = person(0, own, np.random.default_rng(0).random((4, number, 2)) * 99, np.ones((4, number)))
    page = draw(Moving("title", (), (one,), ("one",), *counted(4, 30.0)))
    assert (page[-400:-200, 800] == np.array(RAMP[-1])).all(axis=1).mean() > 0.9
