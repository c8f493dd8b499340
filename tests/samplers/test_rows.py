"""Samplers that leave frames out, with what comes after them: rows, gaps and what fills them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from told import facts

from posecfg.detectors.synthetic import Synthetic
from posecfg.persons.all import All as Everybody
from posecfg.persons.best import Best
from posecfg.persons.tracks import Tracks
from posecfg.protocols import BOTH, SKIPPED
from posecfg.refine.fill import Fill
from posecfg.samplers.every import All
from posecfg.samplers.motion import Motion
from posecfg.samplers.stride import Stride
from posecfg.synthetic.scene import StickScene
from posecfg.types import Clip
from posecfg.video.video import Video

FRAMES = 30


@dataclass(frozen=True)
class Rests:
    """A figure that moves, rests, and moves again."""

    size: tuple[int, int] = (320, 240)
    fps: float = 25.0
    frames: int = FRAMES

    def rgb(self, index):
        return drawn(index if index < 5 else max(5, index - 15), self.size).copy()


@cache
def drawn(index, size):
    return StickScene(3, 200, size, 5.0).rgb(index)


def extract(sampler, policy=None, batch=4, people=1):
    clip = Clip("film", Path("film"), scene=Rests())
    detector, policy = Synthetic(people=people, batch=batch, xyz=True), policy or Best(0.0)
    video, tracks = Video(clip, sampler, batch=batch), Tracks()
    follow = policy.begin((320, 240))
    for poses in detector(video, clip):
        tracks.add(poses, follow(poses))
        sample = poses
    return video, tracks.finish(sample.skeleton, sample.meaning, video.rows, facts(type(policy)).single)


@cache
def known_of(people):
    """Return the tracks of every frame."""
    return extract(All(), Everybody(0.0) if people > 1 else None, people=people)[1]


class Picks:
    """Answers as drawn."""

    def __init__(self, answers):
        self.answers = answers

    def begin(self, stream):
        return lambda index, time, frame: self.answers[index]


def check(sampler, policy=None, batch=4, people=1):
    """Hold what is at looked-at rows against everything, and what is filled against what was skipped."""
    whole = known_of(people)
    video, tracks = extract(sampler, policy, batch, people)
    clock, seen = video.clock(), video.rows >= 0
    for track, known in zip(tracks, whole, strict=True):
        assert len(track) == len(clock)
        assert track.valid.tolist() == seen.tolist()
        assert not track.made.any()
        filled = Fill()(track, clock)
        assert filled.made.tolist() == (~seen).tolist()
        assert np.isfinite(filled.xy).all()
        for name in ("xy", "scores", "boxes", "box_scores", "xyz"):
            got, expected = getattr(track, name), getattr(known, name)
            np.testing.assert_array_equal(got[seen], expected[clock.indices[seen]])
            np.testing.assert_array_equal(getattr(filled, name)[seen], got[seen])
            assert np.isnan(got[~seen]).all()
    return video


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from([0, 1, 2, SKIPPED, BOTH]), min_size=FRAMES, max_size=FRAMES).filter(
        lambda answers: set(answers) & {1, 2, BOTH}
    ),
    st.integers(1, 5),
)
def test_whatever_is_skipped_is_made_up_and_nothing_else_changes(answers, batch):
    video = check(Picks(answers), batch=batch)
    assert (np.diff(video.clock().times) >= 0).all()


def test_several_people_have_the_same_rows():
    check(Stride(3).filled(), Everybody(0.0), people=3)


@pytest.mark.parametrize("every", [1, 2, 7])
def test_stride_beside_fill_keeps_every_row(every):
    video = check(Stride(every).filled())
    assert video.clock().indices.tolist() == list(range(FRAMES))
    assert (video.rows >= 0).sum() == len(range(0, FRAMES, every))
    assert video.notes == ({} if every == 1 else {"frames_skipped": int((video.rows < 0).sum())})


def test_stride_alone_has_rows_of_what_it_took_only():
    video, (track,) = extract(Stride(7))
    assert video.clock().indices.tolist() == [0, 7, 14, 21, 28]
    assert track.valid.all()
    assert video.notes == {}


def test_motion_leaves_out_the_rest_and_catches_both_ends_of_it():
    video = check(Motion().filled())
    seen = video.clock().indices[video.rows >= 0].tolist()
    assert len(video.clock()) == FRAMES
    assert set(range(6)) <= set(seen)
    assert set(range(20, FRAMES)) <= set(seen)
    assert len([index for index in seen if 6 <= index < 20]) <= 4


def test_motion_without_fill_has_fewer_rows():
    video, (track,) = extract(Motion())
    assert len(track) == len(video.clock()) < FRAMES
    assert track.valid.all()
