from __future__ import annotations

import av
import numpy as np
import pytest

from posecfg.drawing.font import _SIGNS, CAP, DESCENT, sign
from posecfg.drawing.label import Label
from posecfg.drawing.lettering import Lettering
from posecfg.video.planes import planes
from posecfg.video.reel import Shot

NEEDED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:/-%() "


def canvas(size=(640, 480), color=(200, 60, 40)):
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), color, np.uint8), "rgb24")
    return planes(Shot(0, 0, frame.reformat(format="yuv420p"), 0), size)


@pytest.mark.parametrize("character", NEEDED)
def test_every_sign_is_there_and_fits_its_box(character):
    assert character in _SIGNS
    width, pieces = sign(character)
    assert width > 0
    assert bool(pieces) == (character != " ")
    points = np.array([point for piece in pieces for point in piece]).reshape(-1, 2)
    assert ((points >= (-0.62, -0.81)) & (points <= (width + 0.62, CAP + DESCENT))).all()


def test_signs_differ():
    masks = {character: Lettering(20).line(character) for character in NEEDED}
    for one in NEEDED:
        for other in NEEDED:
            if one != other and masks[one].shape == masks[other].shape:
                assert (masks[one] != masks[other]).any(), (one, other)


@pytest.mark.parametrize("size", [6, 9, 22, 44])
def test_no_sign_is_cut_off(size):
    for character in NEEDED.replace("(", "").replace(")", ""):
        mask = Lettering(size).line(character)
        assert not mask[0].any()
        assert not mask[-1].any()


def test_digits_are_equally_wide():
    assert len({Lettering(17).line(digit).shape for digit in "0123456789"}) == 1


def test_an_unknown_sign_is_a_question_mark():
    np.testing.assert_array_equal(Lettering(12).line("é"), Lettering(12).line("?"))


def test_text_is_light_on_dark_and_the_rest_is_left_alone():
    own, plain = canvas(), canvas()
    Label("88.8 ms")(own, "12.3 ms")
    changed = own.y != plain.y
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows[-1] < 60
    assert columns[-1] < 200
    inside = own.frame.to_ndarray(format="rgb24")[rows[0] : rows[-1], columns[0] : columns[-1]].astype(int)
    assert inside.max() > 230
    # What lies below shows through.
    dark = inside[inside.shape[0] // 2, 4]
    assert 40 < dark[0] < 110
    assert dark[0] > dark[2] + 10
    # So it does at the corners of the pill, which are round.
    for name in ("u", "v"):
        coloured = getattr(own, name) != getattr(plain, name)
        assert not (coloured & ~changed[::2, ::2] & ~changed[1::2, 1::2]).any()
        assert coloured.sum() > changed.sum() / 8


def test_the_pill_does_not_shrink():
    label = Label("888.8 ms")

    def width(text):
        own = canvas()
        label(own, text)
        return np.flatnonzero((own.y != canvas().y).any(axis=0))[-1]

    first = width("1.2 ms")
    assert width("112.2 ms") > first
    assert width("1.2 ms") == width("112.2 ms")


@pytest.mark.parametrize("size", [(16, 16), (40, 400), (400, 10), (2, 2)])
def test_a_picture_without_room_gets_no_text(size):
    own = canvas(size)
    Label("88.8 ms  888 fps")(own, "12.3 ms  81 fps")
    np.testing.assert_array_equal(own.y, canvas(size).y)


@pytest.mark.parametrize("size", [(112, 64), (101, 75), (1920, 1080), (3840, 2160), (1080, 1920)])
def test_text_grows_with_the_picture(size):
    own = canvas(size)
    Label("88.8 ms  888 fps")(own, "12.3 ms  81 fps")
    changed = (own.y != canvas(size).y).any(axis=1)
    assert 0.02 < changed.mean() < 0.4


def test_a_longer_text_than_expected_is_cut_at_the_edge_of_the_picture():
    own = canvas((112, 64))
    Label("88.8 ms  888 fps")(own, "12345.6 ms  81000 fps and more")
    assert (own.y != canvas((112, 64)).y).any()


def test_one_label_serves_pictures_of_several_sizes():
    label = Label("88.8 ms")
    for size in ((640, 480), (1920, 1080), (16, 16), (640, 480)):
        own, alone = canvas(size), canvas(size)
        label(own, "12.3 ms")
        Label("88.8 ms")(alone, "12.3 ms")
        np.testing.assert_array_equal(own.y, alone.y)
