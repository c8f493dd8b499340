from __future__ import annotations

import itertools

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from hypothesis import given
from hypothesis import strategies as st

from posecfg.drawing.colors import BONES, JOINTS, NAMES, color, yuv
from posecfg.errors import ConfigError

MATRICES = {1: Colorspace.ITU709, 6: Colorspace.ITU601, 7: Colorspace.SMPTE240M}
# What is left of red, green and blue light for eyes that lack one kind of cone (Machado, Oliveira and Fernandes, 2009).
EYES = {
    "all cones": np.eye(3),
    "no long": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no middle": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "no short": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("full", [True, False])
@given(rgb=st.tuples(*[st.integers(0, 255)] * 3))
def test_colours_are_those_that_a_player_shows(matrix, full, rgb):
    frame = av.VideoFrame(16, 16, "yuv444p")
    for plane, value in zip(frame.planes, yuv(rgb, matrix, full, 480), strict=True):
        np.frombuffer(memoryview(plane), np.uint8)[:] = value
    shown = frame.reformat(
        format="rgb24",
        src_colorspace=MATRICES[matrix],
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    ).to_ndarray()
    assert np.abs(shown[8, 8].astype(int) - rgb).max() <= 5


@pytest.mark.parametrize(("lines", "like"), [(480, 6), (719, 6), (720, 1), (2160, 1)])
def test_a_film_that_does_not_say_its_matrix_is_guessed_by_height(lines, like):
    assert yuv((0, 255, 0), 2, False, lines) == yuv((0, 255, 0), like, False, lines)


def test_black_and_white_span_the_range():
    assert yuv((0, 0, 0), 1, False, 1080) == (16, 128, 128)
    assert yuv((255, 255, 255), 1, False, 1080) == (235, 128, 128)
    assert yuv((0, 0, 0), 1, True, 1080) == (0, 128, 128)
    assert yuv((255, 255, 255), 1, True, 1080) == (255, 128, 128)


@pytest.mark.parametrize(
    ("text", "wanted"), [("green", (0, 255, 0)), ("ff8800", (255, 136, 0)), ("#FF8800", (255, 136, 0))]
)
def test_a_colour_is_a_name_or_six_digits(text, wanted):
    assert color(text) == wanted


@pytest.mark.parametrize("text", ["teal", "ff88", "ff8800aa", "", "#", 0, None, ["green"]])
def test_what_is_no_colour_is_refused_with_the_names(text):
    with pytest.raises(ConfigError, match=f"Expected a colour .*{next(iter(NAMES))}"):
        color(text)


def lab(rgb, eye):
    """Return a colour as such an eye sees it, in CIELAB, where distance is what one can tell apart."""
    share = np.array(rgb) / 255
    light = np.clip(eye @ np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4), 0, 1)
    white = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (white @ light) / white.sum(axis=1)
    fx, fy, fz = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize("eye", EYES)
def test_people_can_be_told_apart_by_their_bones_whatever_eyes_one_has(eye):
    seen = [lab(color(text), EYES[eye]) for text in BONES]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 25
    assert len(JOINTS) == len(BONES)


def test_the_first_person_is_green_on_cyan():
    assert (color(JOINTS[0]), color(BONES[0])) == ((0, 255, 0), (0, 255, 255))
