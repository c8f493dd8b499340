from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from films import pictures, read_code, write
from played import ROWS, extracted, image, plain
from samples import extraction, track

from posecfg.errors import ClipError, ConfigError
from posecfg.samplers.every import All
from posecfg.synthetic.scene import StickScene
from posecfg.types import Boxes, Clip, Meaning, Poses, Sight
from posecfg.video.video import Video
from posecfg.writers.preview import Preview

GREEN, WHITE = (0, 255, 0), (255, 255, 255)
# The shoulders of coco17, which a bone joins.
LEFT, RIGHT = 5, 6


def somebody(left, right, made=False, seen=True, person=0):
    """A track whose shoulders alone are known, in every row."""
    xy = np.full((ROWS, 17, 2), np.nan, np.float32)
    xy[:, LEFT], xy[:, RIGHT] = left, right
    marks = {"valid": np.full(ROWS, seen and not made), "made": np.full(ROWS, made)}
    return dataclasses.replace(track(ROWS, person=person), xy=xy, **marks)


def shown(files):
    return {name: image(data) for name, data in files.data.items()}


def is_near(pixel, color):
    return np.abs(pixel - color).max() < 60


@pytest.fixture
def film(tmp_path):
    return Clip(id="folder/film", path=write(tmp_path / "film.mp4", range(ROWS), size=(320, 240)))


def test_one_picture_is_from_the_middle_and_bears_the_clips_name(film, written):
    files = written(Preview(), extracted(film))
    assert list(files.data) == [Preview().target(film.id)] == ["folder/film.png"]
    assert files.about["folder/film.png"] == {"kind": "png", "shape": [240, 320, 3]}
    assert read_code(shown(files)["folder/film.png"]) == 3


def test_several_pictures_are_spread_evenly_and_bear_their_rows(film, written):
    files = written(Preview(count=3), extracted(film))
    assert Preview(count=3).target(film.id) == "folder/film/"
    assert {name: read_code(image) for name, image in shown(files).items()} == {
        "folder/film/000001.png": 1,
        "folder/film/000003.png": 3,
        "folder/film/000005.png": 5,
    }


def test_a_clip_shorter_than_the_count_has_each_row_once(film, written):
    assert len(written(Preview(count=50), extracted(film)).data) == ROWS


def test_people_are_drawn_as_in_films_and_can_be_seen_in_a_small_picture(film, written):
    (drawn,) = shown(written(Preview(), extracted(film, somebody((60, 120), (260, 140))))).values()
    assert is_near(drawn[120, 60], GREEN)
    assert is_near(drawn[140, 260], GREEN)
    red, green, blue = drawn[120:141, 160].T
    # A bone of one pixel has some 100 at most: the colour of what is below it shows through.
    assert (np.minimum(green, blue) - red).max() > 160
    untouched = plain(film)[3]
    np.testing.assert_array_equal(drawn[:100], untouched[:100])


def test_a_pose_that_was_made_up_has_bones_only(film, written):
    (drawn,) = shown(written(Preview(), extracted(film, somebody((60, 120), (260, 120), made=True)))).values()
    red, green, blue = drawn[120, [62, 160, 258]].T
    assert (np.minimum(green, blue) - red).min() > 120


def test_a_row_in_which_nobody_is_has_nobody_drawn_whatever_the_numbers_are(film, written):
    (drawn,) = shown(written(Preview(), extracted(film, somebody((60, 120), (260, 120), seen=False)))).values()
    np.testing.assert_array_equal(drawn[30:], plain(film)[3][30:])


def missing(one, *rows):
    """The same track without a person in some rows."""
    valid = one.valid.copy()
    valid[list(rows)] = False
    return dataclasses.replace(one, valid=valid)


def codes(files):
    return [read_code(image) for image in shown(files).values()]


def test_pictures_are_of_rows_in_which_somebody_is_seen(film, written):
    rare = missing(somebody((60, 120), (260, 120)), 0, 1, 3, 4, 5)
    assert codes(written(Preview(), extracted(film, rare))) == [2]
    other = missing(somebody((60, 120), (260, 120), person=1), 0, 1, 2, 3, 4)
    assert codes(written(Preview(count=2), extracted(film, rare, other))) == [2, 5]
    assert codes(written(Preview(count=50), extracted(film, rare, other))) == [2, 5]


def test_what_is_drawn_comes_before_what_is_only_found_and_that_before_what_is_made_up(film, written):
    faint, made = somebody((60, 120), (260, 120)), somebody((60, 120), (260, 120), made=True, person=1)
    scores = faint.scores.copy()
    scores[:5] = 0.1
    faint = missing(dataclasses.replace(faint, scores=scores), 0, 1)
    assert codes(written(Preview(count=6), extracted(film, faint, made))) == [5]
    assert codes(written(Preview(count=6, kpt_thr=0.9), extracted(film, faint, made))) == [2, 3, 4, 5]
    assert codes(written(Preview(count=6), extracted(film, made))) == list(range(6))


def test_a_clip_without_anybody_says_so_on_pictures_of_the_whole_clip(film, written):
    files = written(Preview(count=2), extracted(film, somebody((60, 120), (260, 120), seen=False)))
    assert codes(files) == [1, 4]
    for drawn, row in zip(shown(files).values(), (1, 4), strict=True):
        own = plain(film)[row]
        assert np.abs(drawn[8:24, 14:120] - own[8:24, 14:120]).max() > 100
        np.testing.assert_array_equal(drawn[30:], own[30:])


def sight(film, reason, people=(0, 1)):
    frames = next(iter(Video(film, All(), batch=4)))
    known = [somebody((60, 120), (260, 120)), somebody((160, 90), (160, 200))]
    xy, scores = np.stack([one.xy[2] for one in known]), np.stack([one.scores[2] for one in known])
    boxes = Boxes(np.zeros((2, 4), np.float32), np.full(2, 0.9, np.float32))
    poses = Poses(known[0].skeleton, Meaning(), xy, scores, boxes)
    return Sight(film, frames, 2, 7, poses, people, reason)


def test_a_dropped_clip_shows_all_whom_the_reason_speaks_of(film, dropped):
    files = dropped(Preview(), sight(film, "more than one person: 2 of them"))
    (drawn,) = shown(files).values()
    assert list(files.data) == ["folder/film.png"]
    assert is_near(drawn[120, 60], GREEN)
    assert is_near(drawn[200, 160], WHITE) or is_near(drawn[200, 160], (255, 106, 0))
    assert drawn[8:24, 14:200].max() > 200
    files = dropped(Preview(count=3), sight(film, "more than one person: 2 of them", people=[0]))
    assert list(files.data) == ["folder/film/000007.png"]
    assert not is_near(shown(files)["folder/film/000007.png"][200, 160], (255, 106, 0))


def test_a_reason_that_is_too_long_is_cut_to_what_it_is_about(film, dropped):
    pictures = []
    for reason in ("two: " + "very " * 60 + "long", "two"):
        pictures += dropped(Preview(), sight(film, reason)).data.values()
    assert pictures[0] == pictures[1]


def test_keypoints_that_score_too_low_are_not_drawn(film, written):
    source = extracted(film, somebody((60, 120), (260, 120)))
    (drawn,) = shown(written(Preview(kpt_thr=0.6), source)).values()
    np.testing.assert_array_equal(drawn, plain(film)[3])


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ((96, 64), "yuv420p"),
        ((96, 64), "yuvj420p"),
        ((96, 64), "yuv420p10le"),
        ((97, 65), "yuv444p"),
        ((98, 65), "yuv444p"),
        ((97, 66), "yuv444p"),
    ],
)
@pytest.mark.parametrize("rotation", [0, 90])
def test_what_is_not_drawn_on_looks_as_the_film_does(tmp_path, written, size, pixels, rotation):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(ROWS), size=size, pixels=pixels, rotation=rotation))
    drawn = shown(written(Preview(), extracted(clip)))["a.png"]
    assert drawn.shape == (size[1], size[0], 3)
    assert np.abs(drawn - plain(clip)[3]).max() <= 4


def test_unrelated_pictures_keep_their_own_sizes_and_colours(tmp_path, written):
    folder = pictures(tmp_path / "in", [f"{n}.png" for n in range(3)])
    pictures(folder, ["3.png"], size=(121, 81))
    pictures(folder, ["4.jpg", "5.jpg"], size=(64, 48))
    clip = Clip(id="in", path=folder, independent=True)
    files = written(Preview(count=ROWS), extracted(clip, somebody((10, 40), (50, 40))))
    drawn = list(shown(files).values())
    assert [one.shape[:2] for one in drawn] == [(64, 96)] * 3 + [(81, 121)] + [(48, 64)] * 2
    assert [about["shape"] for about in files.about.values()] == [list(one.shape) for one in drawn]
    for one, own in zip(drawn, plain(clip), strict=True):
        assert is_near(one[40, 10], GREEN)
        assert np.abs(one[:30] - own[:30]).max() <= 4


def test_computed_scenes_have_previews(written):
    clip = Clip(id="scene", path=Path("scene"), scene=StickScene(0, ROWS, (161, 121), 30.0))
    (drawn,) = shown(written(Preview(), extracted(clip))).values()
    # Colour has half the resolution of brightness, so edges between colours differ.
    away = np.abs(drawn - plain(clip)[3]).max(axis=2)[20:]
    assert drawn.shape == (121, 161, 3)
    assert np.median(away) <= 2
    assert (away > 8).mean() < 0.1


def test_further_people_lie_on_top_in_their_own_colours(film, written):
    source = extracted(film, somebody((60, 120), (260, 120)), somebody((160, 90), (160, 200), person=4))
    (drawn,) = shown(written(Preview(), source)).values()
    assert is_near(drawn[90, 160], WHITE)
    assert is_near(drawn[120, 60], GREEN)


def test_stored_poses_without_a_film_are_refused(written):
    with pytest.raises(ClipError, match="A preview needs the film"):
        written(Preview(), extraction(track(3)))


def test_no_picture_at_all_is_refused():
    with pytest.raises(ConfigError, match="Expected count to be at least 1, but got 0"):
        Preview(count=0)


def test_loading_the_writer_loads_no_library():
    code = "import sys, posecfg.writers.preview; sys.exit(bool({'av', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
