"""Poses of a clip as its files have them: lifted ones, and what is known of frames and times without an npz."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from films import write
from whole_runs import go

from posecfg import skeletons
from posecfg.page import faces, poses
from posecfg.page.clip_data import ClipRun, clip_data
from posecfg.page.heads import heads
from posecfg.page.poses import ClipPoses
from posecfg.store import record_files
from posecfg.viewing.subject import person

COCO, H36M = skeletons.load("coco17"), skeletons.load("h36m17")


def lifted(target=H36M, pixels=True):
    """Return a track in space that was lifted from one of pixels."""
    rng = np.random.default_rng(2)
    below = person(4, COCO, rng.uniform(50, 150, (6, 17, 2)), np.full((6, 17), 0.9))
    flat = rng.uniform(50, 150, (6, len(target), 2)) if pixels else None
    track = person(4, target, flat, None, rng.normal(size=(6, len(target), 3)))
    return dataclasses.replace(track, source=below)


def test_a_lifted_track_keeps_its_own_pixels():
    track = lifted()
    assert poses._with_pixels(track) is track


def test_a_lifted_track_without_pixels_gets_those_that_it_was_lifted_from():
    track = lifted(COCO, pixels=False)
    found = poses._with_pixels(track)
    assert np.array_equal(found.xy, track.source.xy)
    assert np.array_equal(found.scores, track.source.scores)
    assert found.xyz is track.xyz
    other = lifted(H36M, pixels=False)
    assert poses._with_pixels(other) is other


def test_faces_are_found_by_what_was_lifted():
    track = lifted(pixels=False)
    seen = ClipPoses((track,), np.arange(6) / 30, np.arange(6), (200, 200))
    picture = np.random.default_rng(1).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    before = picture.copy()
    below = track.source
    part = heads(COCO, below.xy[3], below.scores[3], below.boxes[3])[0]
    assert faces.Faces([seen], (200, 200)).hide(picture, 3)
    none = dataclasses.replace(seen, people=(dataclasses.replace(track, source=None),))
    assert not faces.Faces([none], (200, 200)).hide(before.copy(), 3)
    x, y = int((part.left + part.right) / 2), int((part.top + part.bottom) / 2)
    assert (picture[y, x] != before[y, x]).any()


@pytest.mark.parametrize(
    ("words", "times", "whole"),
    [
        ((), np.arange(20) / 30, True),
        (("video.start=0.2",), np.arange(14) / 30, False),
        (("sampler=stride", "sampler.every=2"), np.arange(10) / 15, False),
    ],
)
def test_arrays_tell_times_and_only_of_whole_films_the_frames(tmp_path, words, times, whole):
    (tmp_path / "films").mkdir()
    write(tmp_path / "films" / "a.mp4", range(20), size=(160, 120))
    go(tmp_path / "out", "dataset=folder", f"dataset.path={tmp_path / 'films'}", "writer=[npy]", *words)
    found = poses.of_clip(tmp_path / "out", record_files.read_clip(tmp_path / "out", "a"))
    assert found.times == pytest.approx(times, abs=0.05)
    assert (found.indices is not None) is whole
    assert ("writer=npz" in found.note) is not whole


def test_several_people_are_several_files(tmp_path):
    words = ("dataset=synthetic", "dataset.frames=6", "dataset.size=[64,48]", "dataset.clips=1")
    go(tmp_path, *words, "writer=[npy]", "detector.people=3", "persons=all")
    run = ClipRun(0, tmp_path, record_files.read_clip(tmp_path, "synthetic_0000"))
    people = clip_data("synthetic_0000", [run], []).data["runs"]["0"]["people"]
    assert len({one["id"] for one in people}) == 3
