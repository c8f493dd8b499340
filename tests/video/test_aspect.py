"""Films whose pixels are not square are read as pictures with square pixels."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction

import av
import films
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from squeezed import MARK, centre, displayed, encode, marked, tagged

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video import crop as cropping
from posecfg.video import frames as converting
from posecfg.video.opening import open_reel
from posecfg.video.planes import rgb
from posecfg.video.probe import probe
from posecfg.video.reel import Shot, turned
from posecfg.video.sound import beside
from posecfg.video.video import Video

SQUARE = (320, 240)
MIDDLE = (175.0, 75.0)
# Stored width of a picture that is 320 px wide with square pixels, and the shape of these stored pixels.
SHAPES = {240: Fraction(4, 3), 360: Fraction(8, 9), 300: Fraction(16, 15), 160: Fraction(2), 640: Fraction(1, 2)}


def info(path):
    return probe(Clip(id="film", path=path))


def batch_of(path, count=1):
    return next(iter(Video(Clip(id="film", path=path), All(), batch=count)))


@pytest.fixture(params=SHAPES.values(), ids=lambda aspect: f"{aspect.numerator}x{aspect.denominator}")
def film(request, tmp_path):
    """Return a film of each shape of pixels, whose mark is at the same place of the square picture."""
    image = marked((int(SQUARE[0] / request.param), SQUARE[1]), request.param)
    return encode(tmp_path / "film.mp4", [image] * 2, request.param)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("h264.ts", {}),
        ("raw.h264", {"container": "h264"}),
        ("h264.mkv", {}),
        ("h264.mp4", {}),
        ("mpeg4.avi", {"codec": "mpeg4", "pixels": "yuv420p"}),
    ],
)
def test_the_codec_tells(tmp_path, name, how):
    path = encode(tmp_path / name, [marked((240, 240), Fraction(4, 3))], Fraction(4, 3), **how)
    assert (info(path).size, info(path).pixel_aspect) == (SQUARE, (4, 3))


@pytest.mark.parametrize(
    ("name", "codec", "aspect", "square"),
    [
        ("pal.mpg", "mpeg2video", Fraction(16, 15), (768, 576)),
        ("wide.ts", "mpeg2video", Fraction(64, 45), (1024, 576)),
        ("pal.avi", "dvvideo", Fraction(16, 15), (768, 576)),
        ("wide.dv", "dvvideo", Fraction(64, 45), (1024, 576)),
    ],
)
def test_broadcast_formats_tell(tmp_path, name, codec, aspect, square):
    image = marked((720, 576), aspect)
    path = encode(tmp_path / name, [image] * 2, aspect, codec=codec, pixels="yuv420p")
    assert (info(path).size, info(path).pixel_aspect) == (square, (aspect.numerator, aspect.denominator))
    x, y = centre(batch_of(path).rgb()[0])
    assert (x, y) == (pytest.approx(MIDDLE[0], abs=0.7), pytest.approx(MIDDLE[1], abs=0.7))


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
@pytest.mark.parametrize("codec", [None, Fraction(1), Fraction(2)])
def test_the_container_goes_before_the_codec(tmp_path, suffix, codec):
    source = encode(tmp_path / "codec.mp4", [marked((240, 240), Fraction(4, 3))] * 2, codec)
    path = tagged(source, tmp_path / f"film.{suffix}", Fraction(4, 3))
    assert (info(path).size, info(path).pixel_aspect) == (SQUARE, (4, 3))
    assert centre(batch_of(path).rgb()[0]) == pytest.approx(MIDDLE, abs=0.5)


def test_a_container_that_says_square_goes_before_the_codec_too(tmp_path):
    source = encode(tmp_path / "codec.mp4", [marked((240, 240), Fraction(4, 3))] * 2, Fraction(4, 3))
    path = tagged(source, tmp_path / "film.mp4", Fraction(1))
    assert (info(path).size, info(path).pixel_aspect) == ((240, 240), (1, 1))


@pytest.mark.parametrize("codec", [None, Fraction(1), Fraction(2)])
def test_the_display_width_of_matroska_goes_before_the_codec(tmp_path, codec):
    source = films.write(tmp_path / "plain.mkv", range(3), aspect=codec)
    path = displayed(source, tmp_path / "film.mkv", 128)
    assert (info(path).size, info(path).pixel_aspect) == ((128, 64), (4, 3))
    assert [films.read_code(batch.rgb()[0]) for batch in Video(Clip(id="film", path=path), All())] == [0, 1, 2]


def test_pixels_asked_for_show_the_mark_where_it_is_in_square_pixels(film):
    batch = batch_of(film)
    assert batch.size == SQUARE
    assert batch.rgb().shape == (1, 240, 320, 3)
    assert centre(batch.rgb()[0]) == pytest.approx(MIDDLE, abs=0.5)
    assert batch.rgb(width=160).shape == (1, 120, 160, 3)
    assert centre(batch.rgb(160)[0]) == pytest.approx((87.5, 37.5), abs=0.5)
    assert batch.rgb(height=480).shape == (1, 480, 640, 3)
    assert centre(batch.rgb(200, 50)[0]) == pytest.approx((109.375, 15.625), abs=0.5)


def test_brightness_shows_the_mark_there_too(film):
    batch = batch_of(film)
    assert batch.luma().shape == (1, 240, 320)
    assert centre(batch.luma()[0]) == pytest.approx(MIDDLE, abs=1)
    assert batch.luma(4).shape == (1, 60, 80)
    assert centre(batch.luma(4)[0]) == pytest.approx((175 / 4, 75 / 4), abs=1)


def test_pictures_to_draw_on_are_square(film):
    batch = batch_of(film)
    (own,) = batch.planes()
    assert (own.size, own.y.shape) == (SQUARE, (240, 320))
    assert centre(own.y) == pytest.approx(MIDDLE, abs=0.5)
    assert centre(rgb(own)) == pytest.approx(MIDDLE, abs=0.5)


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize(
    "box", [(100, 20, 260, 180), (101, 21, 263, 179), (-37, -80, 363, 320), (0, 0, 320, 240), (133, 40, 399, 120)]
)
def test_a_crop_shows_the_mark_there_too(film, box, quick):
    width, height = 96, 64
    image = batch_of(film).crop(np.array([box]), width, height, quick)[0]
    wanted = [(MIDDLE[axis] - box[axis]) * (width, height)[axis] / (box[axis + 2] - box[axis]) for axis in (0, 1)]
    tolerance = [0.5 + (width, height)[axis] / (box[axis + 2] - box[axis]) / 2 for axis in (0, 1)]
    assert np.all(np.abs(np.subtract(centre(image), wanted)) < tolerance)


@pytest.mark.parametrize("box", [(-50, 0, -10, 40), (330, 0, 400, 50), (0, 250, 33, 260), (-9, -9, -1, -1)])
def test_a_crop_outside_is_black(film, box):
    assert not batch_of(film).crop(np.array([box]), 20, 10).any()


@pytest.mark.parametrize("box", [(0, 0, 320, 240), (61, 7, 131, 97), (-21, -13, 200, 151)])
def test_a_crop_is_that_of_the_whole_picture(film, box):
    batch = batch_of(film)
    x0, y0, x1, y1 = box
    whole = np.zeros((y1 - y0, x1 - x0, 3), np.uint8)
    inside = batch.rgb()[0][max(y0, 0) : y1, max(x0, 0) : x1]
    whole[max(-y0, 0) : max(-y0, 0) + inside.shape[0], max(-x0, 0) : max(-x0, 0) + inside.shape[1]] = inside
    assert np.abs(batch.crop(np.array([box]), x1 - x0, y1 - y0)[0].astype(int) - whole).mean() < 1


@given(
    st.sampled_from(["yuv420p", "yuvj422p", "yuv444p", "nv12", "yuv420p10le", "rgb24", "gray", "rgba"]),
    st.sampled_from([0, 90, 180, 270]),
    st.integers(60, 160),
    *[st.integers(-60, 150)] * 2,
    *[st.integers(24, 120)] * 2,
)
def test_any_crop_of_any_shape_is_close_to_that_of_the_whole_picture(pixels, turn, wide, x0, y0, width, height):
    across, down = np.meshgrid(np.linspace(0, 1, 120), np.linspace(0, 1, 90))
    waves = [np.sin(9 * across + 4 * down), np.cos(5 * across - 7 * down), np.sin(3 * across * down)]
    image = (np.stack(waves, axis=-1) * 80 + 128).astype(np.uint8)
    shot = Shot(0, 0, av.VideoFrame.from_ndarray(image, "rgb24").reformat(format=pixels), turn)
    size = turned((wide, 90), turn)
    batch = converting.FrameBatch([shot], Fraction(1, 30), size)
    canvas = np.zeros((height, width, 3), np.uint8)
    x1, y1 = min(x0 + width, size[0]), min(y0 + height, size[1])
    if max(x0, 0) < x1 and max(y0, 0) < y1:
        canvas[max(-y0, 0) : y1 - y0, max(-x0, 0) : x1 - x0] = batch.rgb()[0][max(y0, 0) : y1, max(x0, 0) : x1]
    whole = av.VideoFrame.from_ndarray(canvas, "rgb24").reformat(48, 48).to_ndarray()
    cut = batch.crop(np.array([[x0, y0, x0 + width, y0 + height]]), 48, 48)[0]
    assert np.abs(cut.astype(int) - whole).mean() < 6


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_pixels_are_made_square_before_the_picture_is_turned(tmp_path, rotation):
    aspect, wide = Fraction(4, 3), turned(SQUARE, rotation)
    upright = marked(wide, Fraction(1))
    lying = np.rot90(upright, -(rotation // 90) % 4)
    stored = lying.reshape(SQUARE[1], SQUARE[0] // 4, 4, 3)[:, :, [0, 1, 3]].reshape(SQUARE[1], 240, 3)
    path = encode(tmp_path / "film.mp4", [np.ascontiguousarray(stored)] * 2, aspect, rotation=rotation)
    batch = batch_of(path)
    assert (info(path).size, info(path).rotation, batch.size) == (wide, rotation, wide)
    box = np.array([[100, 20, 220, 120]])
    for image in (batch.rgb()[0], batch.luma()[0], rgb(batch.planes()[0])):
        assert image.shape[:2] == wide[::-1]
        assert centre(image) == pytest.approx(MIDDLE, abs=1.5)
    assert centre(batch.crop(box, 120, 100)[0]) == pytest.approx((75, 55), abs=1.5)


def test_pictures_are_scaled_once(tmp_path, monkeypatch):
    calls = []

    def count(picture, *how):
        calls.append(how[:2])
        return reformat(picture, *how)

    reformat = converting.reformat
    monkeypatch.setattr(converting, "reformat", count)
    monkeypatch.setattr(cropping, "reformat", count)
    batch = batch_of(encode(tmp_path / "film.mp4", [marked((240, 240), Fraction(4, 3))] * 2, Fraction(4, 3)))
    batch.rgb(96, 96)
    batch.crop(np.array([[0, -40, 320, 280]]), 96, 96)
    batch.luma(2)
    assert calls == [(96, 96), (96, 72)]


@pytest.mark.parametrize("aspect", [Fraction(40), Fraction(1, 40), Fraction(81, 10)])
def test_a_ratio_that_cannot_be_right_is_ignored_and_told(tmp_path, aspect):
    path = encode(tmp_path / "film.mp4", [marked((240, 240), Fraction(1))], aspect)
    assert (info(path).size, info(path).pixel_aspect) == ((240, 240), (1, 1))
    assert info(path).ignored_aspect == (aspect.numerator, aspect.denominator)
    video = Video(Clip(id="film", path=path), All())
    assert [batch.size for batch in video] == [(240, 240)]
    assert video.notes == {"ignored_pixel_aspect": [aspect.numerator, aspect.denominator]}


def test_pixels_that_would_make_too_large_a_picture_are_taken_as_they_are(tmp_path, monkeypatch):
    path = encode(tmp_path / "film.mp4", [marked((240, 240), Fraction(4, 3))], Fraction(4, 3))
    monkeypatch.setattr("posecfg.video.aspect._LARGEST", 320 * 240 - 1)
    assert (info(path).size, info(path).ignored_aspect) == ((240, 240), (4, 3))
    monkeypatch.setattr("posecfg.video.aspect._LARGEST", 320 * 240)
    assert (info(path).size, info(path).ignored_aspect) == (SQUARE, None)


@pytest.mark.parametrize(("aspect", "width"), [(Fraction(427, 428), 426), (Fraction(321, 320), 320)])
def test_a_rounded_size_counts_as_square(tmp_path, aspect, width):
    path = encode(tmp_path / "film.mp4", [marked((width, 240), Fraction(1))], aspect)
    assert (info(path).size, info(path).pixel_aspect, info(path).ignored_aspect) == ((width, 240), (1, 1), None)


def test_a_film_that_does_not_tell_is_square(tmp_path):
    path = encode(tmp_path / "film.mp4", [marked((240, 240), Fraction(1))], None)
    assert (info(path).size, info(path).pixel_aspect, info(path).ignored_aspect) == ((240, 240), (1, 1), None)


def test_a_shape_that_changes_in_mid_film_is_that_of_the_first_frame(tmp_path):
    parts = [(240, Fraction(4, 3)), (300, Fraction(16, 15)), (320, Fraction(1))]
    data = b""
    for number, (width, aspect) in enumerate(parts):
        path = tmp_path / f"{number}.h264"
        encode(path, [marked((width, 240), aspect)] * 3, aspect, container="h264", pixels="yuv420p")
        data += path.read_bytes()
    path = tmp_path / "film.h264"
    path.write_bytes(data)
    batches = list(Video(Clip(id="film", path=path), All()))
    assert [batch.size for batch in batches] == [SQUARE] * 9
    assert all(centre(batch.rgb()[0]) == pytest.approx(MIDDLE, abs=1) for batch in batches)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_pictures_are_square_whatever_their_density(tmp_path, suffix):
    """As picture viewers show them."""
    codec, pixels = {".jpg": ("mjpeg", "yuvj444p"), ".png": ("png", "rgb24")}[suffix]
    frame = av.VideoFrame.from_ndarray(marked((240, 240), Fraction(1)), "rgb24").reformat(format=pixels)
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 240, 240, pixels, Fraction(1, 30)
    encoder.sample_aspect_ratio = Fraction(4, 3)
    frame.pts = 0
    path = tmp_path / f"picture{suffix}"
    path.write_bytes(b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)]))
    with av.open(str(path)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)
    assert (info(path).size, info(path).pixel_aspect) == ((240, 240), (1, 1))
    assert centre(batch_of(path).rgb()[0]) == pytest.approx(MIDDLE, abs=0.5)


def test_the_clock_and_what_is_copied_beside_tell(tmp_path):
    path = encode(tmp_path / "film.mp4", [marked((240, 240), Fraction(4, 3))] * 2, Fraction(4, 3))
    video = Video(Clip(id="film", path=path), All())
    list(video)
    assert (video.clock().size, video.clock().pixel_aspect) == (SQUARE, (4, 3))
    assert beside(Clip(id="film", path=path), "mp4").tagged
    plain = encode(tmp_path / "plain.mp4", [marked((240, 240), Fraction(1))], None)
    assert not beside(Clip(id="film", path=plain), "mp4").tagged


def test_the_mark_is_where_it_was_drawn():
    assert ((MARK[0] + MARK[2]) / 2, (MARK[1] + MARK[3]) / 2) == MIDDLE
    with closing(open_reel(Clip(id="film", path=__file__, scene=_Scene()))) as reel:
        assert reel.info.pixel_aspect == (1, 1)


class _Scene:
    size, fps, frames = (32, 24), 30.0, 1
