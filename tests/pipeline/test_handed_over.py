"""What components hand over is checked while a clip passes: a slip fails the clip, and names who made it."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from whole_runs import go, job_of, published

from posecfg import skeletons
from posecfg.detectors.synthetic import Synthetic
from posecfg.facts import Facts
from posecfg.lifters.identity import Identity
from posecfg.persons.best import Best
from posecfg.pipeline.handed_over import still
from posecfg.refine.fill import Fill
from posecfg.samplers.every import All
from posecfg.types import PoseTrack
from posecfg.writers.csv import Csv

CLIP = "synthetic_0000"
ONE = ("dataset.clips=1", "dataset.frames=10", "dataset.size=[32,24]", "dataset=synthetic")
BLAZE = skeletons.load("blazepose33")


def told(out, *words):
    """Run one clip, which must fail; return why. Nothing of it may be left."""
    went = go(out, *ONE, *words)
    assert (went.exit_code, went.done, list(went.failed)) == (1, 0, [CLIP])
    assert published(out) == {}
    return went.failed[CLIP]


def with_xyz(poses):
    return replace(poses, xyz=np.zeros((1, 17, 3), np.float32))


def of_blazepose(poses):
    return replace(poses, skeleton=BLAZE, xy=np.zeros((1, 33, 2), np.float32), scores=np.ones((1, 33), np.float32))


def changed(change, since=0, until=99):
    """Yield poses of which some are changed."""

    def give(poses):
        for number, one in enumerate(poses):
            yield change(one) if since <= number < until else one

    return give


def first(number):
    def give(poses):
        for count, one in enumerate(poses):
            if count < number:
                yield one

    return give


def stopping(poses):
    yield next(poses)


def twice(poses):
    for one in poses:
        yield one
        yield one


def one_more(poses):
    for one in poses:
        yield one
    yield one


FRAMES = "expected Poses for each frame, but got "
DETECTORS = {
    "nothing returned": (lambda poses: None, "expected an iterator of Poses, one a frame, but got None."),
    "a list": (list, "expected an iterator of Poses, one a frame, but got [Poses("),
    "letters": (lambda poses: iter("abc"), "expected an iterator of Poses, one a frame, but got 'a'."),
    "nothing yielded": (lambda poses: iter(()), FRAMES + "fewer"),
    "too few": (stopping, FRAMES + "fewer"),
    "too few, after all frames": (first(8), FRAMES + "fewer"),
    "twice as many": (twice, FRAMES + "more"),
    "one more": (one_more, FRAMES + "more"),
    "None at once": (changed(lambda poses: None), "but got None."),
    "None later": (changed(lambda poses: None, since=3), "but got None."),
    "a number": (changed(lambda poses: 5, since=3), "but got 5."),
    "objects": (
        changed(lambda poses: replace(poses, xy=poses.xy.astype(object))),
        "expected xy to be an array of numbers, but got object.",
    ),
    "a list of numbers": (
        changed(lambda poses: replace(poses, xy=poses.xy.tolist())),
        "Expected xy to be an array of shape (1, 17, 2), but got list.",
    ),
    "fewer keypoints": (
        changed(lambda poses: replace(poses, xy=poses.xy[:, :5]), since=3),
        "Expected xy to have shape (1, 17, 2), but got (1, 5, 2).",
    ),
    "no skeleton": (
        changed(lambda poses: replace(poses, skeleton=None)),
        "Expected boxes or rows, and a skeleton, but got Boxes and NoneType.",
    ),
    "a text for the meaning": (
        changed(lambda poses: replace(poses, meaning="pixels")),
        "expected Poses with a Skeleton and a Meaning, but got Skeleton and str.",
    ),
    "another skeleton": (
        changed(of_blazepose),
        "expected poses of the skeleton coco17, as its facts say, but got blazepose33.",
    ),
    "another skeleton later": (
        changed(of_blazepose, since=3),
        "expected poses of the skeleton coco17, as its first poses have, but got blazepose33.",
    ),
    "an infinite place": (
        changed(lambda poses: replace(poses, xy=np.full_like(poses.xy, np.inf)), since=3),
        "expected finite numbers, or NaN where one is missing, but xy of row 3 is infinite.",
    ),
    "xyz later": (changed(with_xyz, since=3), "expected xyz and depth in all frames with people or in none, not in"),
    "xyz at first": (changed(with_xyz, until=3), "expected xyz and depth in all frames with people or in none, not in"),
}


@pytest.mark.parametrize(("give", "expected"), DETECTORS.values(), ids=DETECTORS)
def test_a_detector_that_slips_is_named(tmp_path, monkeypatch, give, expected):
    good = Synthetic.__call__
    monkeypatch.setattr(Synthetic, "__call__", lambda self, batches, clip: give(good(self, batches, clip)))
    reason = told(tmp_path)
    assert reason.startswith("detector (Synthetic): ")
    assert expected in reason


def test_a_detector_whose_facts_promise_what_it_does_not_give_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(Synthetic, "facts", staticmethod(lambda **_: Facts(skeleton="coco17", gives=("xyz",))))
    assert told(tmp_path) == "detector (Synthetic): expected poses with xyz, as its facts say, but they have none."


@pytest.mark.parametrize("poses", [changed(lambda p: p), changed(lambda p: replace(p, xy=p.xy.astype(np.float64)))])
def test_right_poses_pass(tmp_path, monkeypatch, poses):
    good = Synthetic.__call__
    monkeypatch.setattr(Synthetic, "__call__", lambda self, batches, clip: poses(good(self, batches, clip)))
    assert go(tmp_path, *ONE, "detector.xyz=true", "detector.miss=0.5").done == 1


PICKS = "expected (track id, row) for each person kept, both from 0 and rows below 1, but got "
PERSONS = {
    "nothing": (None, PICKS + "None."),
    "numbers": ([0], PICKS + "[0]."),
    "a row that is not there": ([(0, 7)], PICKS + "[(0, 7)]."),
    "a row from the end": ([(0, -1)], PICKS + "[(0, -1)]."),
    "an id below zero": ([(-3, 0)], PICKS + "[(-3, 0)]."),
    "an id that is too large": ([(10**20, 0)], PICKS),
    "an id that is no whole number": ([(0.5, 0)], PICKS + "[(0.5, 0)]."),
    "a text for an id": ([("a", 0)], PICKS + "[('a', 0)]."),
    "a track twice": ([(0, 0), (0, 0)], "expected each track once in a frame, but got [(0, 0), (0, 0)]."),
}


class Follow:
    def __init__(self, picks, notes):
        self._picks, self._notes = picks, notes

    def __call__(self, poses):
        return self._picks

    def notes(self):
        return self._notes


@pytest.mark.parametrize(("picks", "expected"), PERSONS.values(), ids=PERSONS)
def test_a_policy_that_slips_is_named(tmp_path, monkeypatch, picks, expected):
    monkeypatch.setattr(Best, "begin", lambda self, size: Follow(picks, {}))
    assert told(tmp_path).startswith(f"persons (Best): {expected}")


def test_notes_of_a_policy_are_a_mapping(tmp_path, monkeypatch):
    monkeypatch.setattr(Best, "begin", lambda self, size: Follow([(0, 0)], None))
    assert told(tmp_path) == "persons (Best): expected notes() to return JSON values by name, but got None."


@pytest.mark.parametrize("kind", [int, np.int64])
def test_right_picks_pass(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(Best, "begin", lambda self, size: Follow(((kind(0), kind(0)),), {}))
    assert go(tmp_path, *ONE).done == 1


@pytest.mark.parametrize("rows", [None, "1", 0.5, -7])
def test_a_sampler_that_gives_no_number_of_rows_is_named(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(All, "begin", lambda self, stream: lambda index, time, frame: rows)
    wanted = "expected a number of rows from 0 on, SKIPPED, BOTH or OVER"
    assert told(tmp_path) == f"sampler (All): {wanted}, but got {rows!r}."


def test_a_sampler_that_begins_with_nothing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(All, "begin", lambda self, stream: None)
    assert told(tmp_path) == "sampler (All): expected begin to return something to call, but got None."


def test_a_number_of_rows_may_be_numpys(tmp_path, monkeypatch):
    monkeypatch.setattr(All, "begin", lambda self, stream: lambda index, time, frame: np.int64(1))
    assert go(tmp_path, *ONE).done == 1


def zeroed(track):
    track.xy[:] = 0
    return track


def shortened(track):
    names = ("xy", "scores", "boxes", "box_scores", "valid", "made")
    return replace(track, **{name: getattr(track, name)[:2] for name in names})


def on_blazepose(track):
    xy, scores = np.zeros((10, 33, 2), np.float32), np.zeros((10, 33), np.float32)
    return replace(track, skeleton=BLAZE, xy=xy, scores=scores)


STEPS = {
    "nothing": (lambda track: None, "expected a PoseTrack to be returned, but got None."),
    "written in place": (zeroed, "expected a new track to be returned, but it writes into the one it got."),
    "fewer rows": (shortened, "expected a track of 10 rows, but got 2."),
    "one array too short": (
        lambda track: replace(track, xy=track.xy[:2]),
        "Expected xy to have shape (10, 17, 2), but",
    ),
    "infinite scores": (
        lambda track: replace(track, scores=track.scores - np.inf),
        "expected finite numbers, or NaN where one is missing, but scores of row 0 is infinite.",
    ),
    "objects": (lambda track: replace(track, xy=track.xy.astype(object)), "expected xy to be an array of numbers, but"),
}


@pytest.mark.parametrize(("step", "expected"), STEPS.values(), ids=STEPS)
@pytest.mark.parametrize(("kind", "where"), [(Fill, "refine.fill"), (Identity, "lifter")])
def test_a_step_that_slips_is_named(tmp_path, monkeypatch, step, expected, kind, where):
    monkeypatch.setattr(kind, "__call__", lambda self, track, clock: step(track))
    assert told(tmp_path, "refine=[fill]").startswith(f"{where}: {expected}")


def test_a_refine_step_keeps_the_skeleton_and_a_lifter_may_change_it(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Fill, "__call__", lambda self, track, clock: on_blazepose(track))
        reason = told(tmp_path / "refine", "refine=[fill]")
        assert reason == "refine.fill: expected a track of the skeleton coco17, but got blazepose33."
    monkeypatch.setattr(Identity, "__call__", lambda self, track, clock: on_blazepose(track))
    assert go(tmp_path / "lifter", *ONE).done == 1


def test_a_writer_cannot_change_what_the_next_one_writes(tmp_path, monkeypatch):
    good = Csv.write

    def write(self, extraction, files):
        extraction.tracks[0].xy[:] = 0
        good(self, extraction, files)

    monkeypatch.setattr(Csv, "write", write)
    assert "read-only" in told(tmp_path, "writer=[csv,npy]")


def test_a_track_that_is_still_is_not_copied():
    skeleton = skeletons.load("coco17")
    xy, scores, boxes = np.zeros((2, 17, 2)), np.zeros((2, 17)), np.zeros((2, 4))
    flags = np.zeros(2, bool)
    track = PoseTrack(0, skeleton, None, xy, scores, boxes, np.zeros(2), flags, flags)
    found = still(track)
    assert np.shares_memory(found.xy, xy)
    assert xy.flags.writeable
    assert not found.xy.flags.writeable
    assert still(found) is found


def leave(*arguments):
    raise SystemExit(0)


def cancel(*arguments):
    raise asyncio.CancelledError


EXITS = [(Synthetic, "__call__"), (Best, "begin"), (All, "begin"), (Fill, "__call__"), (Identity, "__call__")]


@pytest.mark.parametrize(("kind", "method"), [*EXITS, (Csv, "write")], ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize(("act", "name"), [(leave, "SystemExit: 0"), (cancel, "CancelledError")])
def test_a_component_that_would_end_the_program_fails_its_clip(tmp_path, monkeypatch, kind, method, act, name):
    words = ("refine=[fill]", "writer=[npy,csv]")
    job_of(tmp_path, *ONE, *words)  # composed while the class still fits its role
    monkeypatch.setattr(kind, method, act)
    reason = told(tmp_path, *words)
    assert reason == f"{__name__} would end the program here ({name})."
