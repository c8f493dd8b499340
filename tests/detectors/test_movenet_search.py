"""Several people in front of a model that finds one: who is followed is the one whom the policy chooses."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinygraphs import Spots
from told import facts

from posecfg.config.compose import compose
from posecfg.config.resolvers import start
from posecfg.detectors import tflite
from posecfg.detectors.movenet import MoveNet
from posecfg.detectors.movenet_crop import around, whole
from posecfg.detectors.movenet_search import squares
from posecfg.models import files, store
from posecfg.persons.largest import Largest
from posecfg.persons.nearest import Nearest
from posecfg.types import Clip
from posecfg.video.frames import FrameBatch
from posecfg.video.reel import Shot

SIZE = (600, 300)
FILM = Clip("clip", Path("clip.mp4"))
# Each person: column of the middle, height of the spots, and their brightness.
SMALL, BIG, MIDDLE = (60, 60, 255), (500, 120, 150), (330, 40, 110)


class Crowd(Spots):
    """A model that finds the brightest of several people side by side; one of whom a spot is covered is nobody."""

    looks = 0

    def get_tensor(self, index):
        Crowd.looks += 1
        bright = self.picture.sum(axis=(0, 2))
        columns = np.flatnonzero(bright > 60)
        groups = np.split(columns, np.flatnonzero(np.diff(columns) > 2) + 1)
        whole = [group for group in groups if (self.picture[:, group].max(axis=(0, 1), initial=0) > 60).all()]
        best = max(whole, key=lambda group: self.picture[:, group].max(), default=np.arange(0))
        others = np.setdiff1d(np.arange(self.side), best)
        self.picture[:, others] = 0
        return super().get_tensor(index)


@pytest.fixture
def build(monkeypatch, tmp_path):
    (tmp_path / "model.tflite").touch()
    monkeypatch.setattr(store, "find", lambda name: tmp_path / "model.tflite")
    monkeypatch.setattr(files, "digest", lambda path: "00ff")
    monkeypatch.setattr(tflite, "load", lambda runtime, wanted_by: Crowd)
    monkeypatch.setattr(Crowd, "looks", 0)
    return MoveNet


def picture(*people, size=SIZE):
    """Return a picture of people, each a red, a green and a blue spot on a slant."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    for x, height, brightness in people:
        for channel, side in enumerate((-1, 0, 1)):
            row, column = size[1] // 2 + side * height // 2, x + 12 * side
            image[row - 8 : row + 8, column - 8 : column + 8, channel] = brightness
    return image


def run(detector, images, clip=FILM):
    shots = [Shot(i, i, av.VideoFrame.from_ndarray(image, "rgb24"), 0) for i, image in enumerate(images)]
    size = images[0].shape[1::-1]
    return list(detector((FrameBatch([shot], Fraction(1, 30), size) for shot in shots), clip))


def columns(found):
    """Return the column in which each frame's person is, None where there is none."""
    return [
        round(float(poses.xy[0, 11, 0]), -1) if len(poses) and poses.scores[0, 11] > 0.5 else None for poses in found
    ]


CROWD = [picture(SMALL, BIG, MIDDLE)] * 3


@pytest.mark.parametrize(("whom", "column"), [("best", 60), ("largest", 500), ("nearest", 330)])
def test_the_person_whom_the_policy_chooses_is_followed(build, whom, column):
    found = run(build(start=whom), CROWD)
    assert columns(found) == [column] * 3
    policies = {"largest": Largest, "nearest": Nearest}
    if whom in policies:
        policy = policies[whom]().begin(SIZE)
        assert [policy(poses) for poses in found] == [[(0, 0)]] * 3


def test_one_look_a_frame_is_enough_for_the_best_and_while_somebody_is_followed(build):
    run(build(), CROWD)
    assert Crowd.looks == 3
    Crowd.looks = 0
    detector = build(start="largest")
    run(detector, CROWD[:1])
    first = Crowd.looks
    assert 4 < first <= 40
    run(detector, CROWD)
    assert Crowd.looks == 2 * first + 2


def test_who_is_hidden_behind_the_brightest_in_every_square_is_found_where_that_one_is_covered(build):
    close = (SMALL[0] + 60, *BIG[1:])
    assert all(x0 > close[0] or x0 <= SMALL[0] for x0, *_ in squares(SIZE))
    assert columns(run(build(), [picture(SMALL, close)])) == [60]
    assert columns(run(build(start="largest"), [picture(SMALL, close)])) == [120]


def test_a_person_who_fills_the_picture_is_one_of_them(build):
    images = [picture(SMALL, (250, 240, 110), size=(400, 300))]
    assert columns(run(build(), images)) == [60]
    (found,) = run(build(start="largest"), images)
    assert columns([found]) == [250]
    assert around(found.xy[0], found.scores[0], (400, 300)) == whole((400, 300))


def test_the_search_is_repeated_where_the_person_is_lost(build):
    images = [picture(SMALL, BIG)] * 2 + [picture(SMALL)] * 2 + [picture(BIG)] * 2
    assert columns(run(build(start="largest"), images)) == [500, 500, None, 60, None, 500]


def test_nobody_costs_few_looks_and_is_nobody(build):
    found = run(build(start="nearest"), [picture()] * 2)
    assert columns(found) == [None, None]
    assert Crowd.looks == 2 * (1 + len(squares(SIZE)) + 1)


def test_each_unrelated_picture_is_searched(build):
    pictures = Clip("pictures", Path("pictures"), independent=True)
    images = [picture(SMALL, BIG), picture(BIG, MIDDLE), picture(SMALL, MIDDLE)]
    assert columns(run(build(start="largest"), images, pictures)) == [500, 500, 60]
    assert columns(run(build(start="nearest"), images, pictures)) == [500, 330, 330]
    assert columns(run(build(), images, pictures)) == [60, 500, 60]


@given(st.tuples(st.integers(8, 3000), st.integers(8, 3000)))
def test_squares_cover_the_picture_and_overlap_by_half(size):
    found = squares(size)
    short, length = min(size), max(size)
    along = 0 if size[0] >= size[1] else 1
    assert bool(found) == (length > short + short % 2)
    spans = [(one[along], one[along + 2]) for one in found]
    for one in found:
        assert one[2] - one[0] == one[3] - one[1] == short + short % 2
        assert one[1 - along] == 0
        assert one[along] % 2 == 0
    for (begin, end), (following, _) in pairwise(spans):
        assert following <= (begin + end) / 2 + 2
    if spans:
        assert spans[0][0] == 0
        assert length - 1 <= spans[-1][1] <= length + 2
    assert len(found) <= 2 * length / short + 1


def test_a_square_picture_has_no_squares():
    assert squares((480, 480)) == []
    assert len(squares((1920, 1080))) == 3
    assert squares((1920, 1080))[0][2:] == (1080, 1080)
    assert whole((1920, 1080)) == (0, -420, 1920, 1500)


@pytest.mark.parametrize(
    ("persons", "whom"),
    [("best", "best"), ("largest", "largest"), ("nearest", "nearest"), ("only", "best"), ("all", "best")],
)
def test_the_detector_hears_of_the_policy_through_its_configuration(persons, whom):
    (job,) = compose(["detector=movenet", f"persons={persons}"])
    assert job.config["detector"]["start"] == whom
    assert ("start" in job.identity["detector"]) == (whom != "best")


def test_a_policy_of_a_plugin_changes_nothing_and_what_is_typed_counts():
    assert start("labpose.persons.Largest") == "best"
    (job,) = compose(["detector=movenet", "persons=largest", "detector.start=best"])
    assert job.config["detector"]["start"] == "best"


@pytest.mark.parametrize("crop", ["padded", "stretch"])
def test_where_nobody_is_followed_the_policy_does_not_change_the_identity(crop):
    jobs = [compose(["detector=movenet", f"detector.crop={crop}", f"persons={one}"])[0] for one in ("best", "largest")]
    assert jobs[0].identity["detector"] == jobs[1].identity["detector"]
    assert "start" in facts(MoveNet, crop=crop).operational
    assert "start" not in facts(MoveNet).operational
