"""Every key must be read by somebody: the composed configuration is held against constructor signatures."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from posecfg.config.hints import hint
from posecfg.config.schema import LISTS
from posecfg.config.trust import locate

PLAIN = {"int": (int,), "float": (int, float), "bool": (bool,), "str": (str,), "None": (type(None),)}
WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text", "None": "null"}


@cache
def parameters(component: type) -> dict[str, inspect.Parameter]:
    """Return the constructor's named parameters."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {name: p for name, p in inspect.signature(component).parameters.items() if p.kind in kinds}


def check_node(node: Any, where: str, elsewhere: Iterable[str] = ()) -> list[str]:
    """Return one sentence for each key below ``where`` that nobody reads, lacks, or has the wrong type."""
    if isinstance(node, list):
        return [e for i, value in enumerate(node) for e in check_node(value, f"{where}.{i}")]
    if not isinstance(node, dict):
        return []
    if "_target_" not in node:
        return [e for key, value in node.items() for e in check_node(value, f"{where}.{key}")]
    component = locate(node["_target_"], where)
    known = parameters(component)
    errors = []
    for key, value in node.items():
        if key == "_target_":
            continue
        if key not in known:
            near = hint(str(key), known) or hint(f"{where}.{key}", elsewhere)
            names = ", ".join(known) or "nothing"
            errors.append(f"nothing reads '{where}.{key}'.{near} {component.__name__} reads: {names}.")
            continue
        errors += check_node(value, f"{where}.{key}") or _check_type(value, known[key], f"{where}.{key}")
    for key, parameter in known.items():
        if parameter.default is parameter.empty and key not in node:
            errors.append(f"{where}.{key} must be given: type {where}.{key}=...")
    return errors


def _check_type(value: Any, parameter: inspect.Parameter, where: str) -> list[str]:
    """Check a value against a simple annotation (int, float, bool, str, None and unions of them)."""
    names = [name.strip() for name in str(parameter.annotation).split("|")]
    if not set(names) <= set(PLAIN) or isinstance(value, dict):
        return []
    for name in names:
        if isinstance(value, PLAIN[name]) and (not isinstance(value, bool) or name == "bool"):
            return []
    return [f"{where}: expected {' or '.join(WORDS[name] for name in names)}, but got '{value}'."]


def real_names(plain: dict[str, Any]) -> Iterator[str]:
    """Yield every dotted key that somebody reads."""

    def walk(node: Any, where: str) -> Iterator[str]:
        if isinstance(node, dict) and "_target_" in node:
            for key in parameters(locate(node["_target_"], where)):
                yield f"{where}.{key}"
                yield from walk(node.get(key), f"{where}.{key}")
        elif isinstance(node, dict):
            for key, value in node.items():
                yield f"{where}.{key}"
                yield from walk(value, f"{where}.{key}")

    for key, value in plain.items():
        yield key
        yield from walk(value, key)


def typed(overrides: Iterable[str]) -> tuple[set[str], set[str]]:
    """Split command-line overrides into dotted keys and chosen groups."""
    keys: set[str] = set()
    groups: set[str] = set()
    for override in overrides:
        key = re.sub(r"^[+~]+", "", override).partition("=")[0].split("@")[0]
        (keys if "." in key else groups).add(key.split("/")[0])
        keys.add(key)
    return keys, groups


def drop_stale(plain: dict[str, Any], overrides: Iterable[str]) -> list[str]:
    """Drop what an experiment set for an option that the command line replaced; return the dropped keys."""
    keys, groups = typed(overrides)
    dropped: list[str] = []

    def was_typed(where: str) -> bool:
        return any(key == where or key.startswith(f"{where}.") for key in keys)

    def walk(node: Any, where: str) -> None:
        if not isinstance(node, dict) or "_target_" not in node:
            return
        known = parameters(locate(node["_target_"], where))
        for key in [k for k in node if k != "_target_"]:
            place = f"{where}.{key}"
            if key not in known and not was_typed(place):
                dropped.append(place)
                del node[key]
            else:
                walk(node.get(key), place)

    for group in sorted(groups & set(plain)):
        if group in LISTS:
            for name in list(plain[group] or {}):
                node = plain[group][name]
                if isinstance(node, dict) and "_target_" not in node and not was_typed(f"{group}.{name}"):
                    dropped.append(f"{group}.{name}")
                    del plain[group][name]
                else:
                    walk(node, f"{group}.{name}")
        else:
            walk(plain[group], group)
    return dropped
