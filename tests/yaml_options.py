"""Every option of every group, read from its YAML: the class, and the arguments with interpolations put in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from posecfg.components.build import build
from posecfg.components.parts import Part, parts
from posecfg.components.roles import WITHOUT_FACTS
from posecfg.components.trust import locate
from posecfg.config.options import conf_dir, files
from posecfg.config.resolvers import start

ROOT = yaml.safe_load((conf_dir() / "config.yaml").read_text("utf-8"))
ROOT["device"] = yaml.safe_load((conf_dir() / "device/auto.yaml").read_text("utf-8"))
ROOT["persons"] = yaml.safe_load((conf_dir() / "persons/best.yaml").read_text("utf-8"))


def put_in(value: Any) -> Any:
    """Put the root's default in the place of ``${...}``."""
    if isinstance(value, str) and (called := re.fullmatch(r"\$\{start:(.+)\}", value)):
        return start(put_in(called[1]))
    match = re.fullmatch(r"\$\{([\w.]+)\}", value) if isinstance(value, str) else None
    if not match:
        return value
    found: Any = ROOT
    for key in match[1].split("."):
        found = found[key]
    return put_in(found)


@dataclass(frozen=True)
class Option:
    """One YAML file of a group."""

    group: str
    name: str
    file: Path

    @cached_property
    def page(self) -> dict[str, Any]:
        """What the YAML says; of an option that is another word for one, what that says."""
        page = yaml.safe_load(self.file.read_text("utf-8"))
        if "_target_" in page:
            return page
        (other,) = page["defaults"]
        return option(self.group, other).page

    @cached_property
    def node(self) -> dict[str, Any]:
        """Return the component as a composed configuration has it, with the halves that it chooses."""
        node = {key: put_in(value) for key, value in self.page.items() if key != "defaults"}
        for entry in self.page.get("defaults", ()):
            for key, name in entry.items() if isinstance(entry, dict) else ():
                node[key] = option(f"{self.group}/{key}", name).node
        return node

    @property
    def component(self) -> type:
        """The class."""
        return locate(self.page["_target_"], self.group)

    @property
    def is_light(self) -> bool:
        """Whether it can be built without a package of its own, or weights."""
        return self.group in WITHOUT_FACTS or not any(one.facts.is_heavy for one in parts(self.node, self.group))

    def part(self, **changes: Any) -> Part:
        """Return the component before it is built, with some arguments changed."""
        arguments = {key: value for key, value in self.node.items() if key != "_target_"}
        return Part(self.group.replace("/", "."), self.component, arguments | changes)

    def build(self, **changes: Any) -> Any:
        """Build the component, with some arguments changed."""
        return build(self.node | changes, self.group)


ALL = [Option(*found) for found in files() if found[0] != "experiment"]


def option(group: str, name: str) -> Option:
    """Return the option ``name`` of a group."""
    return next(one for one in ALL if (one.group, one.name) == (group, name))


def params(*groups: str) -> list[Any]:
    """Return the options of some groups, or of all, for ``pytest.mark.parametrize``."""
    return [pytest.param(one, id=f"{one.group}={one.name}") for one in ALL if not groups or one.group in groups]
