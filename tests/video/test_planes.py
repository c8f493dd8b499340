from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from films import picture, read_code, write

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.planes import planes, release, rgb
from posecfg.video.reel import Shot
from posecfg.video.video import Video

FULL, LIMITED = 2, 1
FORMATS = ("rgb24", "yuv444p", "yuvj444p", "yuv422p", "nv12", "yuv420p10le", "gray", "gbrp", "rgba", "yuv420p")


def batches(path, batch=1):
    return Video(Clip(id="film", path=path), All(), batch=batch)


@pytest.mark.parametrize("name", ["cfr.mp4", "turned90.mp4", "turned180.mp4", "turned270.mp4", "odd.mp4", "tenbit.mp4"])
def test_planes_show_what_the_film_shows_upright(film, name):
    batch = next(iter(batches(film(name), 2)))
    for own, image, code in zip(batch.planes(), batch.rgb(), (0, 1), strict=True):
        assert own.size == batch.size
        assert read_code(own.y[: own.size[1], : own.size[0]]) == code
        assert np.abs(rgb(own).astype(int) - image).mean() < 3


@pytest.mark.parametrize("size", [(16, 16), (97, 65), (98, 65), (97, 66), (3, 5), (1, 1)])
@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p"])
def test_a_picture_of_any_size_gets_even_planes_and_repeats_its_edge(size, rotation, pixels):
    width, height = size
    ramp = np.add.outer(np.arange(height), np.arange(width)) % 200 + 20
    image = np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format=pixels)
    upright = (width, height) if rotation == 0 else (height, width)
    own = planes(Shot(0, 0, frame, rotation), upright)
    wide, high = (n + n % 2 for n in upright)
    assert (own.size, own.y.shape) == (upright, (high, wide))
    assert own.u.shape == own.v.shape == (high // 2, wide // 2)
    assert (own.frame.width, own.frame.height) == (wide, high)
    assert rgb(own).shape == (*upright[::-1], 3)
    np.testing.assert_array_equal(own.y[:, -1], own.y[:, upright[0] - 1])
    np.testing.assert_array_equal(own.y[-1], own.y[upright[1] - 1])
    turned = np.rot90(image, rotation // 90)[..., 0].astype(int)
    assert np.abs(own.y[: upright[1], : upright[0]] - (turned * 219 / 255 + 16)).max() < 3


def test_what_is_drawn_on_the_planes_is_in_the_frame():
    own = planes(Shot(0, 0, av.VideoFrame.from_ndarray(picture(0), "rgb24"), 0), (96, 64))
    own.y[:], own.u[:], own.v[:] = 81, 90, 240
    red = own.frame.to_ndarray(format="rgb24")
    assert np.abs(red.astype(int) - (255, 0, 0)).max() < 25


@pytest.mark.parametrize("name", ["cfr.mp4", "turned180.mp4", "odd.mp4", "tenbit.mp4", "vp9.webm"])
def test_drawing_never_reaches_the_decoder(film, name):
    def play(draw):
        seen = []
        for batch in batches(film(name)):
            if draw:
                for own in batch.planes():
                    own.y[:], own.u[:], own.v[:] = 0, 255, 255
            seen.append(batch.rgb()[0])
        return np.array(seen)

    np.testing.assert_array_equal(play(draw=True), play(draw=False))


@pytest.mark.parametrize("pixels", FORMATS)
def test_colours_stay_whatever_the_pixels_are(pixels):
    image = np.zeros((32, 48, 3), np.uint8)
    image[:16], image[16:, :24], image[16:, 24:] = (0, 200, 0), (250, 250, 250), (160, 40, 30)
    frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format=pixels)
    wanted = frame.reformat(format="rgb24").to_ndarray()
    out = rgb(planes(Shot(0, 0, frame, 0), (48, 32)))
    for y, x in ((8, 8), (24, 12), (24, 36)):
        assert np.abs(out[y, x].astype(int) - wanted[y, x]).max() < 6


@pytest.mark.parametrize("pixels", ["yuvj420p", "yuvj444p", "yuvj422p"])
def test_full_range_stays_full_range(pixels):
    image = np.full((16, 16, 3), 250, np.uint8)
    frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(format=pixels)
    own = planes(Shot(0, 0, frame, 0), (16, 16))
    assert (own.frame.format.name, own.frame.color_range) == ("yuv420p", FULL)
    assert abs(int(own.y[8, 8]) - 250) < 3


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p"])
def test_what_numbers_mean_is_carried_over(pixels):
    frame = av.VideoFrame(32, 32, pixels)
    frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc = 9, LIMITED, 9, 16
    own = planes(Shot(0, 0, frame, 0), (32, 32)).frame
    assert (own.colorspace, own.color_range, own.color_primaries, own.color_trc) == (9, LIMITED, 9, 16)


def test_rgb_says_how_it_was_converted():
    frame = av.VideoFrame.from_ndarray(picture(0), "rgb24")
    own = planes(Shot(0, 0, frame, 0), (96, 64)).frame
    assert (own.colorspace, own.color_range) == (1, LIMITED)


def test_a_picture_of_another_size_is_scaled():
    frame = av.VideoFrame.from_ndarray(picture(5, (192, 128)), "rgb24").reformat(format="yuv420p")
    own = planes(Shot(0, 0, frame, 0), (96, 64))
    assert own.y.shape == (64, 96)
    assert read_code(own.y) == 5


def test_a_picture_stored_upside_down_is_turned():
    frame = av.VideoFrame.from_ndarray(picture(9), "rgb24").reformat(format="yuv420p")
    frame.pts, frame.time_base = 0, Fraction(1, 30)
    graph = av.filter.Graph()
    source = graph.add_buffer(width=96, height=64, format=frame.format, time_base=frame.time_base)
    flip, sink = graph.add("vflip"), graph.add("buffersink")
    source.link_to(flip)
    flip.link_to(sink)
    graph.configure()
    graph.push(frame)
    flipped = graph.pull()
    assert flipped.planes[0].line_size < 0
    own = planes(Shot(0, 0, flipped, 0), (96, 64))
    np.testing.assert_array_equal(own.y, frame.to_ndarray()[:64][::-1])


def test_a_plain_picture_is_copied_without_conversion(film, monkeypatch):
    def refuse(*args, **how):
        raise AssertionError("converted")

    monkeypatch.setattr("posecfg.video.planes._converted", refuse)
    assert next(iter(batches(film("turned90.mp4")))).planes()[0].size == (96, 128)


def test_a_film_of_full_range_is_not_washed_out(tmp_path):
    path = write(tmp_path / "full.mp4", range(3), pixels="yuvj420p")
    batch = next(iter(batches(path)))
    own = batch.planes()[0]
    assert own.frame.color_range == FULL
    assert np.abs(rgb(own).astype(int) - batch.rgb()[0]).mean() < 2


def still(value, size=(96, 64), **tags):
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), value, np.uint8), "rgb24")
    frame = frame.reformat(format="yuv420p")
    for name, setting in tags.items():
        setattr(frame, name, setting)
    return Shot(0, 0, frame, 0)


def test_memory_that_is_given_back_serves_the_next_picture_of_that_size():
    own = planes(still(10, color_range=FULL, colorspace=1, time_base=Fraction(1, 30), duration=7), (96, 64))
    place = own.frame.planes[0].buffer_ptr
    release(own)
    small = planes(still(200, (32, 32)), (32, 32))
    assert small.frame.planes[0].buffer_ptr != place
    release(own)
    again = planes(still(200), (96, 64))
    assert again.frame.planes[0].buffer_ptr == place
    assert (again.frame.color_range, again.frame.colorspace, again.frame.duration) == (0, 2, 0)
    assert (again.y > 150).all()


def test_pictures_that_are_not_given_back_keep_their_memory():
    several = [planes(still(value), (96, 64)) for value in (50, 100, 150)]
    assert [int(own.y[0, 0]) for own in several] == sorted({int(own.y[0, 0]) for own in several})


def test_memory_that_a_library_still_holds_is_not_written_on():
    own = planes(still(90), (96, 64))
    own.frame.pts, own.frame.time_base = 0, Fraction(1, 30)
    graph = av.filter.Graph()
    source = graph.add_buffer(width=96, height=64, format=own.frame.format, time_base=own.frame.time_base)
    sink = graph.add("buffersink")
    source.link_to(sink)
    graph.configure()
    graph.push(own.frame)
    before = own.y.copy()
    release(own)
    planes(still(200), (96, 64))
    np.testing.assert_array_equal(graph.pull().to_ndarray()[:64], before)
