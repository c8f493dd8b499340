"""AP and AR against pycocotools, against the same rules in loops, and on known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from oks_cases import draw, scored, slowly, with_pycocotools
from samples import extraction, track

from posecfg import skeletons
from posecfg.errors import ClipError, ConfigError
from posecfg.metrics.oks import Oks
from posecfg.metrics.oks_matching import pack, unpack
from posecfg.metrics.sigmas import SIGMAS, of_part
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Truth

ALL = list(SIGMAS.values())


def test_sigmas_are_the_published_ones():
    assert len(SIGMAS) == 133
    assert [SIGMAS[name] for name in ("nose", "left_hip", "right_ankle")] == [0.026, 0.107, 0.089]
    assert (SIGMAS["chin"], SIGMAS["left_big_toe"], SIGMAS["right_pinky_finger4"]) == (0.02, 0.068, 0.031)
    assert [len(of_part(part)) for part in ("body", "foot", "face", "left_hand", "right_hand")] == [17, 6, 68, 21, 21]


@pytest.mark.parametrize("seed", range(12))
def test_the_rules_in_loops_say_the_same(seed):
    points = 133 if seed % 6 == 0 else 17
    people, guesses = draw(seed, points, images=3, most=4)
    assert scored(people, guesses, ALL[:points]) == pytest.approx(slowly(people, guesses, ALL[:points]), abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_pycocotools_says_the_same(seed, capsys):
    pytest.importorskip("pycocotools", reason="pycocotools is not installed")
    points = 133 if seed % 4 == 0 else 17
    people, guesses = draw(seed, points)
    assert scored(people, guesses, ALL[:points]) == pytest.approx(
        with_pycocotools(people, guesses, ALL[:points]), abs=1e-9
    )


def known(*tracks, **more):
    return Truth(tracks[0].skeleton.keypoints, np.stack([one.xy for one in tracks]), **more)


def away(one, px):
    return replace(one, xy=one.xy + np.float32([px, 0]))


def test_one_distance_has_the_likeness_of_the_formula():
    """A shift d gives the mean of exp(-d² / (2 area (2 sigma)²)); between two limits, as many tenths count."""
    one, area = track(3), 2000.0
    truth = known(one, areas=np.full((1, 3), area, np.float32))
    sigmas = np.array(ALL[:17])
    for px in (2, 5, 8, 12):
        alike = np.exp(-(px**2) / (2 * area * (2 * sigmas) ** 2)).mean()
        reached = (alike >= np.linspace(0.5, 0.95, 10)).mean()
        scores = Oks()(extraction(away(one, px)), truth)
        assert (scores["ap"], scores["ar"]) == (pytest.approx(reached), pytest.approx(reached))


@pytest.mark.parametrize("px", [2, 5, 8, 12])
def test_a_skeleton_of_ones_own_has_its_own_sigmas(px):
    """Of its keypoints, those are compared that COCO has, and those whose sigmas it tells."""
    own = Skeleton("mine", ("nose", "tail", "wing"), sigmas={"tail": 0.12, "nose": 0.07})
    one, area = track(3, own), 2000.0
    truth = known(one, areas=np.full((1, 3), area, np.float32))
    alike = np.exp(-(px**2) / (2 * area * (2 * np.array([0.07, 0.12])) ** 2)).mean()
    reached = (alike >= np.linspace(0.5, 0.95, 10)).mean()
    assert Oks()(extraction(away(one, px)), truth)["ap"] == pytest.approx(reached)
    with pytest.raises(ClipError, match="OKS needs keypoints of COCO"):
        Oks(part="foot")(extraction(one), truth)


def test_areas_that_annotations_do_not_know_come_from_boxes_and_are_counted():
    one = track(2)
    boxes = np.tile(np.float32([0, 0, 40, 50]), (1, 2, 1))
    metric = Oks()
    with_box = metric.partial(extraction(one), known(one, boxes=boxes))
    assert with_box["used/0.53 of the area of the box"] == 2
    assert with_box["people_medium"] == 2  # 1,060 px²
    without = metric.partial(extraction(one), known(one))
    assert without["used/0.53 of the area of the box around keypoints"] == 2
    given = metric.partial(extraction(one), known(one, boxes=boxes, areas=np.full((1, 2), 9e4, np.float32)))
    assert not any(name.startswith("used") for name in given)
    assert given["people_large"] == 2


def test_groups_and_people_without_keypoints_do_not_count():
    one, two = track(2), away(track(2, person=1), 300)
    truth = known(one, two, areas=np.full((2, 2), 2000, np.float32), crowd=np.array([[False] * 2, [True] * 2]))
    assert Oks()(extraction(one, two), truth)["ap"] == 1
    assert Oks()(extraction(one), truth)["ar"] == 1
    unlabelled = np.repeat(np.array([[[2]], [[0]]], np.int8), 17, axis=2).repeat(2, axis=1)
    assert Oks().partial(extraction(one), replace(truth, crowd=None, visible=unlabelled))["people_all"] == 2


def test_people_come_by_their_scores_whatever_clip_they_are_in():
    """A wrong person costs precision only where it comes before right ones."""
    right, wrong = track(2), replace(away(track(2), 500), box_scores=np.full(2, 0.1, np.float32))
    truth = known(track(2))
    metric = Oks()
    late = [metric.partial(extraction(right), truth), metric.partial(extraction(wrong), truth)]
    early = [metric.partial(extraction(replace(right, box_scores=np.full(2, 0.05, np.float32))), truth), late[1]]
    assert metric.scores(metric.reduce(late))["ap"] == pytest.approx(51 / 101)
    assert metric.scores(metric.reduce(early))["ap"] < 0.3
    assert metric.scores(metric.reduce(late)) == metric.scores(metric.reduce(late[::-1]))


def test_the_order_of_people_is_that_of_the_points_compared():
    one = track(2, skeleton="blazepose33")
    sure = replace(one, scores=np.where(np.arange(33) >= 17, 1.0, one.scores).astype(np.float32))
    truth = known(track(2))
    first, second = (Oks().partial(extraction(each), truth)["scores"] for each in (one, sure))
    ears_and_limbs = [one.skeleton.index[name] for name in truth.keypoints]
    mean = sure.scores[:, ears_and_limbs].astype(np.float64).mean(axis=1)
    np.testing.assert_allclose(second, mean * np.nan_to_num(sure.box_scores, nan=1.0), rtol=1e-6)
    assert first.shape == second.shape


@pytest.mark.parametrize(("empty", "found_by", "rest"), [("auto", "", 0), ("auto", "a net", 2), ("leave", "", 2)])
def test_frames_without_a_true_person_count_or_are_left_out(empty, found_by, rest):
    one = track(4)
    holes = one.xy.copy()
    holes[:2] = np.nan
    partial = Oks(empty=empty).partial(extraction(one), Truth(one.skeleton.keypoints, holes[None], found_by=found_by))
    assert partial.get("left_out/no true pose", 0) == rest
    assert partial["compared"] == len(partial["scores"]) == 4 - rest
    assert Oks().scores(partial)["ap"] == pytest.approx(1.0 if rest else 0.5, abs=0.01)


def test_hands_are_compared_alone():
    whole = skeletons.load("wholebody133")
    one = track(2, skeleton=whole)
    moved = one.xy.copy()
    moved[:, 91:112] += 500
    found = extraction(replace(one, xy=moved))
    truth = known(one, areas=np.full((1, 2), 5000, np.float32))
    assert Oks(part="right_hand")(found, truth)["ap_right_hand"] == 1
    assert Oks(part="left_hand")(found, truth)["ap_left_hand"] == 0
    assert 0 < Oks()(found, truth)["ap"] < 1
    with pytest.raises(ClipError, match="left_hand"):
        Oks(part="left_hand")(extraction(track(2)), known(track(2)))


def test_flags_come_back():
    chance = np.random.default_rng(1)
    matched, silent = chance.random((2, 50, 3, 10)) < 0.5
    flags = pack(matched, silent)
    for area in range(3):
        hit, quiet = unpack(flags, area)
        assert (hit == matched[:, area].T).all()
        assert (quiet == silent[:, area].T).all()


@pytest.mark.parametrize("wrong", [{"score": "best"}, {"part": "toe"}, {"empty": "no"}, {"box_area": 0}])
def test_arguments_are_checked(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Oks(**wrong)
