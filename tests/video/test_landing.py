from contextlib import closing

import pytest

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.container import open_film
from posecfg.video.landing import land
from posecfg.video.reading import Reading
from posecfg.video.video import Video


def find(path, seconds):
    with closing(open_film(path)) as film:
        first = next(film.container.decode(film.stream)).pts
        return land(film, first, first + round(seconds / film.stream.time_base))


@pytest.mark.parametrize(
    "name", ["cfr.mp4", "cfr.mkv", "cfr.ts", "vp9.webm", "vp8.webm", "live.webm", "offset.mkv", "fragments.mp4"]
)
@pytest.mark.parametrize(("seconds", "key"), [(1.501, 45), (1.49, 30), (2.9, 75)])
def test_the_last_key_frame_before_the_time_is_found(film, name, seconds, key):
    landing = find(film(name), seconds)
    assert (landing.packets, landing.shown) == (key, key)


def test_hidden_frames_are_not_counted(film):
    landing = find(film("editlist.mp4"), 1.5)
    assert landing.packets - landing.shown == 3


def test_a_key_frame_that_is_decoded_early_but_shown_late_is_not_landed_on(film):
    """Frames that lead an open group are decoded behind its key frame and shown before it."""
    assert find(film("opengop.mp4"), 14 / 30).packets < 13 < find(film("opengop.mp4"), 16 / 30).packets + 1


@pytest.mark.parametrize("name", ["mpeg4.avi", "cfr.mp4"])
def test_where_nothing_is_gained_the_film_is_simply_read_on(film, name):
    assert find(film(name), 0.2) is None


@pytest.mark.parametrize("name", ["cfr.mp4", "cfr.mkv", "cfr.ts", "live.webm"])
def test_the_end_of_a_film_is_reached_without_decoding_what_lies_before(film, name, monkeypatch):
    decoded = []
    pictures = Reading._pictures

    def count(self):
        for item in pictures(self):
            decoded.append(item)
            yield item

    monkeypatch.setattr(Reading, "_pictures", count)
    list(Video(Clip(id="film", path=film(name)), All(), start=2.8, threads=1))
    assert len(decoded) <= 1 + 15


def test_the_end_of_a_real_film_is_reached_the_same_way(media):
    assert find(media("intel_one-by-one-person-detection.mp4"), 100).packets == 1000
