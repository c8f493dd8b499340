"""Say how two identities differ, key by key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

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


class Change(NamedTuple):
    """A key in which two identities differ, with both values as they are shown."""

    key: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.key}: {self.old}, now {self.new}"


def differences(old: Any, new: Any, where: str = "", usual: Mapping[str, Any] = NOTHING) -> list[str]:
    """List the keys in which two identities differ, as 'key: old, now new'."""
    return [str(change) for change in changes(old, new, where, usual)]


def changes(old: Any, new: Any, where: str = "", usual: Mapping[str, Any] = NOTHING) -> list[Change]:
    """Return the keys in which two identities differ.

    Identities leave defaults out: what stands for one is read from the signature of the class, or from ``usual``, which
    has it by the place of the key.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        if old.get(TARGET) != new.get(TARGET):
            return [Change(where, _component(old), _component(new))]
        found: list[Change] = []
        for key in sorted(set(old) | set(new)):
            place = f"{where}.{key}" if where else key
            found += _side(old, new, key, place, usual)
        return found if where else _without_echoes(found)
    if isinstance(old, list) and isinstance(new, list) and any(isinstance(item, dict) for item in old + new):
        return _steps(old, new, where, usual)
    # Python takes false for 0.
    same = json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
    return [] if same else [Change(where, _show(old), _show(new))]


def _without_echoes(found: list[Change]) -> list[Change]:
    """Leave out 'persons.bbox_thr' where 'bbox_thr' itself has changed to the same value."""
    knobs = {(one.key, one.new) for one in found if "." not in one.key}
    return [one for one in found if "." not in one.key or (one.key.rpartition(".")[2], one.new) not in knobs]


def _side(old: dict[str, Any], new: dict[str, Any], key: str, place: str, usual: Mapping[str, Any]) -> list[Change]:
    if key in old and key in new:
        return changes(old[key], new[key], place, usual)
    value = old.get(key, new.get(key))
    if isinstance(value, dict) and value and TARGET not in value:
        return changes(old.get(key, NOTHING), new.get(key, NOTHING), place, usual)
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return _steps(old.get(key, []), new.get(key, []), place, usual)
    shown = [_show(side[key]) if key in side else _left_out(side, key, place, usual) for side in (old, new)]
    if shown[0] == shown[1]:  # an earlier version had another default
        shown = [text if key in side else UNKNOWN for text, side in zip(shown, (old, new), strict=True)]
    return [Change(place, *shown)]


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


def _steps(old: list[Any], new: list[Any], where: str, usual: Mapping[str, Any]) -> list[Change]:
    """Compare lists of components: their order first, then each with its counterpart."""
    before, after = [_component(item) for item in old], [_component(item) for item in new]
    if before != after:
        return [Change(where, f"[{', '.join(before)}]", f"[{', '.join(after)}]")]
    pairs = zip(before, old, new, strict=True)
    return [one for name, a, b in pairs for one in changes(a, b, f"{where}.{name.lower()}", usual)]


def _component(value: Any) -> str:
    """Return the name of a component's class."""
    return str(value[TARGET]).rpartition(".")[2] if isinstance(value, dict) and TARGET in value else _show(value)


def _show(value: Any) -> str:
    if isinstance(value, dict) and TARGET in value:
        return _component(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return value if isinstance(value, str) else json.dumps(value)
