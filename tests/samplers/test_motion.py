from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.errors import ConfigError
from posecfg.protocols import BOTH, SKIPPED
from posecfg.samplers.motion import Motion

SIZE = (320, 240)
HAND = 30


class Picture:
    """One frame whose brightness is known."""

    def __init__(self, luma):
        self.pixels = np.clip(luma, 0, 255).astype(np.uint8)
        self.size = self.pixels.shape[::-1]

    def luma(self, step=1):
        return self.pixels[None, ::step, ::step]


def room(size=SIZE):
    """Return a picture (H, W) of broad patches."""
    width, height = size
    patches = np.random.default_rng(1).uniform(60, 180, (8, 8))
    return np.kron(patches, np.ones((height // 8, width // 8)))


def with_hand(x, size=SIZE, level=235.0):
    image = room(size)
    unit = HAND * size[0] // SIZE[0]
    top = size[1] // 2
    image[top : top + unit, x : x + unit] = level
    return image


def answers(sampler, images, independent=False):
    stream = type("Stream", (), {"fps": 30.0, "independent": independent, "times": list})()
    pick = sampler.begin(stream)
    return [pick(i, i / 30, Picture(image)) for i, image in enumerate(images)]


def looked_at(sampler, images):
    """Return the indices that are looked at in the end, with those that were taken back."""
    given = answers(sampler.filled(), images)
    back = {i - 1 for i, answer in enumerate(given) if answer == BOTH}
    return [i for i, answer in enumerate(given) if answer != SKIPPED or i in back]


def test_a_still_picture_is_looked_at_now_and_then():
    assert looked_at(Motion(), [room()] * 10) == [0, 4, 8]
    assert looked_at(Motion(max_gap=5), [room()] * 10) == [0, 6]


@pytest.mark.parametrize(("share", "expected"), [(1 / 16, [1, SKIPPED]), (0.9 / 16, [1, 1])])
def test_a_frame_is_left_out_if_no_larger_share_of_it_changed(share, expected):
    still = np.full((16, 16), 100.0)
    moved = still.copy()
    moved[:4, :4] = 200
    assert answers(Motion(share=share, skipped="rows"), [still, moved]) == expected


def test_noise_and_flicker_are_no_movement():
    chance = np.random.default_rng(2)
    images = [room() + chance.normal(0, 6, room().shape) + 12 * (-1) ** i for i in range(13)]
    assert looked_at(Motion(), images) == [0, 4, 8, 12]


@pytest.mark.parametrize("size", [SIZE, (1920, 1080), (1080, 1920)])
def test_a_hand_that_moves_by_its_width_is_seen_at_any_size(size):
    unit = HAND * size[0] // SIZE[0]
    images = [with_hand(unit * i, size) for i in range(5)]
    assert looked_at(Motion(), images) == [0, 1, 2, 3, 4]


def test_a_slow_drift_adds_up():
    images = [with_hand(10 + i // 3) for i in range(40)]
    seen = looked_at(Motion(max_gap=39), images)
    assert 2 < len(seen) < 8
    assert max(np.diff(seen)) < 39


def test_each_frame_is_compared_with_the_last_one_looked_at():
    """Back and forth within a gap is nothing; what stays away is seen at once."""
    home, away = with_hand(10), with_hand(100)
    assert answers(Motion(skipped="rows"), [home, away, home, home, home, home]) == [
        *(1, 1, 1, SKIPPED, SKIPPED, SKIPPED)
    ]


def test_the_frame_before_a_sudden_start_is_looked_at_too():
    home, away = with_hand(10), with_hand(100)
    assert answers(Motion(skipped="rows"), [home, home, home, away]) == [1, SKIPPED, SKIPPED, BOTH]
    assert looked_at(Motion(), [home, home, home, away]) == [0, 2, 3]


def test_a_single_skipped_frame_is_not_taken_back():
    home, away = with_hand(10), with_hand(100)
    assert answers(Motion(skipped="rows"), [home, home, away]) == [1, SKIPPED, 1]


def test_what_is_dropped_has_no_row_and_what_is_filled_has_one():
    still = [room()] * 3
    assert answers(Motion(), still) == [1, 0, 0]
    assert answers(Motion().filled(), still) == [1, SKIPPED, SKIPPED]
    assert answers(Motion(skipped="drop").filled(), still) == [1, 0, 0]
    assert [m.keeps_rows for m in (Motion(), Motion().filled(), Motion(skipped="drop").filled())] == [0, 1, 0]


def test_unrelated_images_are_all_looked_at():
    assert answers(Motion(skipped="rows"), [room()] * 3, independent=True) == [1, 1, 1]


def test_each_clip_starts_anew():
    sampler = Motion()
    assert answers(sampler, [room()] * 3) == answers(sampler, [room()] * 3)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 1000), (97, 65)])
def test_pictures_of_any_shape(size):
    images = [np.full(size[::-1], 50.0), np.full(size[::-1], 50.0)]
    assert answers(Motion(), images) == [1, 0]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 6))
def test_no_more_than_max_gap_are_left_out_in_a_row(places, gap):
    seen = looked_at(Motion(max_gap=gap), [with_hand(40 * place) for place in places])
    assert seen[0] == 0
    assert max(np.diff([*seen, len(places)])) <= gap + 1


@pytest.mark.parametrize(
    "how",
    [
        *({"luma_thr": -1}, {"luma_thr": math.nan}, {"share": 1.1}, {"share": math.nan}),
        *({"max_gap": 0}, {"skipped": "never"}),
    ],
)
def test_impossible_settings_are_refused(how):
    with pytest.raises(ConfigError, match=f"Expected sampler.{next(iter(how))}"):
        Motion(**how)
