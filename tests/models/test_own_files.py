"""Files of the user's own as weights: the path is a name, and the content is what counts."""

from __future__ import annotations

import os
import re
import shutil

import numpy as np
import onnxgraphs
import pytest
from temporalnets import checkpoint, weights
from whole_runs import go, job_of, sidecar_of

import posecfg
from posecfg import skeletons
from posecfg.config.compose import compose
from posecfg.detectors.topdown.simcc2d import SimCC2D
from posecfg.errors import ConfigError, WeightsError
from posecfg.lifters import videopose3d
from posecfg.models import files, own_files, store, trust
from posecfg.review.plan import plan

LIFTED = ("dataset=synthetic", "dataset.clips=1", "detector=synthetic", "lifter=videopose3d", "writer=[npz]")


@pytest.fixture(autouse=True)
def apart(tmp_path, monkeypatch):
    """Keep folders of weights and trusted hashes of the machine out of the way."""
    monkeypatch.setenv("POSECFG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def mine(tmp_path):
    """A checkpoint of the user's own."""
    return checkpoint(tmp_path / "mine.bin", weights())


@pytest.mark.parametrize(
    "name", ["mine.onnx", "sub/mine", "~/mine", "./mine", "/abs/mine.pth", "MINE.PTH", "mine.ckpt", "film.mp4"]
)
def test_paths_are_told_from_names(name):
    assert own_files.is_path(name)
    assert own_files.label(name) == name.rpartition("/")[2]


@pytest.mark.parametrize("name", ["rtmpose_m", "int8", "videopose3d_coco", "blazepose_full"])
def test_names_stay_names(name):
    assert not own_files.is_path(name)
    assert own_files.label(name) == name


def test_a_file_of_ones_own_needs_neither_hash_nor_trust(mine):
    here = store.status(str(mine))
    assert (here.state, here.path, here.found) == ("present", mine, files.digest(mine))
    assert store.find(str(mine)) == mine
    with store.loading(str(mine)) as found:
        assert (found.path, found.weights) == (mine, {"mine.bin": files.digest(mine)})
    assert store.problems([str(mine)]) == []
    with pytest.raises(WeightsError, match="a file of your own, which needs no trust"):
        trust.trust(str(mine), "00" * 32)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    (problem,) = store.problems([str(tmp_path / "none.onnx")])
    assert str(problem) == f"Expected weights in '{tmp_path}/none.onnx', but there is no such file: check the path."


def test_the_same_content_is_the_same_run_wherever_it_lies(mine, tmp_path, monkeypatch):
    words = (*LIFTED, "dataset.frames=3", "lifter.checkpoint=")
    (absolute,) = compose([*words[:-1], f"{words[-1]}{mine}"])
    monkeypatch.chdir(tmp_path)
    (relative,) = compose([*words[:-1], f"{words[-1]}mine.bin"])
    assert relative.config["lifter"]["checkpoint"] == str(mine)
    (tmp_path / "sub").mkdir()
    shutil.copy(mine, tmp_path / "sub" / "other.bin")
    (moved,) = compose([*words[:-1], f"{words[-1]}sub/other.bin"])
    assert absolute.hash == relative.hash == moved.hash
    assert absolute.identity["lifter"]["checkpoint"] == f"sha256 {files.digest(mine)}"
    checkpoint(mine, weights(seed=5))
    (changed,) = compose([*words[:-1], f"{words[-1]}mine.bin"])
    assert changed.hash != absolute.hash


def test_a_run_records_the_content_and_another_one_is_refused(mine, tmp_path):
    pytest.importorskip("onnxruntime")
    words = (*LIFTED, f"lifter.checkpoint={mine}")
    (shown,) = plan(job_of(tmp_path / "out", *words))["weights"]
    assert (shown["name"], shown["own"], shown["found"]) == (str(mine), True, files.digest(mine))
    assert go(tmp_path / "out", *words).exit_code == 0
    assert sidecar_of(tmp_path / "out", "synthetic_0000")["weights"] == {"mine.bin": files.digest(mine)}
    assert str(tmp_path) not in str(posecfg.load(tmp_path / "out/synthetic_0000.npz").about)
    renamed = mine.rename(tmp_path / "renamed.bin")
    assert go(tmp_path / "out", *words[:-1], f"lifter.checkpoint={renamed}").already == 1
    other = checkpoint(tmp_path / "other.bin", weights(seed=5))
    with pytest.raises(ConfigError, match=r"another configuration \(lifter\.checkpoint: sha256 \w+, now sha256 \w+\)"):
        go(tmp_path / "out", *words[:-1], f"lifter.checkpoint={other}")


@pytest.mark.parametrize(
    ("detector", "told"),
    [
        ("detector.pose.weights=mine.pth", r"the path of an ONNX graph, but got '.*mine.pth': name one, export it"),
        ("detector.pose.weights=rtmpose_s", "the path of an ONNX graph, but got 'rtmpose_s': name one, or null"),
    ],
)
def test_files_of_another_kind_are_told_before_the_run(detector, told, tmp_path):
    problems = plan(job_of(tmp_path, "dataset=synthetic", "detector=rtmdet", detector))["problems"]
    assert any(re.search(told, problem) for problem in problems)


def test_a_name_that_is_a_file_as_well_says_how_to_mean_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").touch()
    with pytest.raises(WeightsError, match=r"no weights 'mine'\. For the file of that name type \./mine$"):
        store.find("mine")


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_said_so_and_hangs_nothing(tmp_path, kind):
    (os.mkdir if kind == "folder" else os.mkfifo)(tmp_path / "a.onnx")
    with pytest.raises(WeightsError, match=r"a\.onnx', but that is no regular file: check the path"):
        store.find(str(tmp_path / "a.onnx"))


def test_weights_that_change_while_they_are_loaded_are_refused(mine, monkeypatch):
    """Else the record would name one file, and the poses would be those of another."""
    pytest.importorskip("onnxruntime")
    other = checkpoint(mine.with_name("other.bin"), weights(seed=5)).read_bytes()
    good = videopose3d._networks

    def swapped(path, name):
        spare = path.with_name("spare.bin")
        spare.write_bytes(other)
        os.replace(spare, path)
        return good(path, name)

    monkeypatch.setattr(videopose3d, "_networks", swapped)
    with pytest.raises(WeightsError, match="were changed while they were loaded: type the same command again"):
        videopose3d.VideoPose3D(str(mine))


@pytest.mark.parametrize("harm", ["nan", "variance"])
def test_numbers_that_no_network_can_have_are_refused(tmp_path, harm):
    pytest.importorskip("onnxruntime")
    arrays = weights()
    name = "shrink.bias" if harm == "nan" else "expand_bn.running_var"
    arrays[name][0] = np.nan if harm == "nan" else -1
    path = checkpoint(tmp_path / "bad.bin", arrays)
    told = rf"model_pos\.{name} has numbers that no network can have: name a file of the kind that this option takes"
    with pytest.raises(WeightsError, match=told):
        videopose3d.VideoPose3D(str(path))


HEADS = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=3", "detector=rtmdet", "persons=all", "writer=[npz]")
OWN = """\
keypoints: [nose, ear_l, ear_r]
bones: [[nose, ear_l], [nose, ear_r]]
pairs: [[ear_l, ear_r]]
"""


@pytest.fixture
def networks(tmp_path):
    """Words for a box detector and a pose head of the user's own, whose three keypoints a YAML file names."""
    for package in ("onnxruntime", "onnx", "cv2"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    onnxgraphs.glow(tmp_path / "boxes.onnx")
    onnxgraphs.spots(tmp_path / "heads.onnx", points=3)
    (tmp_path / "mine.yaml").write_text(OWN)
    return (
        *HEADS,
        f"detector.boxes.weights={tmp_path}/boxes.onnx",
        f"detector.pose.weights={tmp_path}/heads.onnx",
        "bbox_thr=0.05",
    )


def test_a_skeleton_of_ones_own_is_known_by_its_content(networks, tmp_path, monkeypatch):
    words = (*networks, "detector.pose.skeleton=")
    (absolute,) = compose([*words[:-1], f"{words[-1]}{tmp_path}/mine.yaml"])
    monkeypatch.chdir(tmp_path)
    (relative,) = compose([*words[:-1], f"{words[-1]}mine.yaml"])
    assert relative.config["detector"]["pose"]["skeleton"] == str(tmp_path / "mine.yaml")
    assert absolute.hash == relative.hash
    (tmp_path / "mine.yaml").write_text(OWN.replace("ear_l", "left_ear"))
    (changed,) = compose([*words[:-1], f"{words[-1]}mine.yaml"])
    assert changed.hash != absolute.hash


def test_networks_of_ones_own_run_with_a_skeleton_of_ones_own(networks, tmp_path):
    out = tmp_path / "out"
    report = go(out, *networks, f"detector.pose.skeleton={tmp_path}/mine.yaml")
    assert report.exit_code == 0
    found = posecfg.load(next(out.glob("*.npz")))
    assert found.tracks[0].skeleton == skeletons.load(str(tmp_path / "mine.yaml"))
    assert found.tracks[0].skeleton.swaps == (0, 2, 1)
    assert np.isfinite(found.tracks[0].xy).any()
    kept = sidecar_of(out, next(out.glob("*.npz")).stem)["weights"]
    assert kept == {name: files.digest(tmp_path / name) for name in ("boxes.onnx", "heads.onnx")}


def test_another_number_of_keypoints_says_what_to_type(networks, tmp_path):
    with pytest.raises(WeightsError, match=r"the 17 keypoints of coco17, but it gives 3: type skeleton=mine\.yaml"):
        SimCC2D(weights=str(tmp_path / "heads.onnx"), device="cpu")
    onnxgraphs.warm(tmp_path / "maps.onnx")
    with pytest.raises(WeightsError, match="choose detector/pose=vitpose for a graph of heatmaps"):
        SimCC2D(weights=str(tmp_path / "maps.onnx"), device="cpu")
