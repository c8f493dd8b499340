import time
from fractions import Fraction

import av
import numpy as np
import pytest
from films import picture
from hypothesis import given
from hypothesis import strategies as st

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.crop import crop
from posecfg.video.frames import FrameBatch
from posecfg.video.reel import Shot, upright_size
from posecfg.video.video import Video

WIDTH, HEIGHT = 160, 120
FORMATS = ["yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "nv12", "yuv420p10le", "rgb24", "gray", "rgba"]
# Formats whose colours are not interpolated when they are converted without being scaled.
EXACT = ["yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "rgb24", "gray", "rgba"]
TURNS = [0, 90, 180, 270]


def shot(pixels="yuv420p", rotation=0, size=(WIDTH, HEIGHT), image=None, **how):
    if image is None:
        across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
        waves = [np.sin(9 * across + 4 * down), np.cos(5 * across - 7 * down), np.sin(3 * across * down)]
        image = (np.stack(waves, axis=-1) * 80 + 128).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24").reformat(format=pixels)
    for name, value in how.items():
        setattr(frame, name, value)
    return Shot(0, 0, frame, rotation)


def size_of(one):
    return upright_size(one.picture, one.rotation)


def rgb(one, *size):
    return FrameBatch([one], Fraction(1, 30), size_of(one)).rgb(*size)[0]


def reference(image, box, width, height):
    """Cut the box out of the converted whole, with black around it, and scale that."""
    x0, y0, x1, y1 = box
    canvas = np.zeros((y1 - y0, x1 - x0, 3), np.uint8)
    left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, image.shape[1]), min(y1, image.shape[0])
    if left < right and top < bottom:
        canvas[top - y0 : bottom - y0, left - x0 : right - x0] = image[top:bottom, left:right]
    return av.VideoFrame.from_ndarray(canvas, "rgb24").reformat(width, height, "rgb24").to_ndarray()


def cut(one, box, width, height):
    image = crop(one, size_of(one), np.array(box, np.int64), width, height)
    assert (image.shape, image.dtype, image.flags.c_contiguous) == ((height, width, 3), np.uint8, True)
    return image


def apart(one, other):
    return np.abs(one.astype(int) - other)


SHOTS = {(pixels, turn): shot(pixels, turn) for pixels in FORMATS for turn in TURNS}
STEEP = np.abs((np.arange(WIDTH) * 15 + np.arange(HEIGHT)[:, None] * 15) % 360 - 180)
RAMPS = {key: shot(*key, image=np.repeat(STEEP[..., None] + 30, 3, axis=2).astype(np.uint8)) for key in SHOTS}
CORNERS = st.integers(-60, 150)
LENGTHS = st.integers(1, 120)


@given(st.sampled_from(EXACT), st.sampled_from(TURNS), CORNERS, CORNERS, LENGTHS, LENGTHS)
def test_without_scaling_every_value_is_that_of_the_converted_whole(pixels, turn, x0, y0, width, height):
    one = SHOTS[pixels, turn]
    box = (x0, y0, x0 + width, y0 + height)
    np.testing.assert_array_equal(cut(one, box, width, height), reference(rgb(one), box, width, height))


@given(st.sampled_from(FORMATS), st.sampled_from(TURNS), CORNERS, CORNERS, st.integers(24, 120), st.integers(24, 120))
def test_scaled_values_are_close_to_those_of_the_converted_whole(pixels, turn, x0, y0, width, height):
    one = SHOTS[pixels, turn]
    box = (x0, y0, x0 + width, y0 + height)
    assert apart(cut(one, box, 64, 48), reference(rgb(one), box, 64, 48)).mean() < 6


@given(st.sampled_from(FORMATS), st.sampled_from(TURNS), *[st.integers(0, 60)] * 2, st.integers(24, 60))
def test_a_scaled_box_is_in_its_place_within_a_fraction_of_a_px(pixels, turn, x0, y0, side):
    one = RAMPS[pixels, turn]
    box = (x0, y0, x0 + side, y0 + side)
    assert apart(cut(one, box, 48, 48), reference(rgb(one), box, 48, 48)).mean() < 3  # one px is worth 15


@pytest.mark.parametrize("pixels", FORMATS)
@pytest.mark.parametrize("turn", TURNS)
def test_the_whole_picture_is_what_the_decoder_scales(pixels, turn):
    one = SHOTS[pixels, turn]
    # Grey is converted before it is scaled, which rounds once more.
    assert apart(cut(one, (0, 0, *size_of(one)), 40, 30), rgb(one, 40, 30)).max() <= (pixels == "gray")


@pytest.mark.parametrize("pixels", FORMATS)
@pytest.mark.parametrize("turn", TURNS)
def test_outside_is_black_and_the_picture_keeps_its_place(pixels, turn):
    one = shot(pixels, turn, image=np.full((HEIGHT, WIDTH, 3), 200, np.uint8))
    width, height = size_of(one)
    image = cut(one, (-20, -40, width + 20, height + 60), (width + 40) // 2, (height + 100) // 2)
    inside = image[20 : 20 + height // 2, 10 : 10 + width // 2]
    assert apart(inside, 200).max() <= 3
    assert image.sum() == inside.sum()


@pytest.mark.parametrize("pixels", FORMATS)
@pytest.mark.parametrize("box", [(-37, -31, 200, 180), (3, -90, 77, 31), (-500, -500, 61, 61)])
def test_black_stays_black_where_edges_fall_between_px(pixels, box):
    one = shot(pixels, image=np.full((HEIGHT, WIDTH, 3), 200, np.uint8))
    image, expected = cut(one, box, 50, 50), reference(rgb(one), box, 50, 50)
    assert image[expected.max(axis=2) == 0].max(initial=0) == 0
    assert apart(image, expected).max() <= 8


@pytest.mark.parametrize("pixels", ["yuv420p", "rgb24", "gray"])
@pytest.mark.parametrize("box", [(0, 0, 0, 0), (50, 50, 40, 60), (160, 0, 200, 40), (-40, 20, 0, 60), (10, -30, 50, 0)])
def test_boxes_without_area_or_wholly_outside_are_black(pixels, box):
    assert cut(SHOTS[pixels, 0], box, 20, 30).max() == 0


@pytest.mark.parametrize("range_", ["MPEG", "JPEG"])
@pytest.mark.parametrize("space", ["ITU709", "ITU601", "SMPTE240M"])
def test_colour_space_and_range_are_those_of_the_film(range_, space):
    from av.video.reformatter import ColorRange, Colorspace

    plain = shot()
    one = shot(color_range=ColorRange[range_].value, colorspace=Colorspace[space].value)
    assert apart(rgb(one), rgb(plain)).max() > 2 or (range_, space) == ("MPEG", "ITU601")
    np.testing.assert_array_equal(cut(one, (10, 20, 90, 60), 80, 40), rgb(one)[20:60, 10:90])
    assert apart(cut(one, (10, 20, 90, 60), 40, 20), reference(rgb(one), (10, 20, 90, 60), 40, 20)).mean() < 3
    assert cut(one, (-31, -20, 60, 60), 40, 40)[:, :12].max() == 0


@pytest.mark.parametrize("turn", TURNS)
def test_a_film_that_changed_its_size_is_scaled_first(turn):
    one = shot("yuv420p", turn)
    size = tuple(2 * length for length in size_of(one))
    image = crop(one, size, np.array((40, 60, 120, 140)), 40, 40)
    expected = reference(rgb(one), (20, 30, 60, 70), 40, 40)
    assert apart(image, expected).mean() < 2


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "nv12", "rgb24"])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (97, 65), (3, 200)])
def test_pictures_may_be_odd_and_tiny(pixels, size):
    image = np.full((size[1], size[0], 3), 120, np.uint8)
    one = shot(pixels, image=image)
    for box in [
        (0, 0, *size),
        (-1, -1, size[0] + 1, size[1] + 1),
        (size[0] - 1, size[1] - 1, size[0] + 4, size[1] + 4),
    ]:
        found = cut(one, box, 12, 12)
        assert apart(found, reference(rgb(one), box, 12, 12)).max() <= 12


def test_a_box_as_large_as_a_country_needs_no_memory():
    one = shot(image=np.full((HEIGHT, WIDTH, 3), 200, np.uint8))
    image = cut(one, (-(10**9), -(10**9), 10**9, 10**9 + 1), 64, 64)
    assert 0 < np.count_nonzero(image.max(axis=2)) <= 4
    assert image[30:34, 30:34].max() > 190


def test_a_picture_with_rows_from_the_bottom_up_is_cut_all_the_same():
    class Plane:
        line_size = -WIDTH

    one = shot("yuv444p")

    class Upside:
        """The same picture, whose planes say that they lie the other way."""

        format, width, height, planes = one.picture.format, WIDTH, HEIGHT, (Plane(),) * 3

    asked = []

    def reformat(frame, width, height, pixels, quick=False):
        asked.append(frame)
        source = one.picture if isinstance(frame, Upside) else frame
        return source.reformat(width, height, pixels)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("posecfg.video.crop.reformat", reformat)
        image = crop(Shot(0, 0, Upside(), 0), (WIDTH, HEIGHT), np.array((10, 20, 50, 60)), 40, 40)
    assert isinstance(asked[0], Upside)
    np.testing.assert_array_equal(image, rgb(one)[20:60, 10:50])


def test_each_frame_of_a_batch_has_its_own_box(film):
    batch = next(iter(Video(Clip(id="film", path=film("cfr.mp4")), All(), batch=3)))
    boxes = np.array([(0, 0, 96, 64), (0, 0, 0, 0), (32, 16, 64, 48)])
    images = batch.crop(boxes, 32, 32)
    assert (images.shape, images.dtype) == ((3, 32, 32, 3), np.uint8)
    np.testing.assert_array_equal(images[0], batch.rgb(32, 32)[0])
    assert images[1].max() == 0
    np.testing.assert_array_equal(images[2], batch.rgb()[2, 16:48, 32:64])


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_of_turned_films_are_upright(film, turn):
    batch = next(iter(Video(Clip(id="film", path=film(f"turned{turn}.mp4")), All(), batch=1)))
    image = batch.crop(np.array([(10, 30, 70, 110)]), 60, 80)[0]
    np.testing.assert_array_equal(image, batch.rgb()[0, 30:110, 10:70])
    assert apart(image, picture(0, batch.size)[30:110, 10:70]).mean() < 12


def test_a_region_of_a_large_film_costs_a_fraction_of_converting_it():
    one = shot(image=np.zeros((1080, 1920, 3), np.uint8))

    def seconds(step):
        times = []
        for _ in range(5):
            began = time.process_time()
            for _ in range(5):
                step()
            times.append(time.process_time() - began)
        return min(times)

    whole = seconds(lambda: reference(rgb(one), (600, 300, 1200, 900), 192, 192))
    assert seconds(lambda: cut(one, (600, 300, 1200, 900), 192, 192)) < 0.6 * whole
