"""Check that a class fits the role that a configuration gives it, before it is built."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from posecfg import protocols

ROLES: dict[str, Any] = {
    "dataset": protocols.Dataset,
    "sampler": protocols.Sampler,
    "detector": protocols.Detector,
    "persons": protocols.Persons,
    "refine": protocols.Refine,
    "lifter": protocols.Lifter,
    "writer": protocols.Writer,
    "metric": protocols.Metric,
    "device": protocols.Machine,
}
# Roles whose values are class attributes.
PLAIN = ("device",)
# Roles without facts: nothing is asked of them before they are built.
WITHOUT_FACTS = ("dataset", "executor")


def misfit(component: type, group: str, protocol: Any = None) -> str | None:
    """Return what ``component`` lacks to be a ``group``, or None when it fits.

    ``protocol`` is that of a role which is described above this room: executors.
    """
    if getattr(component, "_is_protocol", False):
        return "it is only the description of a role"
    protocol = ROLES.get(group) if protocol is None else protocol
    if protocol is None:
        return None
    for name in vars(protocol).get("__annotations__", {}) if group in PLAIN else ():
        if _member(component, name) is None:
            return f"it has no '{name}'"
    for method, expected in _methods(protocol).items():
        member = _member(component, method)
        if member is None:
            return f"it has no '{method}'"
        if wrong := _other(method, expected, member):
            return wrong
    if group not in WITHOUT_FACTS and not isinstance(_member(component, "facts"), staticmethod):
        return "it has no static method 'facts'"
    return None


def unset(built: Any, group: str) -> str | None:
    """Return which value of its role a built ``group`` lacks, or has of another kind, or None when all are right."""
    for name in vars(ROLES[group]).get("__annotations__", {}):
        if not hasattr(built, name):
            return f"has no '{name}' when it is built: set it"
        value, (wanted, fits) = getattr(built, name), VALUES[name]
        if not fits(value):
            return f"has a '{name}' of another kind: expected {wanted}, but got {value!r}"
    return None


def _is_mapping(value: Any, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(value, Mapping) and all(isinstance(k, str) and isinstance(v, kinds) for k, v in value.items())


# Values that a built detector has, what each must be, and what tells it.
VALUES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "device": ("a text", lambda value: isinstance(value, str)),
    "weights": ("texts by name", lambda value: _is_mapping(value, str)),
    "batch": (
        "a whole number from 1 on",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 1,
    ),
    "notes": ("JSON values by name", lambda value: _is_mapping(value, object)),
}


def _methods(protocol: Any) -> dict[str, tuple[str, ...]]:
    """Return the methods of a role with the names of their parameters."""
    found = {name: value for name, value in vars(protocol).items() if inspect.isfunction(value)}
    public = {name: value for name, value in found.items() if name == "__call__" or not name.startswith("_")}
    return {name: tuple(inspect.signature(value).parameters)[1:] for name, value in public.items()}


def _member(component: type, name: str) -> Any:
    return next((vars(base)[name] for base in component.__mro__[:-1] if name in vars(base)), None)


def _other(method: str, expected: tuple[str, ...], member: Any) -> str | None:
    """Say how a method differs from what is expected; only plain functions are compared."""
    if not inspect.isfunction(member):
        return None
    taken = list(inspect.signature(member).parameters.values())[1:]
    names = tuple(p.name.lstrip("_") for p in taken)
    spare = all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in taken[len(expected) :])
    if names[: len(expected)] == expected and spare:
        return None
    return f"expected {method}({', '.join(expected)}), but it has {method}({', '.join(names)})"
