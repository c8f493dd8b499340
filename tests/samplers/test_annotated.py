"""One row for each annotation, with the frame that FFmpeg shows at its moment."""

from __future__ import annotations

from fractions import Fraction

import films
import numpy as np
import pytest
from resampled import filtered, ours

from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.samplers.annotated import Annotated
from posecfg.samplers.slots import annotations_of
from posecfg.types import Clip, Slots
from posecfg.video.video import Video

NTSC = Fraction(60000, 1001)


class Known:
    """Annotations at some moments of 1/60 s."""

    def __init__(self, numbers):
        self.numbers = np.array(list(numbers))

    def __call__(self, clock):
        raise AssertionError("the poses are not asked for")

    def slots(self):
        return Slots(60, self.numbers)


def video(tmp_path, numbers, frames, fps, sampler=None, **cut):
    film = films.write(tmp_path / "film.mp4", range(frames), fps=fps, size=(32, 32), gop=600)
    return Video(Clip("film", film, truth=Known(numbers)), sampler or Annotated(), batch=4, **cut)


@pytest.mark.parametrize("fps", [60, NTSC, 30, Fraction(30000, 1001), 120, 50])
def test_annotations_get_the_frames_of_ffmpeg(tmp_path, fps):
    """Some annotations are missing, as in the union of views."""
    numbers = [n for n in range(24) if n not in (3, 4, 17)]
    played = video(tmp_path, numbers, 60, fps)
    expected = filtered(tmp_path / "film.mp4")
    assert ours(played) == [expected[n] for n in numbers]
    assert played.notes["annotations"] == len(numbers)
    assert "annotations_without_frame" not in played.notes


def test_every_nth_annotation_can_be_taken(tmp_path):
    played = video(tmp_path, range(24), 24, 60, Annotated(every=5))
    list(played)
    assert played.clock().indices.tolist() == [0, 5, 10, 15, 20]
    assert (played.notes["annotations"], played.notes["rows_wanted"]) == (24, 5)


def test_the_number_of_annotations_is_that_of_rows_where_the_film_is_longer(tmp_path):
    played = video(tmp_path, range(20), 24, 60)
    list(played)
    assert played.clock().indices.tolist() == list(range(20))
    assert played.notes["frames_behind_annotations"] == 4


def test_a_little_behind_the_end_the_last_frame_is_shown_and_no_further(tmp_path):
    played = video(tmp_path, range(26), 24, 60)
    list(played)
    assert played.clock().indices.tolist() == [*range(24), 23, 23]
    assert played.notes["annotations_of_last_frame"] == 2
    played = video(tmp_path, range(27), 24, 60)
    list(played)
    assert played.clock().indices.tolist() == list(range(24)), "three are too many"
    played = video(tmp_path, range(60), 24, 60)
    list(played)
    assert played.clock().indices.tolist() == list(range(24))
    assert played.notes["annotations_without_frame"] == 36
    played = video(tmp_path, range(60), 24, 60, Annotated(every=5))
    list(played)
    assert played.notes["annotations_without_frame"] == 36


def test_a_part_of_a_film_has_the_annotations_inside_it(tmp_path):
    played = video(tmp_path, range(24), 12, 30, start=0.1, end=0.3)
    list(played)
    assert played.clock().indices.tolist() == [3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8]
    assert played.notes == {"annotations": 12, "rows_wanted": 12}


def test_a_clip_without_annotations_is_skipped_or_fails(tmp_path):
    film = films.write(tmp_path / "film.mp4", range(3))
    with pytest.raises(Dropped, match="no annotations"):
        list(Video(Clip("film", film), Annotated()))
    with pytest.raises(Dropped, match="no annotations"):
        list(Video(Clip("film", film, truth=Known([])), Annotated()))
    with pytest.raises(ClipError, match=r"Expected annotations .* sampler.without=skip"):
        list(Video(Clip("film", film), Annotated(without="fail")))
    with pytest.raises(ConfigError, match=r"sampler\.every"):
        Annotated(every=0)
    with pytest.raises(ConfigError, match=r"sampler\.without"):
        Annotated(without="drop")


def test_where_every_frame_is_annotated_every_frame_is_taken(tmp_path):
    film = films.write(tmp_path / "film.mp4", range(6))
    played = Video(Clip("film", film, truth=lambda clock: None), Annotated(every=2))
    list(played)
    assert played.clock().indices.tolist() == [0, 2, 4]


@pytest.mark.parametrize("fps", [15, 24, 25, 29.97, 30, 50, 60000 / 1001, 60, 120])
@pytest.mark.parametrize("thinned", [False, True], ids=["whole", "gaps"])
def test_rows_find_their_annotations_again(take_stream, fps, thinned):
    """The sampler and the truth must agree on which row is of which annotation; only times pass between them."""
    random = np.random.default_rng(int(fps))
    for frames in (1, 2, 7, 40):
        times = [round(n / fps * 90000) / 90000 for n in range(frames)]
        total = int(frames / fps * 60 + 1e-6)
        kept = random.random(total) > 0.2 * thinned
        kept[-4:] = True
        numbers = np.flatnonzero(kept)
        if len(numbers):
            rows = take_stream(Annotated(), fps, times, Known(numbers))
            found = annotations_of(np.array(rows), np.array([times[n] for n in rows]), fps, 60, numbers)
            assert found.tolist() == list(range(len(numbers)))


@pytest.mark.parametrize(
    ("indices", "times", "fps", "numbers"),
    [
        # The next frame comes later than the rate says: the first is shown at 0, 1 and 2, of which 1 is not annotated.
        ([0, 0, 1], [0, 0, 3], 30, [0, 2, 3]),
        # The last frame of a film that ends early, with a gap.
        ([0, 1, 1], [0, 1, 1], 60, [0, 1, 3]),
        # Frames that were left out between.
        ([0, 0, 4, 4], [0, 0, 8, 8], 30, [0, 1, 8, 9]),
    ],
)
def test_rows_of_odd_films_find_their_annotations_too(indices, times, fps, numbers):
    found = annotations_of(np.array(indices), np.array(times) / 60, fps, 60, np.array(numbers))
    assert found.tolist() == list(range(len(numbers)))
