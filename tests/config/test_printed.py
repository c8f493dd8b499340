"""The configuration as it is printed: what a run uses, as YAML that can be read back."""

from __future__ import annotations

import pytest
import yaml
from omegaconf import OmegaConf

from posecfg.config.compose import compose
from posecfg.config.options import options
from posecfg.config.printed import page

TOTAL = ("experiment=blazepose_totalcapture", "dataset.path=films")


def read(text):
    return OmegaConf.to_container(OmegaConf.create(text), resolve=True)


@pytest.mark.parametrize("name", ["default", *options()["experiment"]])
@pytest.mark.parametrize("resolve", [True, False])
def test_what_is_printed_is_what_a_run_uses(name, resolve):
    (job,) = compose([] if name == "default" else [f"experiment={name}"])
    text = page(job, resolve)
    found = read(text)
    for group in ("refine", "writer", "metric"):
        found[group] = {key: node for key, node in found[group].items() if node is not None}
    assert found == job.config
    assert ("${" in text) != resolve
    assert max(map(len, text.splitlines())) < 100


def test_values_that_a_run_leaves_out_are_not_printed_as_if_they_counted(typed):
    job = typed(*TOTAL, "persons=largest", "detector=movenet")
    for resolve in (True, False):
        found = yaml.safe_load(page(job, resolve))
        assert found["persons"]["follow"] is True
        assert "complexity" not in found["detector"]
    assert page(job, False).startswith("# left out, because the command line chose another option: ")


def test_times_and_paths_are_printed_as_a_run_has_them(typed, tmp_path):
    paths = [str(tmp_path / name) for name in ("a.mp4", "b.mp4")]
    for path in paths:
        open(path, "w").close()
    job = typed(*paths, "video.start=00:01:30")
    for resolve in (True, False):
        found = yaml.safe_load(page(job, resolve))
        assert (found["video"]["start"], found["dataset"]["path"]) == (90, paths)


def test_a_part_has_its_name_above_it(typed):
    job = typed("writer=[npy]")
    assert page(job, False, "writer.npy").startswith("# @package writer.npy\n_target_: posecfg.writers.npy.Npy\n")
    assert page(job, False, "bbox_thr") == "0.3\n"
    assert page(job, True, "_global_") == page(job, True)
    assert "missing: 'nan'" in page(job, True, "writer")


def test_jobs_of_a_sweep_are_told_apart(swept):
    pages = [page(job, True, "persons") for job in swept("-m", "bbox_thr=0.2,0.5")]
    assert [text.splitlines()[0] for text in pages] == ["# bbox_thr=0.2", "# bbox_thr=0.5"]
    assert [yaml.safe_load(text)["bbox_thr"] for text in pages] == [0.2, 0.5]
