from __future__ import annotations

import dataclasses

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from posecfg import skeletons
from posecfg.drawing.people import Artist
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Person
from posecfg.video.planes import planes
from posecfg.video.reel import Shot

GREEN, CYAN, RED, WHITE = (0, 255, 0), (0, 255, 255), (255, 0, 0), (255, 255, 255)
STICK = Skeleton("stick", ("a", "b"), (("a", "b"),))
COCO = skeletons.load("coco17")


def canvas(size=(320, 240), grey=100, **tags):
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), grey, np.uint8), "rgb24")
    frame = frame.reformat(format="yuv420p")
    for name, value in tags.items():
        setattr(frame, name, value)
    return planes(Shot(0, 0, frame, 0), size)


def artist(radius=5.0, width=3.0, kpt_thr=0.3, joints=(GREEN, RED), bones=(CYAN, WHITE)):
    return Artist(joints, bones, radius, width, kpt_thr)


def person(*points, scores=None, track=0, skeleton=STICK):
    xy = np.array(points, np.float32)
    return Person(track, skeleton, xy, np.ones(len(xy), np.float32) if scores is None else np.float32(scores))


def rgb(own):
    return own.frame.to_ndarray(format="rgb24").astype(int)


def is_near(pixel, color):
    # Colour has half the resolution of brightness.
    return np.abs(pixel - color).max() < 60


@pytest.mark.parametrize("tags", [{}, {"colorspace": 1}, {"colorspace": 6}, {"color_range": 2}, {"color_range": 1}])
def test_keypoints_are_green_and_bones_cyan_in_what_a_player_shows(tags):
    own = canvas(**tags)
    artist()(own, [person((60, 120), (260, 120))])
    image = rgb(own)
    assert is_near(image[120, 60], GREEN)
    assert is_near(image[120, 260], GREEN)
    assert is_near(image[120, 160], CYAN)
    assert (image[100, 160] == rgb(canvas(**tags))[100, 160]).all()


def test_green_survives_the_encoder():
    import io

    with av.open(io.BytesIO(), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        own = canvas()
        artist()(own, [person((60, 120), (260, 120))])
        packets = [*stream.encode(own.frame), *stream.encode(None)]
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = stream.codec_context.extradata
    frames = [frame for packet in packets for frame in decoder.decode(packet)] + decoder.decode(None)
    image = frames[0].to_ndarray(format="rgb24").astype(int)
    assert is_near(image[120, 60], GREEN)


def test_sizes_are_those_asked_for():
    own = canvas()
    artist(radius=8.0, width=4.0)(own, [person((60.0, 120.0), (260.0, 120.0))])
    plain = canvas()
    changed = own.y != plain.y
    # The dark rim is a quarter of the bones' width.
    assert np.ptp(np.flatnonzero(changed[:, 60])) + 1 == pytest.approx(2 * (8 + 1), abs=1.1)
    assert np.ptp(np.flatnonzero(changed[:, 160])) + 1 == pytest.approx(4 + 2 * 1, abs=1.1)


def test_edges_are_soft_and_a_dot_weighs_its_area():
    own = canvas(grey=0)
    artist(radius=6.0, width=0.001, joints=(WHITE,))(own, [person((100.3, 100.7), (np.nan, 0))])
    share = (own.y.astype(float) - 16) / 219
    assert share.sum() == pytest.approx(np.pi * 6**2, rel=0.02)
    assert ((share > 0.1) & (share < 0.9)).sum() > 8
    y, x = np.mgrid[: share.shape[0], : share.shape[1]] + 0.5
    assert (x * share).sum() / share.sum() == pytest.approx(100.3, abs=0.1)
    assert (y * share).sum() / share.sum() == pytest.approx(100.7, abs=0.1)


def test_what_scores_too_low_or_is_missing_is_not_drawn():
    plain = canvas()
    for bad in (
        person((60, 120), (260, 120), scores=(0.2, 0.2)),
        person((np.nan, 120), (260, np.nan)),
        person((60, 120), (260, 120), scores=(np.nan, np.nan)),
        person((np.inf, 120), (-np.inf, 1e9)),
        person((-500, -500), (-400, 900)),
    ):
        own = canvas()
        artist()(own, [bad])
        for name in ("y", "u", "v"):
            np.testing.assert_array_equal(getattr(own, name), getattr(plain, name))


def test_a_pose_that_was_made_up_has_bones_only():
    own = canvas()
    made = dataclasses.replace(person((60, 120), (260, 120)), made=True)
    artist(radius=9.0)(own, [made])
    image = rgb(own)
    assert is_near(image[120, 160], CYAN)
    assert is_near(image[120, 60], CYAN)
    assert (image[125, 60] == rgb(canvas())[125, 60]).all()


def test_a_bone_needs_both_its_ends():
    own = canvas()
    artist()(own, [person((60, 120), (260, 120), scores=(0.3, 0.29))])
    image = rgb(own)
    assert is_near(image[120, 60], GREEN)
    assert (image[120, 160] == rgb(canvas())[120, 160]).all()


def test_points_partly_outside_are_clipped():
    own = canvas()
    artist(radius=10.0)(own, [person((0, 0), (319.5, 239.5)), person((-3, 120), (400, 120))])
    image = rgb(own)
    assert is_near(image[1, 1], GREEN)
    assert is_near(image[238, 318], GREEN)
    assert is_near(image[120, 2], GREEN)
    assert is_near(image[120, 300], CYAN)


def test_further_people_have_their_own_colours_and_lie_on_top():
    own = canvas()
    artist()(own, [person((60, 120), (260, 120)), person((160, 40), (160, 200), track=1)])
    image = rgb(own)
    assert is_near(image[40, 160], RED)
    assert is_near(image[120, 160], WHITE)
    assert is_near(image[120, 100], CYAN)
    artist()(own, [person((60, 220), (260, 220), track=2)])
    assert is_near(rgb(own)[220, 60], GREEN)


def test_sides_have_a_colour_each_whoever_it_is():
    own, blue, yellow = canvas(), (0, 0, 255), (255, 255, 0)
    names = ("nose", "left_knee", "left_foot", "right_knee", "right_foot")
    bones = (names[1:3], names[3:], ("left_knee", "right_knee"), ("nose", "left_knee"))
    xy = ((160, 20), (60, 100), (60, 200), (260, 100), (260, 200))
    drawn = Artist([GREEN], [CYAN], 5.0, 3.0, 0.3, sides=[blue, RED, yellow])
    drawn(own, [person(*xy, track=3, skeleton=Skeleton("legs", names, bones))])
    image = rgb(own)
    for (x, y), color in zip(xy, (yellow, blue, blue, RED, RED), strict=True):
        assert is_near(image[y, x], color)
    for (x, y), color in {(60, 150): blue, (260, 150): RED, (160, 100): yellow, (110, 60): blue}.items():
        assert is_near(image[y, x], color)


def test_bones_that_cross_leave_no_gap():
    own = canvas(grey=255)
    cross = Skeleton("cross", ("a", "b", "c", "d"), (("a", "b"), ("c", "d")))
    artist(radius=1.0, width=4.0)(own, [person((40, 40), (200, 200), (40, 200), (200, 40), skeleton=cross)])
    image = rgb(own)
    assert all(is_near(image[i, i], CYAN) for i in range(50, 190))
    assert all(is_near(image[239 - i, i], CYAN) for i in range(50, 190))


@pytest.mark.parametrize("size", [(16, 16), (96, 64), (640, 480), (1920, 1080), (3840, 2160), (1080, 1920)])
def test_sizes_go_by_the_picture(size):
    own = canvas(size)
    xy = np.stack(np.meshgrid(np.linspace(0.2, 0.8, 5), np.linspace(0.1, 0.9, 4)), axis=-1).reshape(-1, 2)[:17] * size
    Artist([GREEN], [CYAN], None, None, 0.3)(own, [person(*xy, skeleton=COCO)])
    changed = (own.y != canvas(size).y).mean()
    assert 0.005 < changed < (0.9 if size == (16, 16) else 0.25)


def test_a_least_radius_is_for_small_pictures_and_not_for_small_people():
    def drawn(size, height, least):
        own = canvas(size)
        xy = np.random.default_rng(0).uniform((0, 0), (0.4, 1), (17, 2)) * height + 10
        Artist([GREEN], [CYAN], None, None, 0.3, least)(own, [person(*xy, skeleton=COCO)])
        return (own.y != canvas(size).y).sum()

    assert drawn((320, 240), 220, 3.0) > 1.3 * drawn((320, 240), 220, 0.0)
    assert drawn((1920, 1080), 220, 3.0) == drawn((1920, 1080), 220, 0.0)
    assert drawn((1920, 1080), 40, 3.0) == drawn((1920, 1080), 40, 0.0)


def test_somebody_far_off_is_no_blob():
    near, far = canvas((1920, 1080)), canvas((1920, 1080))
    xy = np.random.default_rng(0).uniform((0, 0), (0.4, 1), (17, 2))
    for own, height in ((near, 800), (far, 40)):
        Artist([GREEN], [CYAN], None, None, 0.3)(own, [person(*(xy * height + 100), skeleton=COCO)])
    plain = canvas((1920, 1080)).y
    assert (far.y != plain).sum() < (near.y != plain).sum() / 10


@given(
    hnp.arrays(np.float32, (17, 2), elements=st.floats(width=32)),
    hnp.arrays(np.float32, 17, elements=st.floats(width=32)),
    st.sampled_from([(16, 16), (33, 17), (64, 48)]),
)
def test_no_numbers_break_it(xy, scores, size):
    own = canvas(size)
    Artist([GREEN], [CYAN], None, None, 0.3)(own, [Person(3, COCO, xy, scores)])


def test_planes_with_longer_lines_are_respected():
    own = canvas((30, 32))
    assert own.y.strides[0] > own.y.shape[1]
    padding = np.lib.stride_tricks.as_strided(own.y, (31, own.y.strides[0]), own.y.strides)[:, 30:]
    before = padding.copy()
    artist(radius=3.0)(own, [person((29, 5), (2, 31))])
    np.testing.assert_array_equal(padding, before)
    assert is_near(rgb(own)[5, 28], GREEN)


def test_nobody_leaves_the_picture_as_it_is():
    own = canvas()
    artist()(own, [])
    np.testing.assert_array_equal(own.y, canvas().y)


@given(
    hnp.arrays(np.float64, (2, 2), elements=st.floats(-20, 120)),
    st.floats(0.5, 12),
    st.floats(0.5, 12),
)
def test_near_the_edge_everything_is_clipped(xy, radius, width):
    """What is taken to lie inside is drawn as if it had been clipped."""
    drawn = []
    for careful in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            if careful:
                patch.setattr("posecfg.drawing.people._Canvas.within", lambda *where: None)
            own = canvas((100, 90))
            artist(radius=radius, width=width)(own, [person(*xy)])
            drawn.append(own.frame.to_ndarray())
    np.testing.assert_array_equal(*drawn)


def test_of_a_face_mesh_outlines_are_drawn_and_no_dots():
    """A point of the mesh that is on no outline stays as it was; one of a hand beside it is a disc."""
    mesh = Skeleton("mesh", ("face_1", "face_33", "face_246", "left_thumb4"), (("face_33", "face_246"),))
    own = canvas()
    artist()(own, [person((60, 40), (60, 120), (260, 120), (160, 200), skeleton=mesh)])
    image, plain = rgb(own), rgb(canvas())
    assert (image[40, 60] == plain[40, 60]).all()
    assert is_near(image[120, 160], CYAN)
    assert is_near(image[120, 64], CYAN)
    assert is_near(image[200, 160], GREEN)
