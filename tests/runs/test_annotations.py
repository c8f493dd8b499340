"""Results that depend on annotations are made again where these change, and others are not."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
from aisttree import FIRST, SECOND, annotations, rest, tree
from films import write
from whole_runs import go, job_of, published, sidecar_of

from posecfg.errors import ConfigError
from posecfg.runs.scope import others_read, scope

pytestmark = pytest.mark.deep

FILMS = ["gBR_sBM_c01_d04_mBR1_ch01", "gHO_sFM_c01_d20_mHO5_ch13"]
AGAIN = {"annotated otherwise": 1}


@pytest.fixture
def place(tmp_path):
    film = write(tmp_path / "film.mp4", range(6), fps=60, size=(32, 32))
    return tree(tmp_path / "aist", film, FILMS, frames=6)


def change(place, sequence=FIRST, frames=6, by=5):
    known = annotations(frames)
    known["keypoints2d"][..., :2] += by
    (place / "keypoints2d" / f"{sequence}.pkl").write_bytes(pickle.dumps(known))


def run(place, out, *words):
    return go(out, "dataset=aist", f"dataset.path={place}", *words)


def poses(out):
    return {name: content for name, content in published(out).items() if name.endswith(".npz")}


def test_a_run_that_reads_no_annotations_does_not_depend_on_them(place, tmp_path):
    assert run(place, tmp_path / "out").done == 2
    change(place)
    assert (run(place, tmp_path / "out").todo, "annotations" in sidecar_of(tmp_path / "out", FILMS[0])["facts"]) == (
        {},
        False,
    )


def test_a_metric_is_computed_again_and_nothing_else(place, tmp_path):
    out, words = tmp_path / "out", ("metric=[pck]", "writer=[npz]")
    assert run(place, out, *words).done == 2
    assert run(place, out, *words).todo == {}
    before = poses(out)
    change(place)
    again = run(place, out, *words)
    assert (again.todo, again.why) == ({FILMS[0]: ("metric.pck",)}, AGAIN)
    assert run(place, out, *words).todo == {}
    assert poses(out) == before


def test_a_file_that_is_only_touched_is_the_same(place, tmp_path):
    out = tmp_path / "out"
    run(place, out, "metric=[pck]")
    os.utime(place / "keypoints2d" / f"{FIRST}.pkl", ns=(1, 1))
    assert run(place, out, "metric=[pck]").todo == {}


def test_a_metric_that_was_not_asked_for_meanwhile_is_not_forgotten(place, tmp_path):
    out, both = tmp_path / "out", "metric=[pck]"
    run(place, out, both)
    change(place)
    assert run(place, out).todo == {}
    assert run(place, out, both).why == AGAIN


def test_scores_against_annotations_that_have_changed_are_left_out(place, tmp_path):
    out = tmp_path / "out"
    words = ("detector=annotations", "metric=[epe]", "dataset.views=all")
    run(place, out, *words)
    change(place, SECOND)
    part = run(place, out, *words, "limit=1")
    assert part.todo == {}
    assert part.data()["scores_left_out"] == {"epe": {"scored against other annotations": 1}}
    whole, *_ = (out / "scores.csv").read_text().splitlines()[1:]
    assert whole.startswith("epe,epe_px,all,,0,1,6,0,1 clip scored against other annotations")


def test_what_reads_no_points_in_space_does_not_depend_on_them(place, tmp_path):
    rest(place, frames=6)
    out, words = tmp_path / "out", ("sampler=annotated", "writer=[npz]")
    run(place, out, *words, "metric=[pck]")
    before = poses(out)
    for more in (["dataset.keypoints3d=plain"], ["dataset.keypoints3d=none", "metric=[pck]"]):
        assert run(place, out, *words, *more).todo == {}
    assert poses(out) == before


def test_points_in_space_of_another_kind_are_not_mixed(place, tmp_path):
    rest(place, frames=6)
    out, words = tmp_path / "out", ("detector=annotations", "metric=[pck,mpjpe]", "metric.mpjpe.measures=[p_mpjpe]")
    run(place, out, *words)
    whole = (out / "scores.csv").read_bytes()
    with pytest.raises(ConfigError, match=r"metric\.mpjpe\.dataset\.keypoints3d: default, now plain"):
        run(place, out, *words, "dataset.keypoints3d=plain", "limit=1")
    assert (out / "scores.csv").read_bytes() == whole
    part = run(place, out, *words, "dataset.keypoints3d=plain", "limit=1", "overwrite=true")
    assert part.data()["scores_left_out"] == {"mpjpe": {"scored with other settings": 1}}
    assert run(place, out, *words, "dataset.keypoints3d=plain", "overwrite=true").done == 1


@pytest.mark.parametrize(("more", "told"), [((), {}), (("refine=[smooth]",), {"detection_rate": 1.0})])
def test_replayed_annotations_tell_no_quality_and_no_speed_of_a_model(tmp_path, more, told):
    data = go(tmp_path, "detector=annotations", *more).data()
    assert {name: data["quality"][name] for name in ("detection_rate",) if name in data["quality"]} == told
    assert (data["done"], data["files"], data["frames_per_second"]["model"]) == (3, 3, None)
    assert data["bytes"] == sum(path.stat().st_size for path in tmp_path.glob("*.npy"))
    found = go(tmp_path / "found").data()
    assert found["quality"]["detection_rate"] == 1.0
    assert found["frames_per_second"]["model"] > 0


def test_replayed_annotations_are_the_poses_and_score_one(place, tmp_path):
    from posecfg.loading import load

    out = tmp_path / "out"
    words = ("detector=annotations", "sampler=annotated", "writer=[npz]", "metric=[pck]")
    went = run(place, out, *words)
    assert (went.done, went.report.scores.values()["pck"][0]) == (2, 1.0)
    (track,) = load(out / f"{FILMS[0]}.npz").tracks
    np.testing.assert_array_equal(track.xy, annotations(6)["keypoints2d"][0, ..., :2])
    np.testing.assert_array_equal(track.scores, annotations(6)["keypoints2d"][0, ..., 2])
    np.testing.assert_allclose(track.box_scores, 0.95, rtol=1e-6)
    change(place)
    again = run(place, out, *words)
    assert (again.why, again.done) == (AGAIN, 1)
    (track,) = load(out / f"{FILMS[0]}.npz").tracks
    np.testing.assert_array_equal(track.xy, annotations(6)["keypoints2d"][0, ..., :2] + 5)
    assert run(place, out, *words).todo == {}


def test_points_in_space_are_replayed_in_metres(place, tmp_path):
    from posecfg.loading import load

    rest(place, frames=6)
    (place / "cameras" / "mapping.txt").write_text(f"{FIRST} setting1\n")
    words = ("detector=annotations", "writer=[npz]", "dataset.keypoints3d=plain")
    run(place, tmp_path / "out", *words)
    (track,) = load(tmp_path / "out" / f"{FILMS[1]}.npz").tracks
    np.testing.assert_allclose(track.xyz[3, 5], [0.03, 0.05, 1], rtol=1e-6)
    assert track.meaning.xyz == "metres, origin in the world"
    (track,) = load(tmp_path / "out" / f"{FILMS[0]}.npz").tracks
    # The first camera is turned by 0.1 around y, and a metre away.
    seen = [0.03 * np.cos(0.1) + np.sin(0.1), 0.05, np.cos(0.1) - 0.03 * np.sin(0.1) + 1]
    np.testing.assert_allclose(track.xyz[3, 5], seen, rtol=1e-6)
    assert "origin camera, x to the right of the image, y down" in track.meaning.xyz
    assert run(place, tmp_path / "out", *words[:2]).why == {"annotated otherwise": 2}, "optimised ones are others"


def test_annotations_that_differ_from_the_film_are_told(place, tmp_path):
    change(place, frames=8)
    change(place, SECOND, frames=4)
    out = tmp_path / "out"
    run(place, out, "sampler=annotated")
    told = [sidecar_of(out, name)["warnings"] for name in FILMS]
    assert told[0] == ["8 annotations, but the film ends before 2 of them, which have its last frame"]
    assert told[1] == ["4 annotations, but the film goes on: 2 frames behind the last of them have no row"]
    assert sidecar_of(out, FILMS[0])["clock"]["rows"] == 8
    change(place, frames=9)
    run(place, out, "sampler=annotated")
    told = sidecar_of(out, FILMS[0])["warnings"]
    assert told == ["9 annotations, but the film ends before 3 of them, which have no row"]
    assert sidecar_of(out, FILMS[0])["clock"]["rows"] == 6


@pytest.mark.parametrize("words", [["sampler=annotated"], ["detector=annotations"]])
def test_clips_without_annotations_are_skipped_until_they_have_some(place, tmp_path, words):
    pickled = place / "keypoints2d" / f"{FIRST}.pkl"
    kept = pickled.read_bytes()
    pickled.unlink()
    out = tmp_path / "out"
    went = run(place, out, *words)
    assert (went.done, went.report.skipped) == (1, {FILMS[0]: "no annotations"})
    assert run(place, out, *words).todo == {}
    pickled.write_bytes(kept)
    assert run(place, out, *words).why == AGAIN


def test_annotations_are_inputs_that_are_never_replaced(place, tmp_path):
    job = job_of(tmp_path / "out", "dataset=aist", f"dataset.path={place}")
    read = others_read(job, scope(job))
    assert {str(place / "keypoints2d" / f"{sequence}.pkl") for sequence in (FIRST, SECOND)} <= set(read)


def test_a_data_set_without_annotations_is_refused_at_once(tmp_path, place):
    with pytest.raises(ConfigError, match="sampler=annotated needs annotations, but no clip of dataset=folder"):
        go(tmp_path / "out", "dataset=folder", f"dataset.path={place}", "sampler=annotated")
