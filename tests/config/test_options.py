from __future__ import annotations

import shlex
from functools import cache

import pytest
import yaml

from posecfg.commands.command_line import parse
from posecfg.components.parts import parameters
from posecfg.components.trust import locate
from posecfg.config.compose import compose
from posecfg.config.options import LISTS, arguments, conf_dir, everything, files, hosts, options, readers
from posecfg.config.schema import KEYS
from posecfg.errors import ConfigError

OPTIONS = [pytest.param(group, name, file, id=f"{group}={name}") for group, name, file in files()]
PARTS = [p for p in OPTIONS if p.values[0] != "experiment"]
PAGES = [pytest.param(file, id=str(file.relative_to(conf_dir()))) for file in sorted(conf_dir().rglob("*.yaml"))]


@cache
def turn(number):
    """Compose with the option of that number of every group, as one composition serves them all."""
    words = []
    for group, names in options().items():
        name = names[number % len(names)] if names else None
        if name is None or group == "experiment" or "/" in group:
            continue
        words.append(f"{group}=[{name}]" if group in LISTS else f"{group}={name}")
        page = next(file for g, n, file in files() if (g, n) == (group, name))
        written = yaml.safe_load(page.read_text("utf-8"))
        where = f"{group}.{name}" if group in LISTS else group
        words += [f"{where}.{key}=anything" for key, value in written.items() if value == "???"]
    (job,) = compose(words)
    return job


@cache
def half_of(group, name):
    """Compose with an option of a group inside a detector."""
    page = next(file for g, n, file in files() if (g, n) == (group, name))
    written = yaml.safe_load(page.read_text("utf-8"))
    needed = [f"{group.replace('/', '.')}.{key}=anything" for key, value in written.items() if value == "???"]
    (job,) = compose(["detector=rtmdet", f"{group}={name}", *needed])
    return job


@pytest.mark.deep
@pytest.mark.parametrize(("group", "name", "file"), PARTS)
def test_an_option_composes_and_says_what_its_class_says(group, name, file):
    written = yaml.safe_load(file.read_text("utf-8"))
    if "/" in group:
        parent, _, half = group.partition("/")
        node = half_of(group, name).config[parent][half]
    else:
        job = turn(options()[group].index(name))
        node = job.config[group][name] if group in LISTS else job.config[group]
    if "_target_" not in written:
        # Another word for an option.
        (other,) = written["defaults"]
        assert list(written) == ["defaults"]
        assert node == half_of(group, other).config[parent][half]
        return
    known = parameters(locate(written["_target_"], group))
    # Halves that a page chooses in its defaults stand before its own keys.
    halves = [key for entry in written.pop("defaults", ()) if isinstance(entry, dict) for key in entry]
    assert [key for key in node if key not in halves] == list(written)
    assert list(written) == ["_target_", *(key for key in known if key not in halves)]
    assert set(halves) <= set(known)
    for key, parameter in known.items():
        value = written.get(key)
        if key in halves or (isinstance(value, str) and "${" in value):
            continue
        if value == "???":
            assert parameter.default is parameter.empty, key
            continue
        if (group, key) == ("device", "name"):
            assert value == name
            continue
        if "/" in group and key in ("model", "skeleton"):
            # Halves of one class differ in the weights that they load, and in what these know.
            assert isinstance(value, str)
            continue
        default = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        assert value == default, key
        assert isinstance(value, bool) == isinstance(default, bool), key


@pytest.mark.deep
@pytest.mark.parametrize("file", PAGES)
def test_a_page_begins_with_a_sentence_and_a_command_that_composes(file):
    lines = file.read_text("utf-8").splitlines()
    if lines[0].startswith("# @package"):
        lines = lines[1:]
    assert not any(line.startswith("# @package") for line in lines), "hydra passes over a package line further down"
    sentence, command = lines[:2]
    assert sentence.startswith("# ")
    assert sentence.endswith(".")
    words = shlex.split(command.removeprefix("# "))
    while words[0] in ("python", "run.py", "posecfg"):
        program = words.pop(0)
    assert program in ("run.py", "posecfg")
    typed = parse(words)
    assert typed.verb in ("run", "plan")
    for job in compose(typed.overrides, typed.multirun):
        group = file.parent.relative_to(conf_dir()).as_posix()
        if group in LISTS:
            assert file.stem in job.config[group]
        elif group != "." and typed.overrides:
            assert job.choices[group] == file.stem


def test_the_root_knobs_are_those_of_the_schema():
    page = yaml.safe_load((conf_dir() / "config.yaml").read_text("utf-8"))
    groups = {next(iter(entry)) for entry in page["defaults"] if isinstance(entry, dict)} - {"experiment"}
    assert (set(page) | groups) - {"defaults", "hydra"} == set(KEYS)


def test_the_names_for_hints_are_all_there():
    assert {"detector", "experiment", "metric", "bbox_thr", "video.start", "models.dir"} <= set(everything())
    assert {"sampler.rate", "detector.complexity", "writer.npy.dtype", "dataset.path"} <= set(everything())
    assert "hydra" not in everything()
    assert set(KEYS) <= set(everything())


def test_an_argument_knows_its_options():
    assert readers("sampler.rate") == ["sampler=fps"]
    assert readers("sampler.every") == ["sampler=annotated", "sampler=fps", "sampler=stride"]
    assert readers("sampler.nothing") == []
    assert arguments()["sampler", "all"] == ()


def test_options_of_a_folder_of_ones_own_come_first(conf):
    folder = str(conf("sampler/mine.yaml", "_target_: posecfg.samplers.stride.Stride\nevery: 3\n"))
    assert options(folder)["sampler"][0] == "mine"
    assert arguments(folder)["sampler", "mine"] == ("every",)
    assert "mine" not in options()["sampler"]


def test_a_part_knows_what_it_belongs_to():
    assert hosts("detector/boxes") == ["detector=rtmdet", "detector=rtmw3d", "detector=yolox"]
    some = "detector=rtmdet or detector=rtmw3d or detector=yolox"
    with pytest.raises(ConfigError, match=f"'detector/pose' is a part of {some}: choose"):
        compose(["detector/pose=movenet"])


def test_a_model_that_was_never_published_is_called_so():
    with pytest.raises(ConfigError, match="'rtmw3d_m' was never published: there are rtmw3d_l and rtmw3d_x only"):
        compose(["detector=rtmw3d", "detector/pose=rtmw3d_m"])


def test_an_option_of_a_list_that_does_not_say_where_it_belongs_is_told_with_its_file(conf, refused):
    target = "_target_: posecfg.writers.npy.Npy\npath: '{id}'\n"
    conf("writer/told.yaml", f"\n# @package writer.told\n# Said.\n{target}")
    conf("writer/late.yaml", f"# Said too late.\n# @package writer.late\n{target}")
    folder = conf("writer/mine.yaml", f"# Forgotten.\n{target}")
    assert refused("writer=[mine]", config_dir=folder)[0] == [
        f"writer={name}: '{folder / 'writer' / f'{name}.yaml'}' does not say where its settings belong: begin it with "
        f"the line '# @package writer.{name}'."
        for name in ("late", "mine")
    ]
    (job,) = compose(["writer=[told]"], config_dir=str(folder))
    assert list(job.config["writer"]) == ["told"]
