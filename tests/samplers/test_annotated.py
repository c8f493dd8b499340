"""One row for each annotation, with the frame that FFmpeg shows at its moment."""

from __future__ import annotations

from fractions import Fraction

import films
import numpy as np
import pytest
from resampled import filtered, ours

from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.samplers.annotated import Annotated
from posecfg.samplers.fps import Fps
from posecfg.samplers.replay import Replay
from posecfg.samplers.slots import annotations_of
from posecfg.types import Clip, Clock, Slots
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


@pytest.mark.parametrize("fps", [60, NTSC, 30, 120])
@pytest.mark.parametrize("every", [1, 3])
def test_a_film_is_not_read_on_behind_the_first_rows(tmp_path, fps, every):
    whole = video(tmp_path, range(3, 24), 60, fps, Annotated(every))
    expected = [batch.rgb() for batch in whole]
    part = Video(whole.clip, Annotated(every, first=5), batch=4)
    found = [batch.rgb() for batch in part]
    one, other = whole.clock(), part.clock()
    assert other.indices.tolist() == one.indices.tolist()[:5]
    assert other.moments.tolist() == one.moments.tolist()[:5]
    np.testing.assert_array_equal(np.concatenate(found), np.concatenate(expected)[: sum(map(len, found))])
    assert other.status == "complete"
    assert other.decoded < one.decoded == 60
    assert part.notes.keys() == {"annotations", "rows_wanted"}
    assert (part.notes["annotations"], part.notes["rows_wanted"]) == (4 * every + 1, 5)


def test_a_film_that_ends_before_the_first_rows_lacks_the_others(tmp_path):
    played = video(tmp_path, range(60), 24, 60, Annotated(first=40))
    list(played)
    assert played.clock().indices.tolist() == list(range(24))
    assert played.notes["annotations_without_frame"] == 16
    played = video(tmp_path, range(26), 24, 60, Annotated(first=26))
    list(played)
    assert played.clock().indices.tolist() == [*range(24), 23, 23]


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


@pytest.mark.parametrize("movflags", ["faststart", "frag_keyframe+empty_moov"])
@pytest.mark.parametrize("every", [1, 3])
def test_a_film_that_was_cut_off_shows_no_frame_for_those_that_are_missing(tmp_path, movflags, every):
    """A frame that was stored before those that it is shown behind must not stretch the one before these."""
    film = films.write(tmp_path / "a.mp4", range(20), fps=60, gop=9, options={"movflags": movflags})
    for keep in np.linspace(0.81, 0.99, 9):
        cut = films.shorten(film, tmp_path / "film.mp4", keep)
        played = Video(Clip("film", cut, truth=Known(range(40))), Annotated(every), batch=4)
        list(played)
        clock = played.clock()
        rows = range(0, len(clock) * every, every)
        assert clock.indices.tolist() == [*rows], keep
        shown = 40 - played.notes["annotations_without_frame"]
        assert 0 <= shown - 1 - rows[-1] < every
        assert shown <= clock.decoded


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
    with pytest.raises(ConfigError, match=r"sampler\.first"):
        Annotated(first=-1)
    with pytest.raises(ConfigError, match=r"sampler\.without"):
        Annotated(without="drop")


def test_where_every_frame_is_annotated_every_frame_is_taken(tmp_path):
    film = films.write(tmp_path / "film.mp4", range(6))
    played = Video(Clip("film", film, truth=lambda clock: None), Annotated(every=2))
    list(played)
    assert played.clock().indices.tolist() == [0, 2, 4]


@pytest.mark.parametrize("fps", [15, 24, 25, 29.97, 30, 50, 60000 / 1001, 60, 120])
@pytest.mark.parametrize("thinned", [False, True], ids=["whole", "gaps"])
@pytest.mark.parametrize("every", [1, 3])
def test_each_row_is_of_its_own_annotation(take_stream, fps, thinned, every):
    random = np.random.default_rng(int(fps))
    for frames in (1, 2, 7, 40):
        times = [round(n / fps * 90000) / 90000 for n in range(frames)]
        total = int(frames / fps * 60 + 1e-6)
        kept = random.random(total) > 0.2 * thinned
        kept[-4:] = True
        numbers = np.flatnonzero(kept)
        if len(numbers):
            clock = take_stream(Annotated(every), fps, times, Known(numbers))
            found = annotations_of(clock, Slots(60, numbers))
            assert found.tolist() == list(range(len(numbers)))[::every]


def test_a_row_that_is_for_no_moment_has_the_annotation_that_its_frame_begins_in():
    clock = Clock(np.arange(5), np.array([0, 2, 4.5, 6, 9]) / 60, 30, (8, 8))
    assert annotations_of(clock, Slots(60, np.array([0, 1, 4, 7]))).tolist() == [0, -1, 2, -1, -1]
    assert annotations_of(clock, Slots(60, np.array([], np.int64))).tolist() == [-1] * 5


def test_annotations_of_a_rate_of_rows_are_those_that_frames_show(tmp_path):
    """Row k shows the last frame before (k + 1) / rate: of fast films, one that begins later than k / rate."""
    for fps, rate, expected in (
        (30, 60, range(12)),
        (60, 24, (2, 4, 7, 9, 12)),
        (30, 120, [n // 2 for n in range(24)]),
    ):
        played = video(tmp_path, range(60), 13 if fps == 60 else 6, fps, Fps(rate, mode="resample"))
        list(played)
        assert annotations_of(played.clock(), Slots(60, np.arange(60))).tolist() == list(expected)


def test_a_second_play_gives_the_same_moments(tmp_path):
    played = video(tmp_path, range(24), 12, 30, Annotated(3), start=0.1)
    list(played)
    clock = played.clock()
    assert (clock.moments * 60).round(6).tolist() == list(range(6, 24, 3))
    again = Video(played.clip, Replay(clock.indices, clock.moments), batch=4, start=0.1)
    assert [one for frames in again for one in frames.moments.tolist()] == pytest.approx(clock.moments.tolist())


class Miscounting:
    def begin(self, stream):
        return self

    def __call__(self, index, time, frame):
        return 2

    def moments(self):
        return [0.0]


def test_a_sampler_that_miscounts_its_moments_is_named(tmp_path):
    with pytest.raises(ClipError, match=r"sampler \(Miscounting\): expected one moment for each of 2 rows, but got 1"):
        list(video(tmp_path, range(4), 2, 30, Miscounting()))
