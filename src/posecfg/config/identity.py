"""What is done to one clip, as a canonical value: two runs with the same identity give the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from posecfg.config.keys import parameters
from posecfg.config.trust import locate

# What is set aside before interpolations resolve, so that an operational knob leaks nothing into a component.
NEUTRAL = {
    "score_floor": 0.0,
    "workers": 1,
    "limit": None,
    "shard": None,
    "output_dir": None,
    "overwrite": False,
    "on_error": "continue",
    "strict": False,
    "models": {"dir": None, "autofetch": False},
}
CHAIN = ("sampler", "detector", "persons", "refine", "lifter", "bbox_thr")
VIDEO = {"start": None, "end": None, "hwaccel": "cpu"}


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
    silent = set(getattr(component, "operational", ()))
    kept = {}
    for key, value in node.items():
        default = known[key].default if key in known else None
        if key in silent or (key != "_target_" and _same(value, default)):
            continue
        kept[key] = slim(value, f"{where}.{key}")
    return kept


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
    return float(f"{value:.10g}")


def identity(neutral: dict[str, Any]) -> dict[str, Any]:
    """Return the identity of a configuration that was resolved with neutral operational knobs."""
    kept = {key: slim(neutral[key], key) for key in CHAIN}
    kept["refine"] = list(kept["refine"].values())
    kept["device"] = {"name": neutral["device"].get("name"), "precision": neutral["device"].get("precision")}
    kept["video"] = {key: neutral["video"][key] for key, usual in VIDEO.items() if neutral["video"][key] != usual}
    return {key: value for key, value in normal(kept).items() if value not in ({}, [])}


def digest(value: Any) -> str:
    """Return the first 16 hex digits of the SHA-256 of ``value`` as sorted JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differences(old: Any, new: Any, where: str = "") -> list[str]:
    """List the keys in which two identities differ, as 'key: old, now new'."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in sorted(set(old) | set(new)):
            place = f"{where}.{key}" if where else key
            if key not in old or key not in new:
                found.append(f"{place}: {_show(old.get(key, 'default'))}, now {_show(new.get(key, 'default'))}")
            else:
                found += differences(old[key], new[key], place)
        return found
    return [] if old == new else [f"{where}: {_show(old)}, now {_show(new)}"]


def _show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)
