import pytest
from films import pictures

from posecfg.errors import ClipError
from posecfg.types import Clip
from posecfg.video.probe import Info, probe


def look(path, **how) -> Info:
    return probe(Clip(id="film", path=path, **how))


def test_a_film_is_known_after_one_frame(film):
    info = look(film("cfr.mp4"))
    assert info == Info(size=(96, 64), rotation=0, fps=30.0, frames=90, duration=3.0, codec="h264", pixels="yuv420p")


def test_size_is_that_of_the_upright_image(film):
    info = look(film("turned90.mp4"))
    assert (info.size, info.rotation) == ((96, 128), 90)


@pytest.mark.parametrize("name", ["live.webm", "raw.h264"])
def test_what_is_not_declared_is_none(film, name):
    info = look(film(name))
    assert (info.frames, info.duration) == (None, None)


@pytest.mark.parametrize("name", ["offset.mkv", "cfr.mkv", "cfr.ts", "mpeg4.avi", "fragments.mp4"])
def test_duration_counts_from_the_first_frame(film, name):
    assert look(film(name)).duration == pytest.approx(3.0, abs=0.05)


def test_an_edit_list_shortens_the_duration(film):
    assert look(film("editlist.mp4")).duration == pytest.approx(1.9)


def test_deep_colour_is_told(film):
    assert look(film("tenbit.mp4")).pixels == "yuv420p10le"


def test_folders_can_be_probed(tmp_path):
    pictures(tmp_path / "in", ["a.png", "b.png"])
    info = look(tmp_path / "in")
    assert (info.size, info.frames, info.codec, info.source) == ((96, 64), 2, "png", "synthetic")


@pytest.mark.parametrize("name", ["sound.m4a", "empty.mp4", "text.mp4", "noindex.mp4"])
def test_what_is_no_film_is_a_clip_error(film, name):
    with pytest.raises(ClipError, match="Expected"):
        look(film(name))
