"""What holds for every option of every group before it is built: it fits its role, and its facts are true of it."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from told import facts
from yaml_options import ALL, params

from posecfg import skeletons
from posecfg.backends import INSTALL
from posecfg.components.parts import Part, parameters
from posecfg.components.roles import ROLES, WITHOUT_FACTS, misfit
from posecfg.detectors.topdown.parts import BoxDetector, PoseHead
from posecfg.errors import ConfigError
from posecfg.executors.protocol import Executor
from posecfg.facts import Facts
from posecfg.models import registry
from posecfg.runs.preflight import PROMISED
from posecfg.samplers.stride import Stride

# Descriptions of roles that stand above the room of roles.
ABOVE = {"executor": Executor, "detector/boxes": BoxDetector, "detector/pose": PoseHead}
TELLING = params(*sorted({option.group for option in ALL} - {*WITHOUT_FACTS}))


def told(option):
    arguments = {key: value for key, value in option.node.items() if key != "_target_"}
    return facts(option.component, **arguments)


@pytest.mark.parametrize("option", params())
def test_its_class_has_the_methods_of_its_role(option):
    assert option.group in {*ROLES, *ABOVE}
    assert misfit(option.component, option.group, ABOVE.get(option.group)) is None


@pytest.mark.parametrize("option", TELLING)
def test_its_facts_have_their_types(option):
    found = told(option)
    for name in ("packages", "weights", "precisions", "operational", "devices", "gives"):
        value = getattr(found, name)
        if value is None and name in ("devices", "gives"):
            continue
        assert isinstance(value, tuple), name
        assert all(isinstance(one, str) and one for one in value), name
        assert len(set(value)) == len(value), name
    for field in dataclasses.fields(Facts):
        if field.type == "bool":
            assert isinstance(getattr(found, field.name), bool), field.name
    for name in (found.skeleton, found.input_skeleton):
        assert name is None or skeletons.load(name).name == name
    assert set(found.gives or ()) <= {"xyz", "depth"}


@pytest.mark.parametrize("option", TELLING)
def test_its_facts_speak_of_what_there_is(option):
    found = told(option)
    assert set(found.operational) <= set(parameters(option.component))
    # Some weights the user must name.
    assert set(found.weights) - {"???"} <= set(registry.names())
    assert set(found.packages) <= set(INSTALL)
    assert bool(found.stateless_by) or not found.stateful
    assert found.ready is None or callable(found.ready)
    assert found.reads is None or isinstance(found.reads("clip"), Path)
    for fact, method in PROMISED.items():
        assert hasattr(option.component, method) or not getattr(found, fact), f"{fact} without {method}"
    if found.stateful:
        key, _, value = found.stateless_by.removeprefix("detector.").partition("=")
        assert not option.part(**{key: yaml.safe_load(value)}).facts.stateful


def test_nothing_is_imported_for_it():
    """Ask for all facts in a process of its own."""
    code = (
        "import sys; from yaml_options import ALL; from posecfg.components.parts import Part;"
        f"[one.part().facts for one in ALL if one.group not in {WITHOUT_FACTS!r}];"
        f"print(*sorted({{*{tuple(INSTALL)!r}, 'numpy', 'av'}} & sys.modules.keys()))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []


def misspelt(component, right, wrong):
    """Return a class like ``component`` in which one method has another name."""
    members = {
        name: value for name, value in vars(component).items() if not name.startswith("__") or name == "__init__"
    }
    members[wrong] = members.pop(right)
    return type(component.__name__, (), members)


def test_a_misspelt_method_would_be_seen():
    assert misfit(misspelt(Stride, "begin", "beginn"), "sampler") == "it has no 'begin'"
    assert misfit(misspelt(Stride, "facts", "fact"), "sampler") == "it has no static method 'facts'"


def test_a_misspelt_fact_would_be_seen():
    class Wrong:
        @staticmethod
        def facts(**arguments):
            return Facts(filable=True)

    with pytest.raises(ConfigError, match="'filable'"):
        _ = Part("sampler", Wrong, {}).facts
