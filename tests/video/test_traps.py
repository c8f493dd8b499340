"""Every film that fooled some reader, with its exact truth."""

import numpy as np
import pytest
from films import KINDS, vfr_times

from posecfg.errors import ClipError

WHOLE = {
    "cfr.mp4": (90, 1e-9),
    "cfr.mkv": (90, 6e-4),
    "cfr.ts": (90, 2e-5),
    "vp9.webm": (90, 6e-4),
    "vp8.webm": (90, 6e-4),
    "mpeg4.avi": (90, 1e-9),
    "h264.avi": (90, 1e-9),
    "opengop.mp4": (90, 1e-9),
    "fragments.mp4": (90, 1e-9),
    "offset.mkv": (90, 6e-4),
    "live.webm": (90, 6e-4),
    "live.mkv": (90, 6e-4),
    "raw.h264": (90, 1e-9),
    "odd.mp4": (5, 1e-9),
    "tenbit.mp4": (5, 1e-9),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("threads", ["auto", 1])
def test_every_frame_comes_once_in_order_with_its_time(film, play, name, threads):
    count, close = WHOLE[name]
    got = play(film(name), threads=threads)
    assert got.codes == list(range(count))
    assert got.clock.indices.tolist() == list(range(count))
    np.testing.assert_allclose(got.clock.times, np.arange(count) / 30, atol=close)
    assert (got.clock.status, got.clock.damaged, got.clock.decoded, got.clock.vfr) == ("complete", 0, count, False)
    assert got.clock.fps == pytest.approx(30)


@pytest.mark.deep
@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"odd.mp4", "tenbit.mp4"}))
@pytest.mark.parametrize(("start", "end"), [(0.4, 0.6), (1.5, 2.2), (2.9, None), (0.0, 0.1)])
def test_a_segment_has_the_same_frames_and_indices_as_the_whole(film, play, name, start, end):
    whole = play(film(name)).clock.times
    wanted = np.flatnonzero((whole >= start) & (whole < (end or 99))).tolist()
    got = play(film(name), start=start, end=end)
    assert got.codes == wanted
    assert got.clock.indices.tolist() == wanted
    assert got.clock.times.tolist() == whole[wanted].tolist()


def test_variable_rate_keeps_its_times(film, play):
    got = play(film("vfr.mp4"))
    assert got.codes == list(range(90))
    assert got.clock.times.tolist() == pytest.approx([float(t) for t in vfr_times()[:90]], abs=1e-4)
    assert got.clock.vfr


def test_a_segment_of_variable_rate_goes_by_time_not_by_index(film, play):
    times = vfr_times()[:90]
    assert play(film("vfr.mp4"), start=1.0, end=4.0).codes == [i for i, t in enumerate(times) if 1 <= t < 4]


def test_an_edit_list_hides_what_it_cut_and_that_is_not_truncation(film, play):
    got = play(film("editlist.mp4"))
    assert got.codes == list(range(33, 90))
    assert got.clock.indices.tolist() == list(range(57))
    assert got.clock.times[0] == 0
    assert (got.clock.status, got.clock.decoded) == ("complete", 57)
    later = play(film("editlist.mp4"), start=1.5)
    assert later.codes == list(range(78, 90))
    assert later.clock.indices.tolist() == list(range(45, 57))


def test_the_first_time_stamp_is_kept(film, play):
    assert play(film("offset.mkv")).clock.first == 2.5


def test_a_raw_stream_says_that_its_times_are_made_up(film, play):
    clock = play(film("raw.h264")).clock
    assert (clock.source, clock.declared, clock.duration) == ("synthetic", None, None)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_turned_film_comes_upright(film, play, angle):
    got = play(film(f"turned{angle}.mp4"))
    assert got.codes == list(range(5))
    assert (got.clock.size, got.clock.rotation) == ((96, 128), angle)


def test_one_frame_is_a_film(film, play):
    got = play(film("one.mp4"))
    assert (got.codes, got.clock.times.tolist(), got.clock.status, got.clock.vfr) == ([7], [0.0], "complete", False)


@pytest.mark.parametrize("threads", ["auto", 1, 3])
@pytest.mark.parametrize("name", ["truncated.mp4", "truncated.mkv"])
def test_a_film_cut_short_gives_all_it_has_and_says_so(film, play, name, threads):
    got = play(film(name), threads=threads)
    assert 100 < len(got.codes) < 250
    assert got.codes == got.clock.indices.tolist() == list(range(len(got.codes)))
    assert got.clock.status == "truncated"


def test_a_segment_before_the_cut_is_complete(film, play):
    assert play(film("truncated.mp4"), end=2.0).clock.status == "complete"


@pytest.mark.parametrize("threads", ["auto", 1, 3])
def test_damage_in_the_middle_costs_only_what_it_hit(film, play, threads):
    got = play(film("corrupt.mp4"), threads=threads)
    assert 270 < len(got.codes) < 300
    assert got.codes[-1] == got.clock.indices[-1] == 299
    assert got.clock.indices.tolist() == np.rint(got.clock.times * 30).astype(int).tolist()  # the lost ones count
    clean = [i for i, index in enumerate(got.clock.indices) if not 75 <= index < 90]  # one group of pictures is spoilt
    assert [got.codes[i] for i in clean] == got.clock.indices[clean].tolist()
    assert (got.clock.status, got.clock.decoded, got.clock.vfr) == ("corrupt", len(got.codes), False)
    assert got.clock.damaged > 0


def test_pixels_behind_damage_do_not_depend_on_the_number_of_threads(film):
    from posecfg.samplers.every import All
    from posecfg.types import Clip
    from posecfg.video.video import Video

    def pixels(threads):
        video = Video(Clip(id="film", path=film("corrupt.mp4")), All(), threads=threads)
        return [batch.rgb().tobytes() for batch in video]

    assert pixels("auto") == pixels(1)


def test_a_segment_behind_damage_knows_its_indices(film, play):
    got = play(film("corrupt.mp4"), start=8.0)
    assert got.codes == got.clock.indices.tolist() == list(range(240, 300))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("noindex.mp4", "index"),
        ("sound.m4a", "holds audio"),
        ("empty.mp4", "0 bytes"),
        ("text.mp4", "no format"),
        ("words.txt", "holds text"),
    ],
)
def test_what_is_no_film_is_refused_in_one_sentence(film, play, name, said):
    with pytest.raises(ClipError) as caught:
        play(film(name))
    assert said in str(caught.value)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_kind_can_be_made(film):
    assert all(film(name).exists() for name in KINDS)
