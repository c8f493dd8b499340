"""Whether a class fits the role that a configuration gives it; asked of the class, before it is built."""

from __future__ import annotations

import inspect
from typing import Any

from posecfg import protocols

PROTOCOLS: dict[str, Any] = {
    "dataset": protocols.Dataset,
    "sampler": protocols.Sampler,
    "detector": protocols.Detector,
    "persons": protocols.Persons,
    "refine": protocols.Refine,
    "lifter": protocols.Lifter,
    "writer": protocols.Writer,
    "metric": protocols.Metric,
}
OTHERS = {"device": ("precision", None), "executor": ("run", ("bench", "works", "mend"))}


def misfit(component: type, group: str) -> str | None:
    """Return what ``component`` lacks to be a ``group``, or None when it fits."""
    if getattr(component, "_is_protocol", False):
        return "it is only the description of a role"
    method, expected = _wanted(group)
    member = next((vars(base)[method] for base in component.__mro__[:-1] if method in vars(base)), None)
    if member is None:
        return f"it has no '{method}'"
    if expected is None or not inspect.isfunction(member):
        return None
    taken = list(inspect.signature(member).parameters.values())[1:]
    names = tuple(p.name.lstrip("_") for p in taken)
    spare = all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in taken[len(expected) :])
    if names[: len(expected)] == expected and spare:
        return None
    return f"expected {method}({', '.join(expected)}), but it has {method}({', '.join(names)})"


def _wanted(group: str) -> tuple[str, tuple[str, ...] | None]:
    """Return the method that makes a class a ``group``, and the names of its parameters."""
    if group in OTHERS:
        return OTHERS[group]
    found = {name: value for name, value in vars(PROTOCOLS[group]).items() if inspect.isfunction(value)}
    name = next(n for n in found if n == "__call__" or not n.startswith("_"))
    return name, tuple(inspect.signature(found[name]).parameters)[1:]
