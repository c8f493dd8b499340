from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.detectors.topdown.letterbox import GREY, Letterbox, fit
from posecfg.detectors.topdown.pixels import MEAN, STD, Tables

cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")

SIDES = st.integers(1, 5000)


@given(SIDES, SIDES, st.sampled_from([(416, 416), (640, 640), (320, 192)]))
def test_a_picture_fits_and_touches_two_edges(width, height, inside):
    how = fit((width, height), *inside)
    assert 1 <= how.width <= inside[0]
    assert 1 <= how.height <= inside[1]
    assert how.width == inside[0] or how.height == inside[1]
    ratio = min(inside[0] / width, inside[1] / height)
    assert abs(how.width - width * ratio) <= 0.5 or how.width == 1
    assert abs(how.height - height * ratio) <= 0.5 or how.height == 1


@given(SIDES, SIDES, st.lists(st.tuples(*[st.floats(0, 1)] * 4), max_size=4))
def test_boxes_come_back_to_where_they_were(width, height, shares):
    how = fit((width, height), 640, 640)
    boxes = np.array(shares, np.float64).reshape(-1, 4) * [width, height, width, height]
    inside = boxes * [how.across, how.down, how.across, how.down]
    assert np.allclose(how.back(inside.astype(np.float32)), boxes, rtol=1e-5, atol=max(width, height) * 1e-6)


def test_halves_are_rounded_up_as_in_the_models_own_pipeline():
    assert fit((1920, 1083), 640, 640).height == 361
    assert fit((1280, 721), 640, 640).height == 361  # 360.5
    assert (fit((1, 5000), 64, 64).width, fit((5000, 1), 64, 64).height) == (1, 1)


def letterbox(side=64, mean=MEAN, std=STD):
    return Letterbox(cv2, Tables(cv2, mean, std, bgr=True), side, side)


def plainly(picture, side, mean=MEAN, std=STD):
    """Do the same in the words of the original: BGR, resize, pad, subtract, divide, transpose."""
    height, width = picture.shape[:2]
    ratio = side / max(width, height)
    size = int(width * ratio + 0.5), int(height * ratio + 0.5)
    canvas = np.full((side, side, 3), 114, np.uint8)
    bgr = np.ascontiguousarray(picture[..., ::-1])
    canvas[: size[1], : size[0]] = cv2.resize(bgr, size, interpolation=cv2.INTER_LINEAR)
    mean, std = (np.array(values[::-1], np.float32) for values in (mean, std))
    return ((canvas.astype(np.float32) - mean) / std).transpose(2, 0, 1)


@pytest.mark.parametrize("size", [(90, 70), (70, 90), (64, 64), (64, 40), (33, 7), (300, 200)])
def test_pixels_equal_the_plain_computation_to_the_last_bit(noise, size):
    pictures = noise(2, size)
    rows, _ = letterbox()(pictures)
    assert rows.shape == (2, 3, 64, 64)
    assert rows.dtype == np.float32
    for row, picture in zip(rows, pictures, strict=True):
        assert np.array_equal(row, plainly(picture, 64))


def test_without_mean_and_deviation_the_bytes_stay(noise):
    rows, _ = letterbox(mean=(0, 0, 0), std=(1, 1, 1))(noise(1, (64, 64)))
    assert np.array_equal(rows[0], noise(1, (64, 64))[0].transpose(2, 0, 1)[::-1])


def test_what_was_there_before_leaves_no_trace(noise):
    box = letterbox()
    for size, count in (((64, 64), 3), ((90, 30), 1), ((30, 90), 2), ((30, 90), 4), ((64, 64), 1), ((10, 64), 2)):
        pictures = noise(count, size, seed=count)
        for row, picture in zip(box(pictures)[0], pictures, strict=True):
            assert np.array_equal(row, plainly(picture, 64))


def test_a_picture_of_one_px_fills_the_square():
    rows, how = letterbox(mean=(0, 0, 0), std=(1, 1, 1))(np.full((1, 1, 1, 3), (10, 20, 30), np.uint8))
    assert (how.width, how.height) == (64, 64)
    assert rows[0, :, 5, 5].tolist() == [30, 20, 10]


def test_the_rest_is_grey():
    rows, how = letterbox(mean=(0, 0, 0), std=(1, 1, 1))(np.zeros((1, 10, 20, 3), np.uint8))
    assert how.height == 32
    assert (rows[0, :, :32] == 0).all()
    assert (rows[0, :, 32:] == GREY).all()


def test_pictures_need_not_be_contiguous(noise):
    big = noise(1, (128, 64))
    assert np.array_equal(letterbox()(big[:, :, ::2])[0], letterbox()(np.ascontiguousarray(big[:, :, ::2]))[0])
