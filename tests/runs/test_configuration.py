"""A run keeps its configuration once, and records of clips name those that they were made with."""

from __future__ import annotations

import json

import pytest
from whole_runs import SMALL, go, published, sidecar_of

from posecfg.commands.program import main
from posecfg.config.recorded import job_of
from posecfg.store import configurations

CLIP = "synthetic_0001"
SYNTHETIC = ("dataset=synthetic", *SMALL, "detector=synthetic", "workers=0")


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "out"


def test_a_configuration_is_kept_once_whatever_is_repeated(out):
    assert main([*SYNTHETIC, "output_dir=out"]) == 0
    (name,) = configurations.names(out)
    assert sidecar_of(out, CLIP)["configurations"] == [name]
    found = configurations.read(out, name)
    assert found["command"] == [*SYNTHETIC, "output_dir=out"]
    assert found["folder"] == str(out.parent)
    assert found["identity"] == sidecar_of(out, CLIP)["identity"] == job_of(found).hash
    assert {"python", "posecfg", "numpy"} <= found["versions"].keys()
    before = (out / ".posecfg/configurations" / f"{name}.json").stat().st_mtime_ns
    assert main([*SYNTHETIC, "output_dir=out"]) == 0
    assert main([*SYNTHETIC, "output_dir=out", "limit=1"]) == 0
    assert configurations.names(out) == [name]
    assert (out / ".posecfg/configurations" / f"{name}.json").stat().st_mtime_ns == before


def test_a_writer_that_is_added_has_its_own(out):
    go(out, "writer=[npy,npz]")
    first = sidecar_of(out, CLIP)["configurations"]
    go(out, "writer=[npy,npz,csv]", "only=synthetic_0001")
    known = sidecar_of(out, CLIP)["configurations"]
    assert known[:1] == first
    assert len(known) == 2
    assert sidecar_of(out, "synthetic_0002")["configurations"] == first
    assert configurations.read(out, known[1])["config"]["writer"].keys() == {"npy", "npz", "csv"}


def test_a_clip_that_was_skipped_names_it_too(out):
    go(out, "persons=only", "detector.people=2", "dataset.people=2")
    assert sidecar_of(out, CLIP)["status"] == "skipped"
    assert len(sidecar_of(out, CLIP)["configurations"]) == 1


def test_no_clip_depends_on_what_is_kept(out, tmp_path):
    go(out)
    go(tmp_path / "other", "limit=2")
    assert {n: b for n, b in published(out).items() if n in published(tmp_path / "other")} == published(
        tmp_path / "other"
    )


def test_a_folder_of_an_earlier_version_gets_one_with_the_next_run(out):
    go(out)
    kept = out / ".posecfg/configurations"
    for file in kept.iterdir():
        file.unlink()
    kept.rmdir()
    assert configurations.names(out) == []
    assert go(out).todo == {}
    assert len(configurations.names(out)) == 1


def test_a_damaged_one_is_none_and_written_again(out):
    go(out)
    (name,) = configurations.names(out)
    file = out / ".posecfg/configurations" / f"{name}.json"
    for text in ("{}", "[", file.read_text().replace("0.3", "0.4")):
        file.write_text(text)
        assert configurations.read(out, name) is None
    assert configurations.read(out, "../../run") is None
    file.write_text("{}")
    go(out, "redo=true")
    assert configurations.read(out, name) is None
    assert configurations.read(out, sidecar_of(out, CLIP)["configurations"][-1])


def test_what_comes_from_the_environment_is_not_in_the_record(out, monkeypatch):
    monkeypatch.setenv("MARK", "s3cr3t-of-the-user")
    words = [*SYNTHETIC, "output_dir=out", "writer=[npy,openpose]", "writer.openpose.path='${oc.env:MARK}/{id}'"]
    assert main([*words, "only=synthetic_0001"]) == 0
    (name,) = configurations.names(out)
    text = json.dumps(configurations.read(out, name))
    assert "s3cr3t" not in text
    assert "${oc.env:MARK}" in text


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sweep_keeps_one_for_each_job_with_the_whole_command(out, workers):
    words = ["-m", *SYNTHETIC[:-1], f"workers={workers}", "bbox_thr=0.2,0.4", "output_dir=out"]
    assert main(words) == 0
    roots = [path.parent.parent for path in out.glob("*/.posecfg/run.json")]
    found = [configurations.read(root, configurations.names(root)[0]) for root in roots]
    assert sorted(one["config"]["bbox_thr"] for one in found) == [0.2, 0.4]
    assert all(one["command"] == words for one in found)
