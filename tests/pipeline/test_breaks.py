"""Where one track goes on with another person: told, kept, and never bridged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import clock, extraction, track
from temporalnets import checkpoint, weights
from whole_runs import go, sidecar_of

import posecfg
from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ClipError
from posecfg.pipeline.breaks import breaks
from posecfg.pipeline.clip_warnings import told
from posecfg.pipeline.handed_over import passed
from posecfg.shapes import Misshapen

TOLD = "another person, or the same one elsewhere, is followed from {} on: persons=all keeps them apart"
WORDS = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=40", "detector.people=2", "persons.patience=5")


@pytest.fixture
def one_after_the_other(monkeypatch):
    """Let one person be seen in the first 12 frames, nobody in 12, and another person in the last 16."""
    whole = Synthetic._poses

    def poses(self, figures, row, seed):
        poses.frame += 1
        chosen = [] if 12 < poses.frame <= 24 else figures[:1] if poses.frame <= 12 else figures[1:]
        return whole(self, chosen, row, seed)

    poses.frame = 0
    monkeypatch.setattr(Synthetic, "_poses", poses)
    return poses


@pytest.mark.parametrize(
    ("told", "rows", "found"),
    [([3, 5], range(8), (3, 5)), ([1], [-1, 0, 0, -1, 1, 1], (4,)), ([0, 9], range(4), ()), ((), range(4), ())],
)
def test_frames_become_the_first_rows_that_they_fill(told, rows, found):
    assert breaks({"reselected_at": told}, np.array(rows), "persons") == found


@pytest.mark.parametrize("told", [3, "3", [1.5], [True], [None]], ids=repr)
def test_what_is_no_list_of_frames_is_told_of_the_policy(told):
    with pytest.raises(ClipError, match=r"persons \(Mine\): expected reselected_at to be a list of frame numbers"):
        breaks({"reselected_at": told}, np.arange(4), "persons (Mine)")


@pytest.mark.parametrize("rows", [(0,), (4,), (2, 2), (3, 1)])
def test_breaks_lie_inside_a_track(rows):
    with pytest.raises(Misshapen, match="Expected breaks to grow from 1 to 3"):
        replace(track(4), breaks=rows)


def test_a_step_cannot_lose_them():
    given = replace(track(4), breaks=(2,))
    step = lambda one, clock: replace(one, breaks=())  # noqa: E731
    assert passed("refine.mine", step, given, clock(4), "").breaks == (2,)


def test_many_are_told_in_one_sentence():
    found = extraction(replace(track(40), breaks=(3, 6, 9, 12, 30)))
    assert told(found.clip, found) == [TOLD.format("0.1 s, 0.2 s, 0.3 s and 2 more times")]
    found = extraction(replace(track(40), breaks=(3, 6, 9, 12)))
    assert told(found.clip, found) == [TOLD.format("0.1 s, 0.2 s, 0.3 s and once more")]


@pytest.mark.parametrize("how", ["refine=[fill]", "lifter=videopose3d"])
def test_a_run_makes_up_nothing_between_two_people(one_after_the_other, tmp_path, how):
    words = [how]
    if how.startswith("lifter"):
        pytest.importorskip("onnxruntime")
        words.append(f"lifter.checkpoint={checkpoint(tmp_path / 'net.bin', weights())}")
    report = go(tmp_path / "out", *WORDS, *words, "writer=[npz]")
    (one,) = posecfg.load(tmp_path / "out/synthetic_0000.npz").tracks
    assert one.breaks == (24,)
    assert not (one.made | one.valid)[12:24].any()
    assert np.isnan(one.xy[12:24]).all()
    assert report.warned == {"synthetic_0000": TOLD.format("0.8 s")}
    assert sidecar_of(tmp_path / "out", "synthetic_0000")["notes"]["reselected_at"] == [24]
    assert (report.data()["rows_missing"], report.data()["rows_made"]) == (12, 0)


def test_without_following_nobody_is_told_to_be_another(one_after_the_other, tmp_path):
    report = go(tmp_path / "out", *WORDS, "persons.follow=false", "refine=[fill]", "writer=[npz]")
    (one,) = posecfg.load(tmp_path / "out/synthetic_0000.npz").tracks
    assert (one.breaks, report.warned) == ((), {})
    assert report.data()["rows_made"] == one.made.sum() == 12
