"""``redo``: finished clips are made again because the user asks for it."""

import re
import shlex
import shutil

import pytest
from whole_runs import SMALL, go, job_of, published, sidecar_of

from posecfg.commands.command_line import parse
from posecfg.commands.run import refuse
from posecfg.config.compose import compose
from posecfg.config.quoting import tidy
from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.runs.named_clips import again

CLIPS = ["synthetic_0000", "synthetic_0001", "synthetic_0002"]
BOTH = "writer=[npy,csv]"
AGAIN = "asked to be made again"


@pytest.fixture
def out(tmp_path):
    """Return a finished run of three clips."""
    assert go(tmp_path / "out", BOTH).done == 3
    return tmp_path / "out"


def stamps(out):
    return {name: (out / name).stat().st_ino for name in published(out)}


@pytest.mark.parametrize(
    ("redo", "clips"),
    [
        ("true", CLIPS),
        ("*", CLIPS),
        ("synthetic_0001", CLIPS[1:2]),
        ("*_000[02]", [CLIPS[0], CLIPS[2]]),
        ("[*_0000,synthetic_0001]", CLIPS[:2]),
    ],
)
def test_clips_that_are_named_are_made_again_with_the_same_bytes(out, redo, clips):
    before, made = published(out), stamps(out)
    assert plan(job_of(out, BOTH, f"redo={redo}"))["why"] == {AGAIN: len(clips)}
    report = go(out, BOTH, f"redo={redo}")
    assert (report.exit_code, report.done, report.frames) == (0, len(clips), 3 * len(clips))
    assert (report.why, report.todo) == ({AGAIN: len(clips)}, dict.fromkeys(clips, ("npy", "csv")))
    assert published(out) == before
    replaced = {name for name, inode in stamps(out).items() if inode != made[name]}
    assert replaced == {f"{clip}.{kind}" for clip in clips for kind in ("npy", "csv")}
    assert [sidecar_of(out, clip)["attempt"] for clip in CLIPS] == [1 + (clip in clips) for clip in CLIPS]
    assert go(out, BOTH).todo == {}


def test_overwrite_still_resumes(out):
    assert go(out, BOTH, "overwrite=true").todo == {}


def test_a_name_that_no_clip_has_is_refused_with_the_nearest_one(out):
    before = published(out)
    job = job_of(out, BOTH, "redo=[synthetic_0001,synthetic_01]")
    sentence = (
        "redo: expected true, the id of a clip, a pattern such as 'S1/*' or a file with an id on each line, but no "
        "clip and no file is called 'synthetic_01'. "
        "Did you mean redo=synthetic_0001?"
    )
    assert plan(job)["problems"] == [sentence]
    for start in (lambda: refuse([job]), lambda: go(out, BOTH, "redo=synthetic_01")):
        with pytest.raises(ConfigError) as caught:
            start()
        assert str(caught.value) == sentence
    assert published(out) == before


def test_a_slip_in_true_is_no_clip(out):
    with pytest.raises(ConfigError, match=r"Did you mean redo=true\?"):
        go(out, BOTH, "redo=ture")


def test_a_clip_outside_the_limit_is_not_passed_over_in_silence(out):
    with pytest.raises(ConfigError, match=r"redo names no clip within limit=1: leave limit out, or raise it\."):
        go(out, BOTH, "redo=synthetic_0001", "limit=1")


def test_a_name_stands_for_itself_before_it_is_a_pattern(tmp_path, folder):
    dataset = folder("take [1].mp4", "take 1.mp4")
    assert go(tmp_path / "out", *dataset).done == 2
    assert list(go(tmp_path / "out", *dataset, "redo=take [1]").todo) == ["take [1]"]


@pytest.mark.parametrize("several", [(), ("-m",)])
@pytest.mark.parametrize(
    ("typed", "redo"),
    [
        ("redo=true", True),
        ("redo=S1/acting1/S1_acting1_cam1", "S1/acting1/S1_acting1_cam1"),
        ("redo=film (1)", "film (1)"),
        ("redo=a,film (1)", ["a", "film (1)"]),
        ("redo=[a,b*]", ["a", "b*"]),
        ("redo='a,b'", "a,b"),
        ("redo=0012", "0012"),
        ("redo=false", False),
    ],
)
def test_names_may_hold_any_character(typed, redo, several):
    command = parse([typed, "bbox_thr=0.5", *several])
    (job,) = compose(command.overrides, command.multirun)
    assert job.config["redo"] == redo


def test_only_clips_of_the_shard_and_within_the_limit_are_made_again(out):
    parts = [list(go(out, BOTH, "redo=true", f"shard={part}/2").todo) for part in (1, 2)]
    assert sorted(parts[0] + parts[1]) == CLIPS
    # A clip of another shard is no mistake.
    assert sorted(len(go(out, BOTH, f"redo={CLIPS[0]}", f"shard={part}/2").todo) for part in (1, 2)) == [0, 1]
    assert list(go(out, BOTH, "redo=true", "limit=1").todo) == CLIPS[:1]


def test_clips_that_a_policy_dropped_are_looked_at_again(tmp_path):
    people = ("dataset=synthetic", *SMALL, "dataset.people=2", "detector.people=2", "persons=only")
    assert len(go(tmp_path, *people).skipped) == 3
    report = go(tmp_path, *people, "redo=synthetic_0000")
    assert (report.why, report.done, len(report.skipped)) == ({AGAIN: 1}, 0, 3)
    assert sidecar_of(tmp_path, "synthetic_0000")["attempt"] == 2


def test_clips_outside_a_gate_keep_their_files(out):
    before = published(out)
    assert go(out, BOTH, "video.min_duration=60", "redo=true").todo == {}
    assert published(out) == before


def test_a_clip_that_also_lacks_a_writer_is_made_again_by_all(out):
    report = go(out, "writer=[npy,csv,json]", "redo=synthetic_0000")
    assert report.why == {AGAIN: 1, "writer added": 2}
    assert report.todo[CLIPS[0]] == ("npy", "csv", "json")


def test_a_clip_that_cannot_be_made_again_keeps_its_files(tmp_path, folder):
    dataset = folder("a.mp4", "b.mp4")
    go(tmp_path / "out", *dataset)
    before = published(tmp_path / "out")
    report = go(tmp_path / "out", *dataset, "redo=a", "detector.crash=raise:a")
    assert (report.exit_code, list(report.failed)) == (3, ["a"])
    assert published(tmp_path / "out") == before


def test_a_film_of_another_data_set_takes_the_place_of_one_that_is_named(tmp_path, folder, other_film):
    out = tmp_path / "out"
    go(out, *folder("a.mp4", "b.mp4"))
    (tmp_path / "others").mkdir()
    shutil.copy(other_film, tmp_path / "others" / "b.mp4")
    report = go(out, "dataset=folder", f"dataset.path={tmp_path / 'others'}", "append=true", "redo=b")
    assert (report.done, report.frames) == (1, 6)


@pytest.mark.parametrize("name", ["a,b", "[x]", '"q"', "it's", "null", "true", "S 1/a", "ü"])
def test_the_advice_to_redo_can_be_typed_as_it_stands(name):
    with pytest.raises(ConfigError) as caught:
        again("nothing like it", [name])
    advice = re.search(r"Did you mean (.*)\?$", str(caught.value))[1]
    (word,) = shlex.split(advice)
    job = compose(["detector=synthetic", "dataset=synthetic", tidy(word)])[0]
    assert again(job.config["redo"], [name, "other"]) == {name}
