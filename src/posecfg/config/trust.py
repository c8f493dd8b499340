"""Which code a configuration may name: posecfg's own and that of registered plugins, nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from posecfg.errors import ConfigError

PLUGINS = "posecfg.plugins"
HYDRA = ("hydra.", "hydra_plugins.")
LOGGING = ("logging.", "rich.", "posecfg.")


@cache
def plugin_packages() -> tuple[str, ...]:
    """List the packages that installed distributions registered as plugins."""
    return tuple(sorted({entry.value.split(":")[0].split(".")[0] for entry in entry_points(group=PLUGINS)}))


def is_trusted(name: str) -> bool:
    """Tell whether a dotted name lies in a trusted package."""
    package = name.partition(".")[0]
    return "." in name and (package == "posecfg" or package in plugin_packages())


@cache
def locate(target: str, where: str) -> type:
    """Return the class that ``target`` names, imported from a trusted package."""
    if not isinstance(target, str) or not is_trusted(target):
        allowed = ", ".join(f"{package}.*" for package in ("posecfg", *plugin_packages()))
        raise ConfigError(
            f"{where}._target_ is '{target}', which is outside the trusted packages ({allowed}): name a class of "
            f"posecfg, or install the package as a plugin (entry point '{PLUGINS}')."
        )
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{where}._target_ is '{target}', which cannot be found ({error}).") from error
    if not isinstance(found, type) or not is_trusted(f"{found.__module__}.{name}"):
        raise ConfigError(f"{where}._target_ is '{target}', which is not a class of a trusted package.")
    return found


def check_hydra(node: Any, where: str = "hydra") -> None:
    """Refuse foreign code in Hydra's own section: callbacks, launchers, sweepers and logging factories."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            place = f"{where}.{key}"
            if key == "_target_":
                _check_target(value, place)
            elif where.split(".")[1:2] in (["job_logging"], ["hydra_logging"]) and key in ("()", "class"):
                _check_factory(value, place)
            check_hydra(value, place)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            check_hydra(value, f"{where}.{index}")


def _check_target(value: Any, place: str) -> None:
    if not isinstance(value, str) or not (value.startswith(HYDRA) or is_trusted(value)):
        raise ConfigError(f"{place} is '{value}', which is outside the trusted packages: leave hydra's section alone.")


def _check_factory(value: Any, place: str) -> None:
    if not isinstance(value, str) or not value.startswith(LOGGING):
        raise ConfigError(f"{place} is '{value}', which is not a logging class: leave hydra's section alone.")
