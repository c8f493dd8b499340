"""What of a film a segment is, by time and by counting frames."""

from __future__ import annotations

from fractions import Fraction

import films
import numpy as np
import pytest

from posecfg.errors import ClipError
from posecfg.samplers.every import All
from posecfg.samplers.fps import Fps
from posecfg.samplers.replay import Replay
from posecfg.types import Clip
from posecfg.video.video import Video


def codes(path, first, last, counted=True, sampler=None, **how):
    """Return the numbers that the frames of a segment carry in their pixels, and its clock."""
    video = Video(Clip("clip", path, start=first, end=last, counted=counted), sampler or All(), **how)
    found = [films.read_code(image) for batch in video for image in batch.rgb()]
    return found, video.clock()


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    made = {}

    def get(name, **how):
        if name not in made:
            made[name] = films.write(folder / name, **how) if how else films.make(name, folder)
        return made[name]

    return get


@pytest.mark.parametrize(
    "name", ["cfr.mp4", "cfr.mkv", "cfr.ts", "h264.avi", "fragments.mp4", "raw.h264", "offset.mkv"]
)
@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (0.51, 1.0), (1.0, 2.04), (2.5, 99.0)])
def test_counted_frames_include_the_last(film, name, start, end):
    found, clock = codes(film(name), start, end)
    first, last = int(start * clock.fps), min(int(end * clock.fps), 89)
    assert found == list(range(first, last + 1)) == clock.indices.tolist()


def test_by_time_the_last_is_not_in(film):
    assert codes(film("cfr.mp4"), 1.0, 2.0, counted=False)[0] == list(range(30, 60))
    assert codes(film("cfr.mp4"), 1.0, 2.0)[0] == list(range(30, 61))


def test_a_film_of_varying_rate_is_counted_by_its_mean(film):
    found, clock = codes(film("vfr.mp4"), 1.0, 4.0)
    assert found == list(range(int(clock.fps), int(4 * clock.fps) + 1)) == list(range(19, 80))
    assert clock.times[0] == pytest.approx(19 / 30)
    assert codes(film("vfr.mp4"), 1.0, 4.0, counted=False)[0] == list(range(30, 61))


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), 25, Fraction(30000, 1001)])
def test_products_of_time_and_rate_are_cut_as_floats(film, fps):
    path = film(f"{float(fps):.2f}.mp4", fps=fps)
    for start in (0.04, 0.12, 0.29, 0.56, 1.001, 1.16, 2.002):
        found, clock = codes(path, start, start + 0.2)
        assert found == list(range(int(start * float(fps)), int((start + 0.2) * float(fps)) + 1))
        assert clock.fps == pytest.approx(float(fps), abs=1e-6)


def test_open_ends_and_the_knobs_for_a_range_still_hold(film):
    assert codes(film("cfr.mp4"), None, 0.1)[0] == [0, 1, 2, 3]
    assert codes(film("cfr.mp4"), 2.9, None)[0] == [87, 88, 89]
    assert codes(film("cfr.mp4"), 1.0, 2.0, start=1.5, end=1.6)[0] == [45, 46, 47]
    assert codes(film("cfr.mp4"), 1.0, 2.0, end=1.1)[0] == [30, 31, 32]


def test_samplers_count_from_the_first_counted_frame(film):
    legacy, _ = codes(film("cfr.mp4"), 1.0, 2.0, sampler=Fps(24, "accumulator"))
    assert legacy[:5] == [31, 32, 33, 34, 36]
    assert codes(film("vfr.mp4"), 1.0, 4.0, sampler=Fps(1))[0][0] == 19


def test_a_second_look_gives_the_same_frames(film):
    assert codes(film("vfr.mp4"), 1.0, 2.0, sampler=Replay(np.array([20, 25])))[0] == [20, 25]


def test_behind_the_end_of_a_film_there_is_nothing(film):
    with pytest.raises(ClipError, match="to hold frames in 3 s to 4 s, but it has none; the whole lasts 3 s"):
        codes(film("cfr.mp4"), 3.0, 4.0)
