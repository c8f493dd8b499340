"""``only``: a run is about the clips that the user names."""

import pytest
from whole_runs import SMALL, go, job_of, published

from posecfg.config.compose import compose
from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.review.status import status
from posecfg.runs import named_clips
from posecfg.types import Excluded

CLIPS = ["synthetic_0000", "synthetic_0001", "synthetic_0002"]


@pytest.mark.parametrize(
    ("only", "clips"),
    [("synthetic_0001", CLIPS[1:2]), ("*_000[02]", [CLIPS[0], CLIPS[2]]), (f"[{CLIPS[0]},*1]", CLIPS[:2])],
)
def test_only_clips_that_are_named_are_made_and_the_rest_can_follow(tmp_path, only, clips):
    out = tmp_path / "out"
    assert plan(job_of(out, f"only={only}"))["to_do"] == len(clips)
    assert list(go(out, f"only={only}").todo) == clips
    assert set(published(out)) == {f"{clip}.npy" for clip in clips}
    assert sorted(go(out).todo) == sorted(set(CLIPS) - set(clips))


def test_a_name_that_no_clip_has_is_refused_with_the_nearest_one(tmp_path):
    sentence = (
        "only: expected the id of a clip, a pattern such as 'S1/*' or a file with an id on each line, but no "
        "clip and no file is called 'synthetic_01'. "
        "Did you mean only=synthetic_0001?"
    )
    assert plan(job_of(tmp_path, "only=[synthetic_0000,synthetic_01]"))["problems"] == [sentence]
    with pytest.raises(ConfigError) as caught:
        go(tmp_path, "only=synthetic_01")
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["dance_c02", "dance_c02.mp4"])
def test_of_a_film_that_is_left_out_the_reason_is_told(name):
    excluded = [Excluded("dance_c02.mp4", "another view: dataset.views=all takes it")]
    with pytest.raises(ConfigError) as caught:
        named_clips.only(name, ["dance_c01"], excluded)
    assert str(caught.value) == f"only: '{name}' is there, but left out: another view: dataset.views=all takes it."


def test_a_clip_to_be_made_again_outside_of_those_named_is_not_passed_over_in_silence(tmp_path):
    with pytest.raises(ConfigError, match="redo names no clip that only= names too: leave only out, or name"):
        go(tmp_path, "only=synthetic_0000", "redo=synthetic_0001")


@pytest.mark.parametrize("value", ["true", "[]", "''", "[[a]]"])
def test_what_is_no_name_is_refused(value):
    with pytest.raises(
        ConfigError, match="only: expected the name of a clip or of a file of names, a list of these, or null"
    ):
        compose(["dataset=synthetic", *SMALL, "detector=synthetic", f"only={value}"])


def test_status_counts_whole_splits():
    (job,) = compose(["dataset=synthetic", "detector=synthetic", "only=a"])
    with pytest.raises(ConfigError, match="only= does not belong to status"):
        status(job, read=False)
