"""Say how two identities differ, key by key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from posecfg.components.identity import idle, normal
from posecfg.components.parts import parameters
from posecfg.components.trust import locate
from posecfg.devices import Device
from posecfg.errors import ConfigError

TARGET = "_target_"
NOTHING: dict[str, Any] = {}
DEVICE = f"{Device.__module__}.{Device.__qualname__}"
"""What the identity of a run says of the device has no name of its class."""
UNKNOWN, WITHOUT_EFFECT = "default", "without effect"


def differences(old: Any, new: Any, where: str = "", usual: Mapping[str, Any] = NOTHING) -> list[str]:
    """List the keys in which two identities differ, as 'key: old, now new'.

    Identities leave defaults out: what stands for one is read from the signature of the class, or from ``usual``, which
    has it by the place of the key.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        if old.get(TARGET) != new.get(TARGET):
            return [f"{where}: {_component(old)}, now {_component(new)}"]
        found = []
        for key in sorted(set(old) | set(new)):
            place = f"{where}.{key}" if where else key
            found += _side(old, new, key, place, usual)
        return found if where else _without_echoes(found)
    if isinstance(old, list) and isinstance(new, list) and any(isinstance(item, dict) for item in old + new):
        return _steps(old, new, where, usual)
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


def _side(old: dict[str, Any], new: dict[str, Any], key: str, place: str, usual: Mapping[str, Any]) -> list[str]:
    if key in old and key in new:
        return differences(old[key], new[key], place, usual)
    value = old.get(key, new.get(key))
    if isinstance(value, dict) and value and TARGET not in value:
        return differences(old.get(key, NOTHING), new.get(key, NOTHING), place, usual)
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return _steps(old.get(key, []), new.get(key, []), place, usual)
    shown = [_show(side[key]) if key in side else _left_out(side, key, place, usual) for side in (old, new)]
    if shown[0] == shown[1]:  # an earlier version had another default
        shown = [text if key in side else UNKNOWN for text, side in zip(shown, (old, new), strict=True)]
    return [f"{place}: {shown[0]}, now {shown[1]}"]


def _left_out(node: dict[str, Any], key: str, place: str, usual: Mapping[str, Any]) -> str:
    """Say what counts where an identity leaves ``key`` out: its default, or nothing if it cannot change data."""
    if place in usual:
        return _show(normal(usual[place]))
    target = DEVICE if place == f"device.{key}" else node.get(TARGET)
    if target is None:
        return UNKNOWN
    try:
        component = locate(target, place)
    except ConfigError:
        return UNKNOWN
    if key in idle(component, node):
        return WITHOUT_EFFECT
    known = parameters(component)
    if key not in known or known[key].default is known[key].empty:
        return UNKNOWN
    default = known[key].default
    return _show(normal(list(default) if isinstance(default, tuple) else default))


def _steps(old: list[Any], new: list[Any], where: str, usual: Mapping[str, Any]) -> list[str]:
    """Compare lists of components: their order first, then each with its counterpart."""
    before, after = [_component(item) for item in old], [_component(item) for item in new]
    if before != after:
        return [f"{where}: [{', '.join(before)}], now [{', '.join(after)}]"]
    pairs = zip(before, old, new, strict=True)
    return [line for name, a, b in pairs for line in differences(a, b, f"{where}.{name.lower()}", usual)]


def _component(value: Any) -> str:
    """Return the name of a component's class."""
    return str(value[TARGET]).rpartition(".")[2] if isinstance(value, dict) and TARGET in value else _show(value)


def _show(value: Any) -> str:
    if isinstance(value, dict) and TARGET in value:
        return _component(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return value if isinstance(value, str) else json.dumps(value)
