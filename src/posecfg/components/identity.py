"""The identity of a run: what is done to one clip, as a canonical value. Equal identities give equal bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from posecfg.components import own_weights
from posecfg.components.parts import Part, parameters
from posecfg.components.trust import locate
from posecfg.errors import PosecfgError

CHAIN = ("sampler", "detector", "persons", "refine", "lifter")
DEVICE = ("name", "precision")
TRUTH = "dataset."
"""Before the arguments of a dataset in the identity of a metric."""


def slim(node: Any, where: str = "") -> Any:
    """Keep a component's target and the arguments that differ from the signature's defaults and can change data."""
    if isinstance(node, list):
        return [slim(value, where) for value in node]
    if not isinstance(node, dict):
        return node
    if "_target_" not in node:
        return {key: slim(value, f"{where}.{key}") for key, value in node.items()}
    component = locate(node["_target_"], where)
    known = parameters(component)
    silent, own = idle(component, node), own_weights.paths(node, where)
    kept = {}
    for key, value in node.items():
        default = known[key].default if key in known else None
        if key in silent or (key != "_target_" and _same(value, default)):
            continue
        kept[key] = own_weights.content(value) if key in own else slim(value, f"{where}.{key}")
    return kept


def truths(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a dataset that choose what metrics compare with, where they are not the usual ones."""
    component = locate(dataset["_target_"], "dataset")
    if not hasattr(component, "facts"):
        return {}
    own = {key: value for key, value in dataset.items() if key != "_target_"}
    chosen, chooses = normal(slim(dataset, "dataset")), Part("dataset", component, own).facts.truths
    return {f"{TRUTH}{key}": chosen[key] for key in chooses if key in chosen}


def idle(component: Any, node: dict[str, Any]) -> set[str]:
    """Name the arguments that cannot change data."""
    own = {key: value for key, value in node.items() if key != "_target_"}
    try:
        return set(Part("", component, own).facts.operational)
    except PosecfgError:
        return set()  # wrong arguments are reported before anything starts


def heeds(node: Any, name: str) -> bool:
    """Tell whether a component takes an argument ``name``, and its data can change with it."""
    return isinstance(node, dict) and name in node and name not in idle(locate(node["_target_"], name), node)


def _same(value: Any, default: Any) -> bool:
    if isinstance(default, tuple):
        default = list(default)
    return bool(value == default and isinstance(value, bool) == isinstance(default, bool))


def normal(value: Any) -> Any:
    """Make equal numbers equal text: floats to ten digits, and whole numbers as floats."""
    if isinstance(value, dict):
        return {key: normal(v) for key, v in value.items()}
    if isinstance(value, list):
        return [normal(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return float(f"{value:.10g}") + 0.0


def _located(node: Any) -> Any:
    """Make every argument called ``path`` absolute: however it is typed, it is the same file."""
    if isinstance(node, list):
        return [_located(value) for value in node]
    if not isinstance(node, dict):
        return node
    return {
        key: os.path.abspath(os.path.expanduser(value)) if key == "path" and isinstance(value, str) else _located(value)
        for key, value in node.items()
    }


def identity(neutral: dict[str, Any], own: Mapping[str, Mapping[str, tuple[Any, ...]]]) -> dict[str, Any]:
    """Return the identity of a configuration that was resolved with neutral operational knobs.

    ``own`` names the knobs that are part of it by themselves, by section, and the values at which each is left out.
    """
    kept = {key: _located(slim(neutral[key], key)) for key in CHAIN}
    kept["refine"] = list(kept["refine"].values())
    device = slim(neutral["device"], "device")
    kept["device"] = {key: device[key] for key in DEVICE if key in device}
    for section, knobs in own.items():
        values = neutral[section] if section else neutral
        chosen = {key: values[key] for key, usual in knobs.items() if values[key] not in usual}
        kept |= {section: chosen} if section else chosen
    return {key: value for key, value in normal(kept).items() if value not in ({}, [])}


def digest(value: Any) -> str:
    """Return the first 16 hex digits of the SHA-256 of ``value`` as sorted JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
