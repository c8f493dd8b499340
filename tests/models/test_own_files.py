"""Files of the user's own as weights: the path is a name, and the content is what counts."""

from __future__ import annotations

import re
import shutil

import pytest
from temporalnets import checkpoint, weights
from whole_runs import go, job_of, sidecar_of

import posecfg
from posecfg.config.compose import compose
from posecfg.errors import ConfigError, WeightsError
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


@pytest.mark.parametrize("name", ["mine.onnx", "sub/mine", "~/mine", "./mine", "/abs/mine.pth", "MINE.PTH"])
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
    assert store.found(str(mine)) == {"mine.bin": files.digest(mine)}
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
        ("detector.pose.weights=mine.pth", r"weights to be null or the path of a file \.onnx, but got '.*mine.pth'.*"),
        ("detector.pose.weights=rtmpose_s", "weights to be null or the path of a file"),
    ],
)
def test_files_of_another_kind_are_told_before_the_run(detector, told, tmp_path):
    problems = plan(job_of(tmp_path, "dataset=synthetic", "detector=rtmdet", detector))["problems"]
    assert any(re.search(told, problem) for problem in problems)
