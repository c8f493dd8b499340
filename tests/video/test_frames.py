from fractions import Fraction

import av
import numpy as np
import pytest
from films import picture, read_code

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.frames import FrameBatch
from posecfg.video.reel import Shot
from posecfg.video.video import Video


def first(path, batch=2):
    return next(iter(Video(Clip(id="film", path=path), All(), batch=batch)))


@pytest.mark.parametrize("name", ["cfr.mp4", "turned90.mp4", "turned180.mp4", "odd.mp4", "tenbit.mp4"])
@pytest.mark.parametrize("size", [(None, None), (48, 40), (120, 161)])
def test_pixels_are_upright_contiguous_and_of_the_size_asked_for(film, name, size):
    batch = first(film(name))
    width, height = batch.size if size[0] is None else size
    image = batch.rgb(*size)
    assert (image.shape, image.dtype, image.flags.c_contiguous) == ((2, height, width, 3), np.uint8, True)
    assert [read_code(i) for i in image] == [0, 1]


def test_one_side_alone_keeps_the_proportions(film):
    batch = first(film("cfr.mp4"))
    assert batch.rgb(width=48).shape == (2, 32, 48, 3)
    assert batch.rgb(height=128).shape == (2, 128, 192, 3)


@pytest.mark.parametrize("name", ["cfr.mp4", "turned90.mp4", "turned270.mp4", "tenbit.mp4", "odd.mp4"])
def test_luma_is_upright_brightness(film, name):
    batch = first(film(name))
    luma = batch.luma()
    assert (luma.shape, luma.dtype, luma.flags.c_contiguous) == ((2, *batch.size[::-1]), np.uint8, True)
    assert [read_code(i) for i in luma] == [0, 1]
    rgb = batch.rgb().mean(axis=3)
    assert np.corrcoef(luma.ravel(), rgb.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("name", ["cfr.mp4", "turned90.mp4", "tenbit.mp4", "odd.mp4"])
@pytest.mark.parametrize("step", [1, 3, 5, 500])
def test_thinned_luma_is_every_nth_pixel(film, name, step):
    batch = first(film(name))
    thin = batch.luma(step)
    np.testing.assert_array_equal(thin, batch.luma()[:, ::step, ::step])


def test_colours_survive(film):
    batch = first(film("cfr.mp4"))
    assert np.abs(batch.rgb()[1].astype(int) - picture(1)).mean() < 8


def test_what_nobody_asks_for_is_never_converted(film, monkeypatch):
    def refuse(*args, **how):
        raise AssertionError("converted")

    monkeypatch.setattr("posecfg.video.frames.reformat", refuse)
    assert sum(len(batch) for batch in Video(Clip(id="film", path=film("cfr.mp4")), All())) == 90


@pytest.mark.parametrize("small", [(40, 30), (48, 32), (20, 60)])
@pytest.mark.parametrize("tone", ["bright", "red"])
def test_quick_scaling_moves_nothing(small, tone):
    width, height = 400, 300
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    blob = np.exp(-((x - 280) ** 2 + (y - 120) ** 2) / (2 * 30**2))
    image = np.zeros((height, width, 3)) + 40
    image[..., 0] += 180 * blob
    if tone == "bright":
        image[..., 1:] += 180 * blob[..., None]
    picture = av.VideoFrame.from_ndarray(image.astype(np.uint8), format="rgb24").reformat(format="yuv420p")
    batch = FrameBatch([Shot(0, 0, picture, 0)], Fraction(1), (width, height))
    for quick in (False, True):
        found = batch.rgb(*small, quick=quick)[0, ..., 0].astype(float)
        found[found < 60] = 0
        across = (found.sum(axis=0) * (np.arange(small[0]) + 0.5)).sum() / found.sum() * width / small[0]
        down = (found.sum(axis=1) * (np.arange(small[1]) + 0.5)).sum() / found.sum() * height / small[1]
        assert (across, down) == pytest.approx((280, 120), abs=1.2)


def test_indices_and_times_are_arrays(film):
    batch = first(film("cfr.mp4"), batch=3)
    assert (batch.indices.dtype, batch.times.dtype, len(batch)) == (np.int64, np.float64, 3)
    np.testing.assert_allclose(batch.times, [0, 1 / 30, 2 / 30])
