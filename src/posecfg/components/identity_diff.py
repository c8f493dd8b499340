"""Say how two identities differ, key by key."""

from __future__ import annotations

import json
import re
from typing import Any

TARGET = "_target_"
NOTHING: dict[str, Any] = {}


def differences(old: Any, new: Any, where: str = "") -> list[str]:
    """List the keys in which two identities differ, as 'key: old, now new'."""
    if isinstance(old, dict) and isinstance(new, dict):
        if old.get(TARGET) != new.get(TARGET):
            return [f"{where}: {_component(old)}, now {_component(new)}"]
        found = []
        for key in sorted(set(old) | set(new)):
            place = f"{where}.{key}" if where else key
            found += _side(old, new, key, place)
        return found if where else _without_echoes(found)
    if isinstance(old, list) and isinstance(new, list) and any(isinstance(item, dict) for item in old + new):
        return _steps(old, new, where)
    # Python takes false for 0.
    same = json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
    return [] if same else [f"{where}: {_show(old)}, now {_show(new)}"]


def _without_echoes(found: list[str]) -> list[str]:
    """Leave out 'persons.bbox_thr' where 'bbox_thr' itself has changed to the same value."""
    knobs = {tuple(line.partition(": ")[0::2]) for line in found if "." not in line.partition(":")[0]}
    news = {key: change.rpartition(", now ")[2] for key, change in knobs}
    patterns = [rf".*\.{re.escape(key)}: .*, now {re.escape(new)}" for key, new in news.items()]
    echoes = {line for line in found if any(re.fullmatch(pattern, line, re.DOTALL) for pattern in patterns)}
    return [line for line in found if line not in echoes]


def _side(old: dict[str, Any], new: dict[str, Any], key: str, place: str) -> list[str]:
    if key in old and key in new:
        return differences(old[key], new[key], place)
    value = old.get(key, new.get(key))
    if isinstance(value, dict) and value and TARGET not in value:
        return differences(old.get(key, NOTHING), new.get(key, NOTHING), place)
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return _steps(old.get(key, []), new.get(key, []), place)
    before, after = (_show(side[key]) if key in side else "default" for side in (old, new))
    return [f"{place}: {before}, now {after}"]


def _steps(old: list[Any], new: list[Any], where: str) -> list[str]:
    """Compare lists of components: their order first, then each with its counterpart."""
    before, after = [_component(item) for item in old], [_component(item) for item in new]
    if before != after:
        return [f"{where}: [{', '.join(before)}], now [{', '.join(after)}]"]
    pairs = zip(before, old, new, strict=True)
    return [line for name, a, b in pairs for line in differences(a, b, f"{where}.{name.lower()}")]


def _component(value: Any) -> str:
    """Return the name of a component's class."""
    return str(value[TARGET]).rpartition(".")[2] if isinstance(value, dict) and TARGET in value else _show(value)


def _show(value: Any) -> str:
    if isinstance(value, dict) and TARGET in value:
        return _component(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return value if isinstance(value, str) else json.dumps(value)
