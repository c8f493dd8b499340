"""The preset that lifts any film: the layout of the original's folder, and what each file in it holds."""

from __future__ import annotations

import json

import av
import numpy as np
import pytest
from temporalnets import checkpoint, weights
from whole_runs import Spy, published, sidecar_of

from posecfg.config.compose import compose
from posecfg.config.resolvers import per_film
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.runs.run import run

pytestmark = pytest.mark.deep

pytest.importorskip("onnxruntime")


@pytest.fixture
def wild(tmp_path):
    """Return a function that runs the preset on a path, with known poses and a network of random weights."""
    network = checkpoint(tmp_path / "random.bin", weights())

    def start(path, *words, out=tmp_path / "outputs"):
        given = [f"dataset.path={path}", "detector=synthetic", f"lifter.checkpoint={network}", f"output_dir={out}"]
        (job,) = compose(["experiment=videopose3d_wild", *given, "workers=0", *words])
        assert plan(job)["problems"] == []
        report = run(job, Spy())
        assert report.exit_code == 0
        return report

    return start


def test_one_film_fills_the_folders_of_the_original(wild, folder, tmp_path):
    folder("film.mp4")
    wild(tmp_path / "films" / "film.mp4")
    out = tmp_path / "outputs"
    frames = [f"detectron_output/frame_{n:04d}_keypoints.json" for n in (1, 2, 3, 4)]
    others = ["custom_data/data_2d_custom_film.npz", "detectron_output/film.mp4.npz"]
    assert sorted(published(out)) == sorted([*frames, *others, "output_videos/film.mp4", "poses_3d/film.npy"])
    poses = np.load(out / "poses_3d/film.npy")
    assert (poses.shape, poses.dtype, bool(np.isfinite(poses).all())) == ((4, 17, 3), np.float32, True)
    custom = np.load(out / others[0], allow_pickle=True)["positions_2d"].item()
    seen = json.loads((out / frames[2]).read_text())["people"][0]["keypoints"]
    np.testing.assert_allclose(custom["film.mp4"]["custom"][0][2], np.array(seen)[:, :2], atol=0.01)
    with av.open(str(out / "output_videos/film.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 4
    assert verify([str(out)])["problems"] == []
    assert wild(tmp_path / "films" / "film.mp4").already == 1


def test_films_of_a_folder_have_folders_of_their_own(wild, folder, tmp_path):
    folder("a.mp4", "sub/b.mp4")
    wild(tmp_path / "films")
    names = set(published(tmp_path / "outputs"))
    assert {"detectron_output/a/frame_0001_keypoints.json", "detectron_output/sub/b/frame_0004_keypoints.json"} <= names
    assert {"custom_data/data_2d_custom_a.npz", "custom_data/sub/data_2d_custom_b.npz"} <= names
    assert {"detectron_output/a.mp4.npz", "detectron_output/sub/b.mp4.npz"} <= names
    assert {"poses_3d/sub/b.npy", "output_videos/sub/b.mp4"} <= names


def test_its_folder_may_hold_the_folders_of_other_runs(wild, folder, tmp_path):
    """outputs/ is also where runs without output_dir= have theirs: neither disturbs the other."""
    folder("film.mp4")
    film, out = tmp_path / "films" / "film.mp4", tmp_path / "outputs"
    inner = out / "folder" / "synthetic-12345678"
    wild(film, "writer=[npy]", out=inner)
    before = published(inner)
    wild(film)
    assert wild(film, "writer=[npy]", out=inner).already == 1
    assert wild(film).already == 1
    assert published(inner) == before
    assert verify([str(out)])["problems"] == []


def test_a_film_without_anybody_is_done_with_missing_rows_and_an_empty_floor(wild, folder, tmp_path):
    folder("film.mp4")
    report = wild(tmp_path / "films" / "film.mp4", "detector.miss=1")
    assert (report.done, report.empty) == (1, 1)
    frames = [f"detectron_output/frame_{n:04d}_keypoints.json" for n in (1, 2, 3, 4)]
    assert sorted(published(tmp_path / "outputs")) == [*frames, "output_videos/film.mp4", "poses_3d/film.npy"]
    assert np.isnan(np.load(tmp_path / "outputs/poses_3d/film.npy")).all()
    assert sidecar_of(tmp_path / "outputs", "film")["reason"] == "no person was found: 4 frames were looked at"


def test_one_that_was_interpolated_is_told_from_one_that_was_seen(wild, folder, tmp_path):
    folder("film.mp4")
    wild(tmp_path / "films" / "film.mp4", "detector.miss=0.5", "writer=[npy,npz]")
    record = sidecar_of(tmp_path / "outputs", "film")
    with np.load(tmp_path / "outputs" / "film.npz") as data:
        assert (data["made"] != data["valid"]).all()
        assert np.isnan(data["source_xy"][~data["valid"]]).all()
        assert np.isfinite(data["xyz"]).all()
    assert record["skeleton"] == "h36m17"


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("film.mp4", ""),
        ("none/film.mp4", ""),
        (".", "{id}/"),
        ("films/*.mp4", "{id}/"),
        (None, "{id}/"),
        (["a"], "{id}/"),
    ],
)
def test_only_one_film_needs_no_folder_of_its_own(path, part):
    assert per_film(path) == part
