"""Say of a key which value it has, what gave it that, and what else tried to and lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from posecfg.components.parts import parameters
from posecfg.components.trust import locate
from posecfg.config.compose import Job
from posecfg.config.options import LISTS, everything, options, readers
from posecfg.config.schema import SECTIONS
from posecfg.config.sources import ABSENT, Setting, Sources, below, flat
from posecfg.errors import UsageError
from posecfg.suggestions import hint

_REFERS = re.compile(r"\$\{\s*(\.*)([A-Za-z_]\w*(?:\.\w+)*)\s*\}")
_ASKS = re.compile(r"\$\{\s*oc\.env:\s*(\w+)")
TARGET = "_target_"


def origin(job: Job, key: str, config_dir: str | None = None, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the value of ``key`` and its origin as JSON values; a UsageError names the nearest key.

    ``typed`` has, for some overrides, what is shown in their place.
    """
    name = _name(key)
    sources = Sources.of(job, config_dir, typed)
    if name not in _known(job):
        raise UsageError(_unknown(key, name, job, config_dir))
    return _told(job, sources, name, ())


def _name(key: str) -> str:
    """Return a key as configurations have it: a group inside an option is typed with a slash."""
    if "=" in key:
        name, _, _ = key.partition("=")
        raise UsageError(f"--why takes a key, and settings stand beside it: type --why {name} {key}")
    return key.strip().strip(".").replace("/", ".")


def _known(job: Job) -> set[str]:
    """Return all keys of a configuration, and those that constructors have without them."""
    found = {*flat(job.config), *(group for group in job.choices if group == "experiment")}
    for place in [place for place in found if place.endswith(f".{TARGET}")]:
        above = place.removesuffix(f".{TARGET}")
        found |= {f"{above}.{name}" for name in parameters(locate(below(job.config, place.split(".")), above))}
    return found


def _unknown(key: str, name: str, job: Job, config_dir: str | None) -> str:
    """Say in one sentence that there is no such key, and which is meant."""
    if name == "hydra" or name.startswith("hydra."):
        return f"'{key}' is Hydra's own: type --cfg hydra --package {name} for its value."
    above, _, last = name.rpartition(".")
    known = [one for one in sorted(_known(job)) if not one.endswith(TARGET)]
    near = hint(name, (*known, *everything(config_dir)))
    choice = job.choices.get(place := above.replace(".", "/"))
    if others := [one for one in readers(name, config_dir) if one.partition("=")[2] != choice]:
        chosen = f"{place}={choice}"
        return f"{chosen} does not read '{last}', but {' or '.join(others[:3])} does: type {others[0]} --why {name}."
    group, _, rest = name.partition(".")
    option = rest.partition(".")[0]
    if group in LISTS and option in options(config_dir).get(group, ()) and option not in job.config[group]:
        names = ",".join([*job.config[group], option])
        return f"{group}={option} is not chosen: type '{group}=[{names}]' --why {name}."
    return f"There is no key '{key}'.{near} Type help alone for what there is."


def _told(job: Job, sources: Sources, key: str, seen: tuple[str, ...]) -> dict[str, Any]:
    group = _group(job, key)
    if group is not None:
        return _choice(job, sources, key, group)
    value = below(job.config, key.split("."))
    found = sources.settings(key)
    if not found or found[-1].void:
        found.append(_default(job, key))
        value = found[-1].value if value is ABSENT else value
    counts = found[-1]
    return {
        "key": key,
        "value": _short(value),
        "keys": list(flat(value, key)) if isinstance(value, dict) else [],
        "set_by": _place(counts),
        "lost": [_place(one) for one in found[:-1]],
        "follows": [_told(job, sources, one, (*seen, key)) for one in _followed(job, key, counts.value, seen)],
        "asks": sorted(set(_ASKS.findall(str(counts.value)))),
    }


def _group(job: Job, key: str) -> str | None:
    """Return the group whose option ``key`` is; None for a key of an option or of the root."""
    if key in LISTS or key == "experiment":
        return key
    first, _, rest = key.partition(".")
    if first in LISTS and rest in job.config[first]:
        return first
    group = key.replace(".", "/")
    return group if group in job.choices else None


def _choice(job: Job, sources: Sources, key: str, group: str) -> dict[str, Any]:
    """Tell of a group which option it is, and which keys of it are set elsewhere than in the option's own file."""
    found = sources.choices(group)
    node = below(job.config, key.split("."))
    value: str | None = job.choices.get(group)
    if group in LISTS:
        value = f"[{', '.join(node)}]" if key == group else key.partition(".")[2]
    value = None if value == "None" else value
    counts = found[-1] if found else Setting(value, typed="nothing: it is so where nothing is said")
    keys = [one for one in flat(node, key) if not one.endswith(TARGET)]
    return {
        "key": group if "/" in group else key,
        "value": value,
        "keys": keys,
        "set_by": _place(counts),
        "lost": [_place(one) for one in found[:-1]],
        "follows": [],
        "asks": [],
    }


def _default(job: Job, key: str) -> Setting:
    """Return what holds where no file says anything: the default of the constructor's signature, or of the root."""
    above, _, name = key.rpartition(".")
    node = below(job.config, above.split(".")) if above else job.config
    if isinstance(node, dict) and TARGET in node:
        component = locate(node[TARGET], above)
        known = parameters(component)
        if name in known:
            default = known[name].default
            value = list(default) if isinstance(default, tuple) else default
            where = f"the default of {component.__module__}.{component.__qualname__}"
            return Setting(value, typed=where)
    section = SECTIONS.get(above)
    what = "the default of the program" if section is not None else "the option itself"
    return Setting(below(node, [name]), typed=what)


def _followed(job: Job, key: str, value: Any, seen: tuple[str, ...]) -> Iterator[str]:
    """Yield the keys whose values a text takes over, each once."""
    text = value if isinstance(value, str) else ""
    names = (_absolute(key, dots, name) for dots, name in _REFERS.findall(text))
    for name in dict.fromkeys(_chosen(job, name) for name in names):
        if name != key and name not in seen and below(job.config, name.split(".")) is not ABSENT:
            yield name


def _chosen(job: Job, key: str) -> str:
    """Return the group in the place of the class of its option: which option it is says more."""
    above = key.removesuffix(f".{TARGET}")
    return above if _group(job, above) is not None else key


def _absolute(key: str, dots: str, name: str) -> str:
    """Return the key that ``${.name}`` means in the value of ``key``: a dot is the mapping that it stands in."""
    if not dots:
        return name
    above = key.split(".")[: -len(dots)]
    return ".".join([*above, name])


def _place(one: Setting) -> dict[str, Any]:
    return {
        "value": _short(one.value),
        "where": one.where,
        "file": str(one.file) if one.file else None,
        "line": one.line,
        "option": one.option or None,
        "void": one.void or None,
    }


def _short(value: Any) -> Any:
    """Return a value as JSON has it; what is no such value, as text."""
    if isinstance(value, dict):
        return {str(key): _short(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_short(one) for one in value]
    if isinstance(value, float) and value != value:
        return "nan"
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
