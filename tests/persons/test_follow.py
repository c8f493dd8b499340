from __future__ import annotations

import numpy as np
import pytest
from samples import poses
from told import facts

from posecfg.errors import ConfigError, Dropped
from posecfg.persons.all import All
from posecfg.persons.best import Best
from posecfg.persons.largest import Largest
from posecfg.persons.nearest import Nearest
from posecfg.persons.only import Only

SIZE = (200, 100)
POLICIES = [Best, Largest, Nearest, Only, All]
CHOOSING = [Best, Largest, Nearest]


def box(x, y=10.0, side=20.0):
    return (x, y, x + side, y + side)


def picks(policy, *frames):
    follow = policy.begin(SIZE)
    return [list(follow(frame)) for frame in frames], follow.notes()


@pytest.mark.parametrize("policy", POLICIES)
def test_a_score_must_be_greater_than_the_threshold(policy):
    frames = [poses(box(0), scores=[s]) for s in (0.5, np.nextafter(np.float32(0.5), np.float32(1)), np.nan)]
    got, notes = picks(policy(bbox_thr=0.5), *frames)
    assert got == [[], [(0, 0)], []]
    assert notes["frames"] == 3
    assert notes["frames_without_person"] == 2
    assert notes["people_above_threshold"] == 1


@pytest.mark.parametrize("policy", POLICIES)
def test_nobody_at_all(policy):
    got, notes = picks(policy(), poses(), poses())
    assert got == [[], []]
    assert notes["frames_kept"] == 0
    assert all(type(count) in (int, float) for count in notes.values())


def test_only_all_keeps_more_than_one_track():
    assert [facts(policy).single for policy in POLICIES] == [True, True, True, True, False]


@pytest.mark.parametrize(("policy", "row"), [(Best, 1), (Largest, 0), (Nearest, 2)], ids=["best", "largest", "nearest"])
def test_each_chooses_by_its_own_key(policy, row):
    frame = poses(box(0, side=40), box(150), box(90, 40), scores=[0.5, 0.9, 0.6])
    assert picks(policy(), frame)[0] == [[(0, row)]]


@pytest.mark.parametrize("policy", CHOOSING)
def test_a_person_without_a_known_box_is_never_preferred(policy):
    frame = poses((np.nan,) * 4, box(50), scores=[0.5, 0.6])
    assert picks(policy(), frame)[0] == [[(0, 1)]]


def test_it_stays_with_the_chosen_person_when_another_scores_higher():
    first = poses(box(0), box(100), scores=[0.9, 0.8])
    later = poses(box(2), box(100), scores=[0.7, 0.99])
    assert picks(Best(), first, later)[0] == [[(0, 0)], [(0, 0)]]
    assert picks(Best(follow=False), first, later)[0] == [[(0, 0)], [(0, 1)]]


def test_it_waits_patiently_and_then_chooses_anew():
    here, elsewhere = poses(box(0)), poses(box(100))
    got, notes = picks(Best(patience=2), here, elsewhere, elsewhere, elsewhere, elsewhere)
    assert got == [[(0, 0)], [], [], [(0, 0)], [(0, 0)]]
    assert (notes["reselected"], notes["reselected_at"]) == (1, [3])
    assert notes["frames_unmatched"] == 2
    assert notes["frames_kept"] == 3


def test_without_patience_it_chooses_anew_at_once():
    got, notes = picks(Best(patience=0), poses(box(0)), poses(box(100)))
    assert got == [[(0, 0)], [(0, 0)]]
    assert notes["reselected"] == 1


def test_a_person_who_comes_back_to_the_same_place_is_the_same():
    got, notes = picks(Best(patience=1), poses(box(0)), *[poses()] * 5, poses(box(4)))
    assert got[-1] == [(0, 0)]
    assert notes["reselected"] == 0
    assert "reselected_at" not in notes


@pytest.mark.parametrize("policy", CHOOSING)
def test_each_frame_at_which_another_person_begins_is_told(policy):
    frames = [poses(box(0)), poses(), poses(), poses(box(100)), poses(), poses(box(0)), poses(box(0))]
    assert picks(policy(patience=1), *frames)[1]["reselected_at"] == [3, 5]
    assert "reselected_at" not in picks(policy(patience=1, follow=False), *frames)[1]


def test_it_follows_through_a_crossing():
    frames = [poses(box(92 - 5 * t), box(5 * t), scores=[0.5, 0.9]) for t in range(19)]
    got, _ = picks(Best(), *frames)
    assert got == [[(0, 1)]] * 19


def test_it_looks_only_at_the_past():
    frames = [poses(box(92 - 5 * t), box(5 * t), scores=[0.5, 0.9]) for t in range(19)]
    whole = picks(Best(), *frames)[0]
    for end in range(1, 19):
        assert picks(Best(), *frames[:end])[0] == whole[:end]


def test_clips_do_not_share_state():
    policy = Best()
    picks(policy, poses(box(0)))
    assert picks(policy, poses(box(100)))[0] == [[(0, 0)]]


def test_only_drops_the_clip_at_the_first_crowded_frame():
    follow = Only(bbox_thr=0.3).begin(SIZE)
    assert follow(poses(box(0), box(50), scores=[0.9, 0.3])) == [(0, 0)]
    with pytest.raises(Dropped, match=r"more than one person: 2 above bbox_thr=0\.3 in frame 1 of those looked at"):
        follow(poses(box(0), box(50)))
    assert follow.notes()["frames_with_several"] == 1


def test_all_keeps_ids_through_a_crossing():
    frames = [poses(box(92 - 5 * t), box(5 * t)) for t in range(19)]
    got, notes = picks(All(), *frames)
    assert got == [[(0, 0), (1, 1)]] * 19
    assert notes["tracks"] == 2


def test_all_keeps_ids_when_rows_change_places():
    got, _ = picks(All(), poses(box(0), box(100)), poses(box(101), box(1)))
    assert got == [[(0, 0), (1, 1)], [(0, 1), (1, 0)]]


def test_all_gives_the_nearer_of_two_the_id():
    got, _ = picks(All(), poses(box(0)), poses(box(8), box(2)))
    assert got[1] == [(0, 1), (1, 0)]


def test_all_never_uses_an_id_twice():
    here = poses(box(0))
    got, notes = picks(All(patience=1), here, poses(), here, poses(), poses(), here)
    assert got == [[(0, 0)], [], [(0, 0)], [], [], [(1, 0)]]
    assert notes["tracks"] == 2


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("wrong", [-0.1, 1.5, "high", True, float("nan")])
def test_a_threshold_out_of_range_is_refused(policy, wrong):
    with pytest.raises(ConfigError, match="Expected bbox_thr to be a number from 0 to 1, but got"):
        policy(bbox_thr=wrong)


@pytest.mark.parametrize(
    "wrong", [{"overlap": 2}, {"patience": -1}, {"patience": 1.5}, {"follow": "yes"}], ids=lambda w: next(iter(w))
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ConfigError, match=f"Expected {next(iter(wrong))}"):
        Best(**wrong)


def test_only_remembers_the_highest_score_beside_a_better_one():
    follow = Only(bbox_thr=0.5).begin(SIZE)
    frames = [poses(box(0), box(50), scores=pair) for pair in ((0.9, 0.31), (0.2, 0.8), (np.nan, 0.7))]
    for frame in (poses(), *frames, poses(box(0), scores=[0.99])):
        follow(frame)
    assert follow.notes()["second_score"] == 0.31
    with pytest.raises(Dropped) as drop:
        follow(poses(box(0), box(50), box(90), scores=[0.6, 0.9, 0.75]))
    assert drop.value.facts == {"people": 3, "second_score": 0.75}
