"""Arguments that name files of the user's own, weights or a skeleton: absolute paths, and what identities keep."""

from __future__ import annotations

from typing import Any

from posecfg import skeletons
from posecfg.components.parts import Part
from posecfg.components.trust import locate
from posecfg.errors import PosecfgError
from posecfg.models import own_files

GROUPS = ("detector", "lifter")


def located(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration in which every such path is absolute, so that it means the same in all processes."""
    return config | {group: _located(config[group], group) for group in GROUPS if group in config}


def _located(node: Any, where: str) -> Any:
    if not isinstance(node, dict):
        return node
    inner = {key: _located(value, f"{where}.{key}") for key, value in node.items()}
    return inner | {key: own_files.located(inner[key]) for key in paths(inner, where)}


def paths(node: dict[str, Any], where: str = "") -> list[str]:
    """Return the arguments of a component that are such paths; none of one whose arguments are wrong."""
    if not any(isinstance(value, str) and own_files.is_path(value) for key, value in node.items() if key != "_target_"):
        return []
    try:
        own = {key: value for key, value in node.items() if key != "_target_"}
        facts = Part(where, locate(node["_target_"], where), own).facts
    except (PosecfgError, KeyError):
        return []  # wrong arguments are reported before anything starts
    files = (*facts.weights, *((facts.skeleton,) if skeletons.own.is_file(facts.skeleton or "") else ()))
    return [key for key, value in own.items() if isinstance(value, str) and value in files and own_files.is_path(value)]


def content(path: str) -> str:
    """Return what an identity keeps of a file: its hash, wherever it lies and whatever it is called."""
    from posecfg.models import store

    found = store.expected(path)
    return f"sha256 {found}" if found else path
