import films
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.errors import ConfigError, Unreadable
from posecfg.samplers.fps import Fps
from posecfg.types import Clip
from posecfg.video.video import Video

RATES = [24, 25, 29.97, 30, 30000 / 1001, 50, 60000 / 1001, 60, 120]


def grid(fps, seconds=10.0):
    return [i / fps for i in range(round(fps * seconds))]


@pytest.mark.parametrize("fps", RATES)
def test_every_faster_film_gives_the_same_number_of_frames(take, fps):
    assert len(take(Fps(24), grid(fps))) == 240


def test_the_first_frame_at_or_after_each_point_is_taken(take):
    assert take(Fps(24), grid(30))[:6] == [0, 2, 3, 4, 5, 7]
    assert take(Fps(30), grid(60))[:4] == [0, 2, 4, 6]


def test_a_slower_film_is_taken_whole_and_never_filled_up(take):
    assert take(Fps(24), grid(10, 2)) == list(range(20))
    assert take(Fps(24, mode="accumulator"), grid(10, 2), fps=10) == list(range(20))


def rounded(fps, start, seconds=10.0, origin=0.0):
    """Return the times of Matroska: whole milliseconds, from the first frame on, ``start`` seconds into the clip."""
    first = round(origin * 1000)
    frames = [i / fps for i in range(round(fps * (start + seconds)))]
    stamps = [(round((time + origin) * 1000) - first) / 1000 for time in frames]
    return [time - start for time in stamps if time >= start]


@pytest.mark.parametrize("fps", [24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60])
@pytest.mark.parametrize("origin", [0.0, 0.0004, 1 / 30, 0.0336])
def test_times_in_whole_milliseconds_lose_no_frame(take, fps, origin):
    own = take(Fps(fps), rounded(fps, 0.0, origin=origin), fps=fps, tick=0.001)
    assert len(own) == round(10 * fps)
    slower = take(Fps(24), rounded(fps, 0.0, origin=origin), fps=fps, tick=0.001)
    assert abs(len(slower) - 240) <= (fps < 24)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [(30000 / 1001, 24), (60000 / 1001, 24), (60000 / 1001, 30), (30, 24), (24, 24000 / 1001), (60, 60000 / 1001)],
)
def test_a_film_in_whole_milliseconds_gives_the_frames_that_exact_times_would_give(take, fps, rate):
    exact = take(Fps(rate), grid(fps, 120), fps=fps)
    assert take(Fps(rate), rounded(fps, 0.0, 120), fps=fps, tick=0.001) == exact


def test_a_film_that_only_claims_its_rate_loses_one_frame_at_most(take):
    for claimed in (29.9, 29.97, 30.03, 30.5):
        assert len(take(Fps(30), rounded(30, 0.0, 60), fps=claimed, tick=0.001)) >= 1799


@given(st.floats(0, 2), st.sampled_from([24, 30000 / 1001, 30]), st.floats(0, 0.05))
def test_a_film_of_the_rate_asked_for_is_taken_whole_wherever_a_segment_starts(start, fps, origin):
    times = rounded(fps, start, origin=origin)
    pick = Fps(fps).begin(type("S", (), {"fps": fps, "tick": 0.001, "times": lambda self: times})())
    lost = [time for i, time in enumerate(times) if not pick(i, time, None)]
    assert len(lost) <= 1


def test_a_clock_of_whole_frames_is_trusted(take):
    assert take(Fps(24), grid(25, 2), fps=25, tick=1 / 25) == take(Fps(24), grid(25, 2), fps=25)


@given(st.lists(st.floats(1e-4, 0.5), min_size=1, max_size=200), st.floats(0.5, 120.0), st.integers(1, 4))
def test_exact_never_takes_too_many_nor_out_of_order(steps, rate, every):
    times, now = [0.0], 0.0
    for step in steps:
        now += step
        times.append(now)
    pick = Fps(rate, every=every).begin(type("S", (), {"fps": 30.0, "tick": 1e-9, "times": lambda self: times})())
    rows = [pick(i, time, None) for i, time in enumerate(times)]
    assert rows[0] == 1
    assert set(rows) <= {0, 1}
    assert sum(rows) <= (rate * times[-1] + 1e-3 + every) / every + 1
    hits = [pick_time for pick_time, row in zip(times, rows, strict=True) if row]
    if every == 1:
        points = [int(t * rate + 1e-6) for t in hits]
        assert len(points) == len(set(points))


@pytest.mark.parametrize(
    ("fps", "first", "count"),
    [
        (25, [1, 2, 3, 4, 5], 239),
        (30, [1, 2, 3, 4, 6, 7, 8, 9, 11], None),
        (29.97, [1, 2, 3, 4, 6, 7, 8, 9, 11], None),
        (50, [2, 4, 6, 8], None),
        (60, [2, 4, 7, 9, 12], None),
        (59.94, [2, 4, 7, 9, 12], None),
        (24, [0, 1, 2, 3], 240),
    ],
)
def test_the_accumulator_takes_the_frames_of_the_original(take, fps, first, count):
    indices = take(Fps(24, mode="accumulator"), grid(fps), fps=fps)
    assert indices[: len(first)] == first
    assert count is None or len(indices) == count


def test_every_second_of_the_taken_frames(take):
    assert take(Fps(24, every=2), grid(24)) == list(range(0, 240, 2))


def test_each_clip_starts_anew(take):
    sampler = Fps(24)
    assert take(sampler, grid(30)) == take(sampler, grid(30))


@pytest.mark.parametrize("how", [{"rate": 0}, {"rate": float("nan")}, {"mode": "nearest"}, {"every": 0}])
def test_impossible_settings_are_refused(how):
    with pytest.raises(ConfigError, match="Expected sampler"):
        Fps(**how)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_a_film_of_24_frames_a_second_gives_24(tmp_path, name):
    films.write(tmp_path / name, range(96), fps=24)
    assert sum(len(batch) for batch in Video(Clip("a", tmp_path / name), Fps(24))) == 96


def test_a_clock_that_jumps_by_days_fills_no_memory_with_rows(take):
    with pytest.raises(Unreadable, match=r"4 frames would become 60,000,002 rows, since that of 0.1 s"):
        take(Fps(60, mode="resample"), [0.0, 0.03, 0.07, 1e6])
    with pytest.raises(Unreadable, match=r"1 frame would become 6,000,000 rows"):
        take(Fps(60, mode="resample"), [0.0], fps=1e-5)
    assert len(take(Fps(60, mode="resample"), [0.0, 0.03, 0.07, 600.0])) > 36_000
    assert take(Fps(60), [0.0, 0.03, 0.07, 1e6]) == [0, 1, 2, 3]
