"""Only posecfg's own classes and those of registered plugins are ever imported: a canary would write a file."""

from __future__ import annotations

import sys

import pytest
from hydra.core.plugins import Plugins

from posecfg.components.roles import misfit
from posecfg.components.trust import locate
from posecfg.config.hydra_section import check_hydra
from posecfg.errors import ConfigError
from posecfg.executors.protocol import Executor

TARGETS = [
    "os.system",
    "builtins.eval",
    "canary.Sampler",
    "canary.parts.Sampler",
    "posecfg",
    "posecfg.",
    "posecfg.cli.os.system",
    "posecfg.components.trust.importlib.import_module",
    "posecfg.store.staging.shutil.rmtree",
    "posecfg.datasets.folder.Path",
    "posecfg.cli.main",
    "posecfg.nothing.Here",
    "posecfg.suggestions.ALIASES",
    "posecfgs.samplers.every.All",
    "../canary.Sampler",
]
ROLES = [
    ("detector", "posecfg.samplers.every.All"),
    ("detector", "posecfg.lifters.identity.Identity"),
    ("detector", "posecfg.protocols.Detector"),
    ("lifter", "posecfg.detectors.synthetic.Synthetic"),
    ("sampler", "posecfg.persons.best.Best"),
    ("persons", "posecfg.samplers.every.All"),
    ("dataset", "posecfg.detectors.synthetic.Synthetic"),
    ("executor", "posecfg.datasets.folder.Folder"),
    ("device", "posecfg.errors.ConfigError"),
    ("writer", "posecfg.lifters.identity.Identity"),
    ("metric", "posecfg.writers.npy.Npy"),
]
SECTION = [
    {"callbacks": {"x": {"_target_": "canary.Callback"}}},
    {"callbacks": {"x": {"_target_": "hydra._internal.utils.os.system"}}},
    {"callbacks": {"x": {"_target_": "hydra.utils.instantiate"}}},
    {"callbacks": {"x": {"_target_": "hydra_plugins.canary.os.system"}}},
    {"callbacks": {"x": {"_target_": "${oc.env:HOME}"}}},
    {"callbacks": {"x": {"_target_": "posecfg.cli.os.system"}}},
    {"callbacks": {"x": [{"_target_": "canary.Callback"}]}},
    {"launcher": {"_target_": "canary.Launcher"}},
    {"sweeper": {"_target_": ["canary.Sweeper"]}},
    {"job_logging": {"handlers": {"x": {"class": "canary.Handler"}}}},
    {"job_logging": {"handlers": {"x": {"()": "canary.Handler"}}}},
    {"job_logging": {"handlers": {"x": {"class": "logging.os.system"}}}},
    {"job_logging": {"handlers": {"x": {"class": "posecfg.cli.os.system"}}}},
    {"job_logging": {"handlers": {"x": {"class": "${oc.env:HOME}"}}}},
    {"job_logging": {"handlers": {"x": {"stream": "ext://canary.stream"}}}},
    {"job_logging": {"handlers": {"x": {"filename": "${hydra.job.name}"}}}},
    {"job_logging": {"handlers": {"x": {"stream": "ext${hydra.job.name}"}}}},
    {"job_logging": {"handlers": "${hydra.sweeper.params}"}},
    {"job_logging": "${hydra.sweeper.params}"},
    {"job_logging": {"root": {"handlers": ["ext://canary"]}}},
    {"hydra_logging": {"filters": {"x": {"()": "canary.Filter"}}}},
    {"searchpath": ["pkg://canary"]},
    {"searchpath": ["file:///here", "structured://canary"]},
    {"job": {"env_set": {"PYTHONSTARTUP": "canary.py"}}},
    {"job": {"env_copy": ["HOME"]}},
    {"job": {"chdir": True}},
]
FULL = [
    "+hydra.callbacks.x={_target_:canary.Callback}",
    "hydra/launcher=canary",
    "+hydra.job_logging.handlers.x={'()':canary.Handler}",
    "hydra.searchpath=[pkg://canary]",
    "+hydra.job.env_set.LD_PRELOAD=canary.so",
]


@pytest.fixture(autouse=True)
def canary(tmp_path, monkeypatch):
    """Put modules on the path that leave a file when somebody imports them."""
    # Plugins that are installed are Hydra's own affair: it looks for them once in a process.
    Plugins.instance()
    song = tmp_path / "song"
    lines = f"open({str(song)!r}, 'a').close()\nclass Sampler:\n    def begin(self, stream):\n        return None\n"
    for name in ("canary/__init__.py", "canary/parts.py", "hydra_plugins/canary.py"):
        path = tmp_path / "path" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lines, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "path"))
    yield song
    assert not song.exists()
    assert "canary" not in sys.modules


@pytest.mark.parametrize("target", TARGETS)
def test_a_foreign_target_is_refused_unseen(target):
    with pytest.raises(ConfigError) as caught:
        locate(target, "sampler")
    assert str(caught.value).startswith(f"sampler._target_ is '{target}', which ")


@pytest.mark.parametrize("target", TARGETS[:6:3])
def test_a_foreign_target_is_refused_by_the_whole_too(refused, target):
    sentences, code = refused(f"sampler._target_={target}")
    assert len(sentences) == 1
    assert sentences[0].startswith(f"sampler._target_ is '{target}', which ")
    assert code == 1


@pytest.mark.parametrize(
    "override",
    [
        "+detector.max_side._target_=canary.Sampler",
        "writer.npy.channels=[{_target_:canary.Sampler}]",
        "+bbox_thr._target_=canary.Sampler",
        "+canary._target_=canary.Sampler",
    ],
)
def test_a_target_inside_an_argument_is_refused_unseen(refused, override):
    sentences, _ = refused(override)
    assert len(sentences) == 1


@pytest.mark.parametrize(("group", "target"), ROLES)
def test_a_class_of_another_role_does_not_fit(group, target):
    assert misfit(locate(target, group), group, Executor if group == "executor" else None)


def test_a_class_of_another_role_is_refused(refused):
    word = "{}._target_=posecfg.lifters.identity.Identity"
    sentences, _ = refused(word.format("sampler"), word.format("writer.npy"), word.format("detector"))
    assert sentences == [
        "writer.npy._target_ is 'posecfg.lifters.identity.Identity', which is no writer: it has no 'write'.",
        "sampler._target_ is 'posecfg.lifters.identity.Identity', which is no sampler: it has no 'begin'.",
        "detector._target_ is 'posecfg.lifters.identity.Identity', which is no detector: expected "
        "__call__(batches, clip), but it has __call__(track, clock).",
    ]


@pytest.mark.parametrize("section", SECTION)
def test_nothing_foreign_stands_in_hydras_section(section):
    with pytest.raises(ConfigError):
        check_hydra(section)


@pytest.mark.parametrize("override", FULL)
def test_nothing_foreign_enters_by_hydras_section(refused, override):
    sentences, _ = refused(override)
    assert len(sentences) == 1


def test_nothing_foreign_enters_by_a_yaml(refused, conf):
    conf("sampler/canary.yaml", "_target_: canary.Sampler\n")
    conf("hydra/launcher/canary.yaml", "_target_: canary.Launcher\n")
    conf(
        "experiment/canary.yaml", "# @package _global_\nhydra:\n  callbacks:\n    x:\n      _target_: canary.Callback\n"
    )
    folder = conf("experiment/search.yaml", "# @package _global_\nhydra:\n  searchpath: ['pkg://canary']\n")
    for word in ("sampler=canary", "hydra/launcher=canary", "experiment=canary", "experiment=search"):
        assert len(refused(word, config_dir=folder)[0]) == 1


def test_nothing_foreign_enters_by_a_job_of_a_sweep(refused):
    refused("-m", "sampler._target_=posecfg.samplers.every.All,canary.Sampler")
    refused("-m", "hydra.launcher._target_=canary.Launcher,canary.Sampler")


def test_a_usual_logging_setup_is_let_through(typed):
    words = ["hydra.verbose=true", "hydra.job_logging.root.level=INFO", "+hydra.job_logging.handlers.file.mode=w"]
    typed(*words, "hydra/hydra_logging=hydra_debug", "hydra.run.dir=logs/${now:%H}")


def test_a_registered_plugin_is_trusted_and_nothing_that_it_imports(plugin, tmp_path, typed, refused):
    package = tmp_path / "path" / "posecfg_birds"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    source = "from pathlib import Path\nfrom posecfg.facts import Facts\n"
    source += "class Flock:\n    def __init__(self, size: int = 1): ...\n"
    source += "    def begin(self, stream): ...\n    @staticmethod\n    def facts(**arguments): return Facts()\n"
    (package / "parts.py").write_text(source, "utf-8")
    word = "sampler._target_=posecfg_birds.parts.Flock"
    assert "outside the trusted packages (posecfg.*)" in refused(word)[0][0]
    plugin("posecfg_birds")
    assert typed(word).config["sampler"] == {"_target_": "posecfg_birds.parts.Flock"}
    assert "Did you mean 'sampler.size'?" in refused(word, "+sampler.sise=2")[0][0]
    assert "comes from pathlib" in refused("sampler._target_=posecfg_birds.parts.Path")[0][0]
    sys.modules.pop("posecfg_birds.parts", None)


def test_an_error_says_what_may_be_named():
    with pytest.raises(ConfigError, match=r"outside the trusted packages \(posecfg\.\*\).*posecfg\.plugins"):
        locate("os.system", "detector")
