"""What is remembered of a film's packets between its segments."""

import shutil
from fractions import Fraction

import av
import pytest

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video import walk as module
from posecfg.video.video import Video
from posecfg.video.walk import Walk, walk


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(module, "_known", type(module._known)())


@pytest.fixture
def opened(monkeypatch):
    """Count how often packets are gone through."""
    paths = []
    real = module.open_film

    def count(path, *rest):
        paths.append(path)
        return real(path, *rest)

    monkeypatch.setattr(module, "open_film", count)
    return paths


def shots(path, start, end):
    """Return index, time and pixels of the frames of a segment."""
    clip = Clip(id="film", path=path, start=start, end=end)
    return [(int(batch.indices[0]), float(batch.times[0]), batch.luma()[0].tobytes()) for batch in Video(clip, All())]


@pytest.mark.parametrize("name", ["cfr.mkv", "cfr.ts", "vp9.webm", "vp8.webm", "live.webm", "offset.mkv", "cfr.mp4"])
def test_segments_are_the_frames_that_the_whole_film_shows(film, name):
    whole = shots(film(name), None, None)
    for start, end in ((2.4, 2.7), (0.6, 0.9), (1.5, 1.7), (2.4, 2.7)):
        assert shots(film(name), start, end) == [shot for shot in whole if start <= shot[1] < end]


def test_the_packets_of_a_film_are_gone_through_once_for_all_segments(film, opened):
    for start in (2.4, 0.6, 1.5, 2.8):
        shots(film("cfr.mkv"), start, None)
    assert len(opened) == 1


def test_packets_behind_a_segment_are_left_alone(film, monkeypatch):
    steps = []
    place = Walk._place
    monkeypatch.setattr(Walk, "_place", lambda self, packet, *rest: steps.append(1) or place(self, packet, *rest))
    shots(film("cfr.mkv"), 0.6, 0.8)
    early = len(steps)
    shots(film("cfr.mkv"), 2.0, 2.2)
    assert 0 < early < 35 < len(steps) < 80


def test_a_matroska_film_is_entered_where_the_segment_begins(film, monkeypatch):
    """No packet before the key frame is even read."""
    skipped = []
    from posecfg.video.reading import Reading

    init = Reading.__init__

    def note(self, path, threads, accel, patient, landing, *rest):
        skipped.append(landing.skip)
        init(self, path, threads, accel, patient, landing, *rest)

    monkeypatch.setattr(Reading, "__init__", note)
    assert len(shots(film("cfr.mkv"), 2.6, None)) == 12
    assert skipped == [0, 0]


def test_where_seeking_misses_packets_are_passed_over_instead(film, monkeypatch):
    whole = shots(film("cfr.mkv"), None, None)
    monkeypatch.setattr("posecfg.video.landing._leads", lambda *arguments: False)
    assert shots(film("cfr.mkv"), 2.6, None) == [shot for shot in whole if shot[1] >= 2.6]


def test_a_film_that_was_replaced_is_gone_through_again(film, tmp_path, opened):
    path = tmp_path / "film.mkv"
    shutil.copy(film("cfr.mkv"), path)
    shots(path, 2.4, None)
    path.unlink()
    shutil.copy(film("offset.mkv"), path)
    assert shots(path, 2.0, None) == [shot for shot in shots(film("offset.mkv"), None, None) if shot[1] >= 2.0]
    assert opened.count(path) == 2


def test_no_more_than_two_films_are_remembered(film):
    for name in ("cfr.mkv", "cfr.ts", "offset.mkv"):
        walk(film(name), 0)
    assert [name[0] for name in module._known] == [film("cfr.ts"), film("offset.mkv")]


def test_what_could_not_be_read_is_not_remembered(film, monkeypatch):
    def broken(self, *arguments):
        raise av.error.InvalidDataError(1, "damaged")

    with monkeypatch.context() as patch:
        patch.setattr(Walk, "_place", broken)
        with pytest.raises(av.FFmpegError):
            walk(film("cfr.mkv"), 0).key(1000)
    assert not module._known
    assert walk(film("cfr.mkv"), 0).key(2000).packets > 0


@pytest.mark.parametrize("name", ["cfr.mp4", "cfr.mkv", "vfr.mp4"])
def test_times_are_those_of_the_frames(film, name):
    with av.open(str(film(name))) as container:
        frames = list(container.decode(video=0))
    ticks = [frame.pts - frames[0].pts for frame in frames]
    tick = frames[0].time_base
    assert walk(film(name), frames[0].pts).times(Fraction(tick)) == [float(t * tick) for t in ticks]
