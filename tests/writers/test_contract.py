"""What holds for every writer, built from its own YAML."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from samples import extraction, track

from posecfg.errors import ConfigError

CONF = Path(__file__).resolve().parents[2] / "conf"
MINE = ("csv", "json", "npy", "npz", "openpose")
OPTIONS = [CONF / "writer" / f"{name}.yaml" for name in MINE]


def component(path):
    node = yaml.safe_load(path.read_text())
    module, _, name = node.pop("_target_").rpartition(".")
    return getattr(importlib.import_module(module), name), node


@pytest.fixture(params=OPTIONS, ids=lambda p: p.stem)
def option(request):
    return request.param


def build(option, **arguments):
    return component(option)[0](**arguments)


def samples():
    return {
        "one": extraction(track(4, missing=[1])),
        "3d": extraction(track(3, "blazepose33", xyz=True)),
        "depth": extraction(track(2, "wholebody133", depth=True)),
        "nobody": extraction(track(3, missing=range(3))),
        "people": extraction(track(3, person=0), track(3, missing=[0], person=4)),
        "no tracks": extraction(rows=3),
        "one row": extraction(track(1)),
        "no rows": extraction(track(0)),
        "unicode": extraction(track(1), clip_id="Spiel-Film ü (1)/été [2] #&=,"),
    }


@pytest.mark.parametrize("sample", samples())
def test_the_same_extraction_gives_the_same_bytes(option, sample, written):
    first = written(build(option), samples()[sample])
    with patch("time.time", return_value=time.time() + 1e6), patch("time.localtime", return_value=time.gmtime(2e9)):
        second = written(build(option), samples()[sample])
    assert first.data == second.data
    assert first.about == second.about


@pytest.mark.parametrize("sample", samples())
def test_names_lie_below_the_clip_and_facts_are_json(option, sample, written):
    source = samples()[sample]
    writer = build(option)
    files = written(writer, source)
    for name, about in files.about.items():
        assert name.startswith(source.clip.id)
        assert name.endswith(writer.suffix)
        assert about["kind"] == option.stem
        json.dumps(about, allow_nan=False)
    if len(source.tracks) == 1 and len(source.clock):
        assert next(iter(files.data)) == writer.target(source.clip.id)


@pytest.mark.parametrize("sample", samples())
def test_timings_and_machine_paths_are_not_data(option, sample, written):
    for data in written(build(option), samples()[sample]).data.values():
        assert b"timings" not in data
        assert b"/data" not in data


def test_the_yaml_lists_every_argument_with_its_default(option):
    kind, node = component(option)
    parameters = inspect.signature(kind).parameters
    assert list(node) == list(parameters)
    for name, value in node.items():
        assert value in (parameters[name].default, f"${{{name}}}")


def test_the_yaml_starts_with_package_sentence_and_command(option):
    package, sentence, command = option.read_text().splitlines()[:3]
    assert package == f"# @package writer.{option.stem}"
    assert sentence.endswith(".")
    assert command.startswith("# python run.py ")


@pytest.mark.parametrize(
    "path",
    ["", "fixed", "../{id}", "/{id}", "a/../{name}", "{id", "{clip}", "{id!r}", "{id:>9}", "{id.path}", "a\\{id}", 7],
)
def test_a_template_that_cannot_work_is_refused(option, path):
    with pytest.raises(ConfigError, match="Expected path to"):
        build(option, path=path)


def test_no_writer_loads_numpy_before_it_is_used():
    modules = [component(option)[0].__module__ for option in OPTIONS]
    code = (
        f"import sys, {', '.join(modules)}, posecfg.loading, posecfg.detectors.stored; sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
