"""What is kept of composing changes nothing: not what Hydra itself would compose, not a file that was edited."""

from __future__ import annotations

import os

import pytest
import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from omegaconf import OmegaConf

from posecfg.config.hydra_loader import load, open_loader, search_path
from posecfg.config.options import options

pytestmark = pytest.mark.deep

PRESETS = [["experiment=" + name] for name in options()["experiment"]]
SETS = [[], ["detector=synthetic", "writer=[npy,csv]", "bbox_thr=0.5"], ["detector=rtmdet", "detector/pose=rtmw_l"]]


@pytest.mark.parametrize("words", [*SETS, *PRESETS], ids=" ".join)
def test_everything_is_as_hydra_composes_it(words):
    first, again = (load(open_loader(), words) for _ in range(2))
    plain = load(ConfigLoaderImpl(search_path()), words)
    assert OmegaConf.to_yaml(first) == OmegaConf.to_yaml(again) == OmegaConf.to_yaml(plain)
    assert first._get_flag("struct") is again._get_flag("struct") is True


@pytest.mark.parametrize("chosen", ["one", "two"])
def test_defaults_may_refer_to_what_is_chosen(conf, chosen):
    for group in ("mine", "other"):
        for name in ("one", "two"):
            conf(f"{group}/{name}.yaml", f"is: {name}\n")
    defaults = "defaults:\n  - /other: one\n  - /mine: ${other}\n  - _self_\n"
    folder = str(conf("experiment/mine.yaml", f"# @package _global_\n{defaults}"))
    words = ["experiment=mine", f"other={chosen}"]
    found = load(open_loader(folder), words)
    assert found.mine["is"] == chosen
    assert OmegaConf.to_yaml(found) == OmegaConf.to_yaml(load(ConfigLoaderImpl(search_path(folder)), words))


@pytest.mark.parametrize("words", SETS, ids=" ".join)
def test_what_a_caller_changes_is_its_own(words):
    before = OmegaConf.to_yaml(load(open_loader(), words))
    config = load(open_loader(), words)
    config.dataset = {"mine": 1}
    config.video.start = 3.0
    config.hydra.job.name = "other"
    assert OmegaConf.to_yaml(load(open_loader(), words)) == before


def test_a_file_that_was_edited_counts_even_where_size_and_time_are_as_before(conf):
    folder = conf("detector/mine.yaml", "_target_: posecfg.detectors.synthetic.Synthetic\npeople: 1\n")
    file = folder / "detector" / "mine.yaml"
    was = file.stat()
    for people in (1, 2, 1):
        file.write_text(file.read_text().replace("people: 1", f"people: {people}"))
        os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert load(open_loader(str(folder)), ["detector=mine"]).detector.people == people
        file.write_text(file.read_text().replace("people: 2", "people: 1"))


def test_a_file_that_comes_and_goes_is_there_and_gone(conf, refused):
    folder = conf("detector/mine.yaml", "_target_: posecfg.detectors.synthetic.Synthetic\n")
    for _ in range(2):
        assert load(open_loader(str(folder)), ["detector=mine"]).detector
        text = (folder / "detector" / "mine.yaml").read_text()
        (folder / "detector" / "mine.yaml").unlink()
        with pytest.raises(Exception, match="Could not find 'detector/mine'"):
            load(open_loader(str(folder)), ["detector=mine"])
        (folder / "detector" / "mine.yaml").write_text(text)


def test_the_same_texts_are_parsed_once(monkeypatch):
    words = ["detector=synthetic", "dataset=synthetic"]
    load(open_loader(), words)
    monkeypatch.setattr(yaml, "load", lambda *_: pytest.fail("parsed again"))
    assert load(open_loader(), [*words, "bbox_thr=0.7"]).bbox_thr == 0.7
