"""The components of a configuration before any is built: their classes, arguments and facts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from posecfg.components.plugins import at_line
from posecfg.components.trust import locate
from posecfg.errors import ConfigError, PosecfgError
from posecfg.facts import Facts
from posecfg.suggestions import hint


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

    @cached_property
    def facts(self) -> Facts:
        """The facts of the class for these arguments and the defaults of the others; wrong arguments are refused."""
        tell = inspect.getattr_static(self.component, "facts", None)
        if not isinstance(tell, staticmethod):
            raise ConfigError(f"{self.where}: {self.component.__name__} has no static method 'facts': write one.")
        known = parameters(self.component)
        defaults = {name: one.default for name, one in known.items() if one.default is not one.empty}
        try:
            facts = tell(**(defaults | self.arguments))
        except PosecfgError as error:
            raise type(error)(f"{self.where}: {error}") from error
        except (TypeError, ValueError) as error:
            if "Facts" in str(error):
                raise ConfigError(f"{self.where}: {self.component.__name__}.facts is wrong: {error}.") from error
            raise ConfigError(f"{self.where} does not take these values: {error}{at_line(error)}.") from error
        except (Exception, SystemExit) as error:
            raise ConfigError(
                f"{self.where}: {self.component.__name__}.facts failed: {error!r}{at_line(error)}."
            ) from error
        if not isinstance(facts, Facts):
            raise ConfigError(
                f"{self.where}: expected {self.component.__name__}.facts to return Facts, but got {facts!r}."
            )
        try:
            _check(facts, tuple(known), takes_more(self.component))
        except ConfigError as error:
            raise ConfigError(f"{self.where}: {error}") from error
        return facts


@cache
def takes_more(component: type) -> bool:
    """Tell whether the constructor takes arguments that it does not name."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(component).parameters.values())


def _check(facts: Facts, known: tuple[str, ...], more: bool) -> None:
    """Refuse facts that name an argument that is not there; the class takes those ``known``, or also ``more``."""
    if type(facts) is not Facts:
        Facts.__post_init__(facts)  # a class of its own may have left the checks out
    unknown = [] if more else [name for name in facts.operational if name not in known]
    if unknown:
        raise ConfigError(
            f"Facts.operational: expected arguments of the class ({', '.join(known) or 'it has none'}), "
            f"but got {unknown[0]!r}.{hint(unknown[0], known)}"
        )


def parts(node: Any, where: str) -> Iterator[Part]:
    """Yield the component at ``node`` and those inside its arguments."""
    if not isinstance(node, dict):
        return
    if "_target_" in node:
        arguments = {key: value for key, value in node.items() if key != "_target_"}
        yield Part(where, locate(node["_target_"], where), arguments)
    for key, value in node.items():
        yield from parts(value, f"{where}.{key}")


def models(config: Mapping[str, Any]) -> list[Part]:
    """Return the detector and the lifter of a configuration, and the components inside them."""
    return [part for group in ("detector", "lifter") for part in parts(config[group], group)]


def top(config: Mapping[str, Any], group: str) -> Part:
    """Return the component of ``group`` itself."""
    return next(parts(config[group], group))


def listed(config: Mapping[str, Any], group: str) -> dict[str, Part]:
    """Return the components of a group of which several may be chosen, by their names."""
    return {name: next(parts(node, f"{group}.{name}")) for name, node in config[group].items()}


def packages(config: Mapping[str, Any]) -> set[str]:
    """Return the packages that the models and refine steps of a chain import."""
    parts = [*models(config), *listed(config, "refine").values()]
    return {package for part in parts for package in part.facts.packages}


def given_by(config: Mapping[str, Any]) -> set[str] | None:
    """Return what poses will have beside pixels (xyz, depth), or None where only the data will tell."""
    found = [top(config, group).facts.gives for group in ("detector", "lifter")]
    return {name for one in found if one is not None for name in one} if None not in found else None


def skeleton(config: Mapping[str, Any]) -> str | None:
    """Return the name of the detector's skeleton, or None where only its data will tell."""
    return top(config, "detector").facts.skeleton
