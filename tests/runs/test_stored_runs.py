"""Runs that replay stored poses: of the right film, and anew when the poses change."""

from __future__ import annotations

import os

import pytest
from disks import SickPlace
from temporalnets import checkpoint, weights
from whole_runs import SMALL, go, job_of, published

import posecfg
from posecfg.errors import ConfigError
from posecfg.review.plan import plan

pytestmark = pytest.mark.deep

NPZ = "writer=[npz]"


@pytest.fixture
def source(tmp_path):
    go(tmp_path / "source", NPZ)
    return tmp_path / "source"


def replay(source, out, *words):
    return go(out, "detector=stored", f"detector.path={source}", *words)


def test_the_people_of_a_run_are_replayed(source, tmp_path):
    assert replay(source, tmp_path / "out").done == 3
    assert replay(source, tmp_path / "out").done == 0


def test_one_file_serves_its_own_film_only(source, tmp_path):
    report = replay(source / "synthetic_0000.npz", tmp_path / "out")
    assert (report.done, sorted(report.failed)) == (1, ["synthetic_0001", "synthetic_0002"])
    assert "the people of another film ('synthetic_0000')" in report.failed["synthetic_0001"]


def test_another_film_of_the_same_name_is_refused(source, tmp_path):
    report = replay(source, tmp_path / "out", "dataset=synthetic", *SMALL, "seed=5")
    assert report.done == 0
    assert all("another film ('synthetic_000" in reason for reason in report.failed.values())
    assert all("not those of this one, '" in reason for reason in report.failed.values())


def test_poses_that_changed_are_replayed_anew(source, tmp_path):
    replay(source, tmp_path / "out")
    go(source, NPZ, "detector.noise=2", "overwrite=true")
    again = replay(source, tmp_path / "out")
    assert (again.done, again.why) == (3, {"made of other stored poses": 3})
    assert replay(source, tmp_path / "out").done == 0


def test_poses_of_other_names_are_watched_as_those_of_the_usual_ones(tmp_path):
    source, named = tmp_path / "source", "writer.npz.path='{id}.people'"
    go(source, NPZ, named)
    replay(source, tmp_path / "out")
    go(source, NPZ, named, "detector.noise=2", "overwrite=true")
    assert replay(source, tmp_path / "out").why == {"made of other stored poses": 3}
    with pytest.raises(ConfigError, match="where this run writes"):
        replay(tmp_path, source, NPZ, named, "overwrite=true")


def test_poses_of_two_runs_are_not_mixed(source, tmp_path):
    go(tmp_path / "source2", NPZ, "detector.noise=2")
    with pytest.raises(ConfigError, match=r"holds poses of 'synthetic_0000' twice .*: name the folder of one of them"):
        replay(tmp_path, tmp_path / "out")


def test_a_plan_tells_which_clips_have_no_stored_poses(source, tmp_path):
    (source / "synthetic_0001.npz").unlink()
    words = ("detector=stored", f"detector.path={source}")
    (problem,) = plan(job_of(tmp_path / "out", *words))["problems"]
    assert "has no stored poses of 1 of 3 clips to do, the first is 'synthetic_0001'" in problem
    assert plan(job_of(tmp_path / "out", *words, "limit=1"))["problems"] == []


def test_poses_that_lie_where_the_run_writes_are_refused_and_stay(source):
    before = published(source)
    for words in (("writer=[csv]",), (NPZ, "persons=largest")):
        with pytest.raises(ConfigError, match=r"detector=stored reads its poses in '.*', where this run writes"):
            replay(source, source, *words, "overwrite=true")
    assert published(source) == before


def test_poses_behind_a_link_to_the_folder_are_refused_too(source, tmp_path):
    (tmp_path / "link").symlink_to(source)
    with pytest.raises(ConfigError, match="where this run writes"):
        replay(tmp_path / "link", source, "overwrite=true")


def test_poses_that_the_machine_cannot_read_have_not_changed(source, tmp_path, monkeypatch):
    replay(source, tmp_path / "out")
    before = published(tmp_path / "out")
    with monkeypatch.context() as patch:
        SickPlace("source/synthetic_0001.npz", calls=("stat",)).install(patch)
        again = replay(source, tmp_path / "out")
    assert "synthetic_0001.npz' cannot be read" in again.error
    assert published(tmp_path / "out") == before
    assert replay(source, tmp_path / "out").todo == {}


@pytest.mark.parametrize("kind", ["one", "folder"])
def test_a_pipe_in_the_place_of_stored_poses_is_not_waited_for(tmp_path, kind):
    place = tmp_path / "poses"
    place.mkdir()
    os.mkfifo(place / "synthetic_0000.npz")
    path = place / "synthetic_0000.npz" if kind == "one" else place
    assert plan(job_of(tmp_path / "out", "detector=stored", f"detector.path={path}"))
    report = replay(path, tmp_path / "out")
    told = "it is no regular file" if kind == "one" else "holds no native npz of clip 'synthetic_0000'"
    assert told in report.failed["synthetic_0000"]


def test_another_lifter_and_its_writers_run_on_people_who_were_lifted(tmp_path):
    pytest.importorskip("onnxruntime")
    network = f"lifter.checkpoint={checkpoint(tmp_path / 'net.bin', weights())}"
    assert go(tmp_path / "source", NPZ, "lifter=videopose3d", network).done == 3
    words = ("lifter=videopose3d", network, "lifter.flip=false", "writer=[npz,videopose3d,render3d]")
    again = (*words, "detector=stored", f"detector.path={tmp_path / 'source'}")
    assert plan(job_of(tmp_path / "again", *again))["problems"] == []
    assert go(tmp_path / "again", *again).done == 3
    assert go(tmp_path / "direct", *words).done == 3
    for name in ("synthetic_0000.3d.mp4", "synthetic_0000/data_2d_custom_synthetic_0000.npz"):
        assert published(tmp_path / "again")[name] == published(tmp_path / "direct")[name]
    ours, theirs = (posecfg.load(tmp_path / name / "synthetic_0000.npz").tracks for name in ("again", "direct"))
    assert ours == theirs
    as_lifted = ("detector.people=lifted", "writer=[trc]")
    assert go(tmp_path / "trc", "detector=stored", f"detector.path={tmp_path / 'source'}", *as_lifted).done == 3
