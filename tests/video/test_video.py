import gc
import weakref
from dataclasses import dataclass

import numpy as np
import pytest
from films import KINDS, picture, pictures, read_code, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posecfg.errors import ClipError, ConfigError
from posecfg.protocols import BOTH, SKIPPED
from posecfg.samplers.every import All
from posecfg.samplers.motion import Motion
from posecfg.samplers.stride import Stride
from posecfg.types import Clip
from posecfg.video import film as film_module
from posecfg.video.video import Video


def clip(path, **how):
    return Clip(id="film", path=path, **how)


class Rows:
    """Answers fixed row counts."""

    def __init__(self, *rows):
        self.rows = rows

    def begin(self, stream):
        return lambda index, time, frame: self.rows[index] if index < len(self.rows) else 0


def test_batches_are_full_but_the_last(film):
    assert [len(batch) for batch in Video(clip(film("odd.mp4")), All(), batch=2)] == [2, 2, 1]


def test_rows_follow_the_samplers_counts(film):
    video = Video(clip(film("cfr.mp4")), Rows(0, 1, 3, 0, 2), batch=2)
    codes = [read_code(image) for batch in video for image in batch.rgb()]
    assert codes == [1, 2, 4]
    assert video.rows.tolist() == [0, 1, 1, 1, 2, 2]
    assert video.clock().indices.tolist() == [1, 2, 2, 2, 4, 4]
    assert video.clock().decoded == 90


def test_skipped_frames_have_a_row_but_are_not_yielded(film):
    video = Video(clip(film("cfr.mp4")), Rows(SKIPPED, 1, SKIPPED, SKIPPED, 0, 2, SKIPPED), batch=2)
    assert [read_code(image) for batch in video for image in batch.rgb()] == [1, 5]
    assert video.rows.tolist() == [-1, 0, -1, -1, 1, 1, -1]
    assert video.clock().indices.tolist() == [0, 1, 2, 3, 5, 5, 6]
    assert video.clock().times[2] == pytest.approx(2 / 30)
    assert video.notes == {"frames_skipped": 4}
    list(video)
    assert video.notes == {"frames_skipped": 4}


def test_a_skipped_frame_can_be_taken_back(film):
    """That is only so for the frame right before, where it was skipped."""
    video = Video(clip(film("cfr.mp4")), Rows(BOTH, SKIPPED, SKIPPED, BOTH, 1, BOTH, SKIPPED, 1, BOTH), batch=3)
    batches = [[read_code(image) for image in batch.rgb()] for batch in video]
    assert batches == [[0, 2, 3], [4, 5, 7], [8]]
    assert video.rows.tolist() == [0, -1, 1, 2, 3, 4, -1, 5, 6]
    assert video.clock().indices.tolist() == list(range(9))


def test_only_skipped_frames_are_rows_without_anything_yielded(film):
    video = Video(clip(film("cfr.mp4")), Rows(*[SKIPPED] * 90))
    assert list(video) == []
    assert video.rows.tolist() == [-1] * 90
    assert len(video.clock()) == 90


def test_what_was_skipped_behind_the_last_given_frame_counts_at_the_end_only(film):
    video = Video(clip(film("cfr.mp4")), Rows(1, SKIPPED, 1, SKIPPED, SKIPPED))
    frames = iter(video)
    assert video.notes == {}
    next(frames)
    assert video.rows.tolist() == [0]
    next(frames)
    assert video.rows.tolist() == [0, -1, 1]
    assert len(video.clock()) == 3
    assert list(frames) == []
    assert video.rows.tolist() == [0, -1, 1, -1, -1]


class Picks:
    """Answers as drawn, and goes on with the last."""

    def __init__(self, answers):
        self.answers = answers

    def begin(self, stream):
        return lambda index, time, frame: self.answers[min(index, len(self.answers) - 1)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([0, 1, 1, 3, SKIPPED, SKIPPED, BOTH]), min_size=1, max_size=90), st.integers(1, 5))
def test_rows_and_clock_always_agree(film, answers, batch):
    video = Video(clip(film("cfr.mp4")), Picks(answers), batch=batch)
    yielded = [int(index) for batch in video for index in batch.indices]
    rows, clock = video.rows, video.clock()
    assert len(rows) == len(clock)
    assert (np.diff(clock.indices) >= 0).all()
    assert (np.diff(clock.times) >= 0).all()
    seen = rows >= 0
    assert clock.indices[seen].tolist() == [yielded[row] for row in rows[seen]]
    assert sorted(set(rows[seen].tolist())) == list(range(len(yielded)))
    assert len(set(clock.indices[~seen].tolist())) == (~seen).sum() == video.notes.get("frames_skipped", 0)
    wanted = [answers[min(i, len(answers) - 1)] for i in range(90)]
    assert set(clock.indices.tolist()) == {i for i, answer in enumerate(wanted) if answer != 0}


@pytest.mark.parametrize("name", ["corrupt.mp4", "truncated.mkv", "vfr.mp4", "tenbit.mp4", "turned90.mp4", "odd.mp4"])
@pytest.mark.parametrize("sampler", [Stride(3).filled(), Motion(max_gap=2).filled()], ids=["stride", "motion"])
def test_films_of_any_kind_keep_a_row_for_each_frame(film, name, sampler):
    whole, part = (Video(clip(film(name)), which, batch=2) for which in (All(), sampler))
    yielded = sum(len(batch) for batch in part)
    assert sum(len(batch) for batch in whole) == len(part.rows)
    assert part.clock().indices.tolist() == whole.clock().indices.tolist()
    assert part.clock().times.tolist() == whole.clock().times.tolist()
    assert part.clock().status == whole.clock().status
    assert part.rows.max() + 1 == yielded <= len(part.rows)


def test_unrelated_images_have_no_rows_to_fill(tmp_path):
    folder = clip(pictures(tmp_path / "images", [f"{n}.png" for n in range(5)]), independent=True)
    for sampler, indices in ((Stride(2).filled(), [0, 2, 4]), (Motion().filled(), [0, 1, 2, 3, 4])):
        video = Video(folder, sampler, batch=2)
        list(video)
        assert video.clock().indices.tolist() == indices
        assert (video.rows >= 0).all()


def test_nothing_taken_is_a_clock_without_rows(film):
    video = Video(clip(film("cfr.mp4")), Rows())
    assert list(video) == []
    assert (len(video.clock()), video.clock().decoded) == (0, 90)


def test_the_clock_can_be_read_after_an_early_stop(film):
    video = Video(clip(film("cfr.mp4")), All(), batch=3)
    frames = iter(video)
    next(frames)
    next(frames)
    frames.close()
    clock = video.clock()
    assert clock.indices.tolist() == [0, 1, 2, 3, 4, 5]
    assert (clock.decoded, clock.status) == (6, "complete")


def test_the_clock_is_not_there_before_the_first_frame(film):
    with pytest.raises(RuntimeError, match="iterated"):
        Video(clip(film("cfr.mp4")), All()).clock()


def test_a_second_iteration_plays_the_same_again(film):
    video = Video(clip(film("cfr.mp4")), Stride(7), batch=4)
    first = [batch.rgb().tobytes() for batch in video]
    assert first == [batch.rgb().tobytes() for batch in video]
    assert len(video.clock()) == 13


def test_the_clips_range_and_the_given_one_intersect(play, film):
    assert play(film("cfr.mp4"), clip={"start": 1.0, "end": 2.0}, start=1.5, end=9.0).codes == list(range(45, 60))
    assert play(film("cfr.mp4"), clip={"start": 1.0}, end=1.1).codes == [30, 31, 32]


@pytest.mark.parametrize("first", [1, 2, 3, 7, 29, 31, 59, 89])
def test_ranges_end_exactly_on_frames(play, film, first):
    """Binary fractions of 1/30 must neither lose a frame nor add one."""
    assert play(film("cfr.mp4"), start=first / 30, end=(first + 1) / 30).codes == [first]


def test_samplers_count_from_the_start_of_the_range(film):
    seen = []

    class Spy:
        def begin(self, stream):
            seen.append((stream.fps, len(stream.times()), stream.times()[0]))
            return lambda index, time, frame: seen.append((index, round(time, 6))) or 1

    list(Video(clip(film("cfr.mp4")), Spy(), start=1.01, end=1.1))
    assert seen == [(30.0, 2, pytest.approx(0.023333, abs=1e-6)), (0, 0.023333), (1, 0.056667)]


@pytest.mark.parametrize("name", ["cfr.mp4", "cfr.mkv", "h264.avi", "editlist.mp4", "raw.h264", "vp8.webm", "cfr.ts"])
def test_the_times_told_beforehand_are_those_that_come(film, name):
    told, came = [], []

    class Spy:
        def begin(self, stream):
            told.extend(stream.times())
            return lambda index, time, frame: came.append(time) or 0

    list(Video(clip(film(name)), Spy(), start=0.5))
    assert told == pytest.approx(came, abs=1e-9)


def test_a_range_behind_the_end_is_an_error_that_says_how_long_the_film_is(film):
    with pytest.raises(ClipError, match=r"10 s to 12 s.*lasts 3 s"):
        list(Video(clip(film("cfr.mp4"), start=10, end=12), All()))


def test_an_empty_range_is_an_error(film):
    with pytest.raises(ClipError, match="end after its start"):
        Video(clip(film("cfr.mp4"), start=2.0, end=1.0), All())


@pytest.mark.parametrize("how", [{"batch": 0}, {"threads": 0}, {"threads": "many"}, {"hwaccel": "abacus"}])
def test_impossible_settings_are_refused(film, how):
    with pytest.raises(ConfigError):
        Video(clip(film("cfr.mp4")), All(), **how)


def test_the_error_about_hwaccel_names_what_is_there(film):
    with pytest.raises(ConfigError, match=r"decodes here \(cpu.*'abacus'"):
        Video(clip(film("cfr.mp4")), All(), hwaccel="abacus")


def test_hwaccel_auto_may_fall_back(play, film):
    assert len(play(film("cfr.mp4"), hwaccel="auto").codes) == 90


def test_few_frames_are_alive_at_a_time(film, monkeypatch):
    alive, most = weakref.WeakSet(), []

    class Counted(film_module.Shot):
        __slots__ = ("__weakref__",)

        def __init__(self, *fields):
            super().__init__(*fields)
            alive.add(self)

    monkeypatch.setattr(film_module, "Shot", Counted)
    for _ in Video(clip(film("corrupt.mp4")), All(), batch=4):
        gc.collect(0)
        most.append(len(alive))
    assert max(most) <= 9


def test_closing_early_closes_the_file(film):
    frames = iter(Video(clip(film("cfr.mp4")), All()))
    next(frames)
    reel = frames.gi_frame.f_locals["reel"]
    frames.close()
    with pytest.raises(AssertionError):
        reel._reading.container.demux().__next__()


def test_a_film_that_changes_its_size_is_scaled_to_its_beginning(tmp_path, play):
    parts = [write(tmp_path / f"{w}.ts", range(a, a + 20), size=(w, h)) for a, w, h in ((0, 96, 64), (20, 192, 128))]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    got = play(path, batch=3)
    assert got.codes == list(range(40))
    assert got.clock.size == (96, 64)
    assert (np.diff(got.clock.times) >= 0).all()


@pytest.mark.parametrize("name", ["a:b.mp4", "50%d.mp4", "ein film (1) #2 & é='x', [y].mp4", "-i.mp4"])
def test_odd_names_are_only_names(tmp_path, film, play, name):
    path = tmp_path / name
    path.write_bytes(film("cfr.mp4").read_bytes())
    assert len(play(path).codes) == 90


def test_a_relative_name_with_a_colon_is_no_address(tmp_path, film, play, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "http:x.mp4").write_bytes(film("cfr.mp4").read_bytes())
    from pathlib import Path

    assert len(play(Path("http:x.mp4")).codes) == 90


def test_missing_files_and_folders_are_clip_errors(tmp_path, play):
    with pytest.raises(ClipError, match="no such file"):
        play(tmp_path / "missing.mp4")


def test_a_file_without_permission_is_a_clip_error(tmp_path, film, play, monkeypatch):
    def refuse(*args, **how):
        raise PermissionError(13, "denied")

    monkeypatch.setattr("posecfg.video.container.av.open", refuse)
    with pytest.raises(ClipError, match="not permitted"):
        play(film("cfr.mp4"))


@dataclass(frozen=True)
class Bars:
    size: tuple[int, int] = (96, 64)
    fps: float = 25.0
    frames: int = 10

    def rgb(self, index):
        return picture(index, self.size)


def test_a_scene_is_played_like_a_film(tmp_path, play):
    got = play(tmp_path, clip={"scene": Bars()}, start=0.08, end=0.2)
    assert got.codes == [2, 3, 4]
    assert got.clock.times.tolist() == [0.08, 0.12, 0.16]
    assert (got.clock.source, got.clock.fps, got.clock.size) == ("synthetic", 25.0, (96, 64))


def test_seconds_are_counted(film):
    video = Video(clip(film("cfr.mp4")), All())
    assert video.seconds == 0
    list(video)
    assert 0 < video.seconds < 5


@pytest.mark.parametrize("name", ["pose2sim_multi_cam02.mp4", "intel_asl_book.mkv"])
def test_a_segment_of_a_real_film_equals_that_part_of_the_whole(media, name):
    path = media(name)
    whole = Video(clip(path), All(), threads=1)
    kept = {i: b.rgb(64, 48).tobytes() for b in whole for i in b.indices if b.times[0] >= 1.0}
    part = Video(clip(path), All(), start=1.0)
    assert {int(b.indices[0]): b.rgb(64, 48).tobytes() for b in part} == kept
    assert (whole.clock().status, whole.clock().damaged) == ("complete", 0)


def test_every_kind_is_done_or_refused_and_nothing_else(film, play):
    refused = {"noindex.mp4", "sound.m4a", "empty.mp4", "text.mp4", "words.txt"}
    for name in sorted(set(KINDS) - refused):
        assert play(film(name)).codes
    for name in refused:
        with pytest.raises(ClipError, match=name):
            play(film(name))
