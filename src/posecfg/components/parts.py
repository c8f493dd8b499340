"""The components of a configuration before any is built: their classes, arguments and facts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from posecfg.components.trust import locate
from posecfg.errors import ConfigError, PosecfgError


@cache
def parameters(component: type) -> dict[str, inspect.Parameter]:
    """Return the constructor's named parameters."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name: p for name, p in inspect.signature(component).parameters.items() if p.kind in kinds}


@dataclass(frozen=True)
class Part:
    """One component of a configuration: where it stands, its class and its arguments."""

    where: str
    component: type
    arguments: dict[str, Any]

    def fact(self, name: str, default: Any = None) -> Any:
        """Return a fact that the class carries: an attribute, or ``<name>_of(**arguments)``."""
        ask = getattr(self.component, f"{name}_of", None)
        return ask(**self.arguments) if ask is not None else getattr(self.component, name, default)

    def check(self) -> None:
        """Let the component refuse its arguments, where it can before it is built."""
        check = inspect.getattr_static(self.component, "check", None)
        if isinstance(check, staticmethod):
            known = inspect.signature(self.component).parameters.values()
            defaults = {one.name: one.default for one in known if one.default is not one.empty}
            try:
                check(**(defaults | self.arguments))
            except PosecfgError as error:
                raise type(error)(f"{self.where}: {error}") from error
            except (TypeError, ValueError) as error:
                raise ConfigError(f"{self.where} does not take these values: {error}.") from error


def parts(node: Any, where: str) -> Iterator[Part]:
    """Yield the component at ``node`` and those inside its arguments."""
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        arguments = {key: value for key, value in node.items() if key != "_target_"}
        yield Part(where, locate(node["_target_"], where), arguments)
    for key, value in node.items():
        yield from parts(value, f"{where}.{key}")


def given_by(config: dict[str, Any]) -> set[str] | None:
    """Return what poses will have beside pixels (xyz, depth), or None where only the data will tell."""
    found = [next(parts(config[group], group)).fact("gives") for group in ("detector", "lifter")]
    return None if None in found else {name for one in found for name in one}


def imports(config: dict[str, Any]) -> set[str]:
    """Return the packages that the models of a chain import."""
    chain = [part for group in ("detector", "lifter") for part in parts(config[group], group)]
    return {str(module) for part in chain for module in part.fact("requires", ())}


def skeleton(config: dict[str, Any]) -> str | None:
    """Return the name of the detector's skeleton, or None where only its data will tell."""
    found = next(parts(config["detector"], "detector")).fact("skeleton")
    return None if found is None else str(found)
