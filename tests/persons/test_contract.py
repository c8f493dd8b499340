"""What every policy for persons keeps to, built from its YAML."""

from __future__ import annotations

import json

import numpy as np
import pytest
from samples import SIZE, poses
from yaml_options import params

from posecfg.errors import Dropped
from posecfg.persons.tracks import Tracks

POLICIES = params("persons")
THRESHOLD = 0.5


def alone():
    """Return frames with one person who walks, is lost, and comes back; beside somebody below the threshold."""
    frames = []
    for number in range(60):
        box = (10 + number, 20, 40 + number, 90)
        lost = number in range(10, 13) or number in range(15, 52)
        frames.append(poses() if lost else poses((0, 0, 5, 5), box, scores=[0.4, 0.9]))
    return frames


def crowd(seed=0):
    """Return frames of up to six people anywhere, with boxes without extent, unknown boxes and unknown scores."""
    chance = np.random.default_rng(seed)
    frames = []
    for _ in range(40):
        count = int(chance.integers(0, 7))
        corners = chance.uniform(0, 90, (count, 2))
        boxes = np.concatenate([corners, corners + chance.choice([0, 30, 60], (count, 2))], axis=1)
        scores = chance.uniform(0, 1, count)
        boxes[chance.uniform(size=count) < 0.05] = np.nan
        scores[chance.uniform(size=count) < 0.05] = np.nan
        frames.append(poses(*boxes, scores=scores))
    return frames


FILMS = {"alone": alone(), "crowd": crowd(), "another crowd": crowd(1), "nobody": [poses()] * 3, "no frame": []}


def answers(follow, frames):
    """Return what is kept in each frame, up to the one at which the clip is dropped."""
    kept = []
    for frame in frames:
        try:
            kept.append(list(follow(frame)))
        except Dropped as drop:
            return [*kept, str(drop)]
    return kept


@pytest.fixture(params=POLICIES)
def option(request):
    return request.param


def begin(option):
    return option.build(bbox_thr=THRESHOLD).begin(SIZE)


@pytest.mark.parametrize("film", FILMS)
def test_people_above_the_threshold_are_kept_once_under_one_id(option, film):
    single = option.part().facts.single
    for frame, kept in zip(FILMS[film], answers(begin(option), FILMS[film]), strict=False):
        if isinstance(kept, str):
            assert "bbox_thr" in kept
            continue
        ids, rows = [track for track, _ in kept], [row for _, row in kept]
        assert all(type(number) is int for number in (*ids, *rows))
        assert len(set(ids)) == len(ids)
        assert len(set(rows)) == len(rows)
        assert all(0 <= row < len(frame) for row in rows)
        assert all(frame.boxes.scores[row] > THRESHOLD for row in rows)
        assert all(track >= 0 for track in ids)
        assert len(kept) <= 1 or not single


def test_one_person_is_kept_wherever_there_is_one(option):
    kept = answers(begin(option), alone())
    assert kept[0] == [(0, 1)]
    assert kept[14] == kept[9] == kept[0], "a short gap loses nobody"
    assert kept[11] == []
    assert len(kept[55]) == 1, "somebody is found again after a long gap"


@pytest.mark.parametrize("film", FILMS)
def test_a_fresh_beginning_knows_nothing_of_the_last(option, film):
    policy = option.build(bbox_thr=THRESHOLD)
    whole = answers(policy.begin(SIZE), FILMS[film])
    answers(policy.begin(SIZE), FILMS["another crowd"])
    one, two = policy.begin(SIZE), policy.begin(SIZE)
    for frame, expected in zip(FILMS[film], whole, strict=False):
        if not isinstance(expected, str):
            assert list(one(frame)) == list(two(frame)) == expected


@pytest.mark.parametrize("film", FILMS)
def test_notes_are_json(option, film):
    follow = begin(option)
    json.dumps(follow.notes(), allow_nan=False)
    answers(follow, FILMS[film])
    notes = follow.notes()
    assert json.loads(json.dumps(notes, allow_nan=False)) == notes
    assert all(isinstance(name, str) for name in notes)


def test_what_is_kept_makes_tracks(option):
    frames, single = alone(), option.part().facts.single
    follow, tracks = begin(option), Tracks()
    for frame in frames:
        tracks.add(frame, follow(frame))
    found = tracks.finish(frames[0].skeleton, frames[0].meaning, np.arange(len(frames)), single)
    assert sum(int(track.valid.sum()) for track in found) == sum(len(frame) > 0 for frame in frames)
    assert not any(track.made.any() for track in found)
    assert len(found) == 1 or not single
