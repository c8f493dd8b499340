"""Which code a configuration may name: posecfg's own and that of registered plugins, nothing else."""

from __future__ import annotations

import importlib
from functools import cache

from posecfg.components import plugins
from posecfg.errors import ConfigError
from posecfg.text import sentence


def is_trusted(name: str) -> bool:
    """Tell whether a dotted name lies in a trusted package."""
    package = name.partition(".")[0]
    return "." in name and (package == "posecfg" or package in plugins.packages())


@cache
def locate(target: str, where: str) -> type:
    """Return the class that ``target`` names, imported from a trusted package."""
    if not isinstance(target, str) or not is_trusted(target):
        allowed = ", ".join(f"{package}.*" for package in ("posecfg", *plugins.packages()))
        raise ConfigError(
            f"{where}._target_ is '{target}', which is outside the trusted packages ({allowed}): name a class of "
            f"posecfg, or install the package as a plugin (entry point '{plugins.GROUP}')."
        )
    return defined(target, f"{where}._target_")


def defined(target: str, where: str) -> type:
    """Import a class from the module that defines it; a class that the module only imported is refused."""
    module, _, name = target.rpartition(".")
    if not all(part.isidentifier() for part in target.split(".")):
        raise ConfigError(f"{where} is '{target}', which is not the dotted name of a class.")
    try:
        holder = importlib.import_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
            raise ConfigError(f"{where} is '{target}', which cannot be found ({error}).") from error
        told = f"{sentence(error)}{plugins.at_line(error)}"
        raise ConfigError(f"{where} is '{target}', but '{module}' cannot be imported ({told}).") from error
    try:
        found = getattr(holder, name)
    except AttributeError as error:
        raise ConfigError(f"{where} is '{target}', which cannot be found ({error}).") from error
    if not isinstance(found, type):
        raise ConfigError(f"{where} is '{target}', which is not a class.")
    if found.__module__.partition(".")[0] != module.partition(".")[0]:
        raise ConfigError(f"{where} is '{target}', which comes from {found.__module__}: name a class of posecfg.")
    return found
