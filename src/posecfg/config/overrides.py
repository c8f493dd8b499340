"""The overrides as typed, before anything is composed: each must be readable and choose what there is."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posecfg.components.plugins import without_options
from posecfg.config.hydra_section import check_place
from posecfg.config.launchers import absent
from posecfg.config.options import LISTS, everything, options
from posecfg.config.quoting import quote_path
from posecfg.config.sizes import check_files
from posecfg.config.sweeps import check_jobs
from posecfg.errors import ConfigError
from posecfg.models.registry import unpublished
from posecfg.suggestions import hint
from posecfg.text import shortened

LONGEST = 200
"""Characters of a key: Hydra looks for a file of that name, and a file system takes no name above 255 bytes."""


def parse_overrides(overrides: Sequence[str], loader: Any, several: bool, config_dir: str | None = None) -> list[Any]:
    """Parse every override; a ConfigError has one sentence for each that cannot be meant."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser = OverridesParser.create(config_loader=loader)
    parsed: list[Any] = []
    errors = [_unreadable(text) for text in overrides if text.startswith("=")]
    for text in overrides:
        if text.startswith("="):
            continue
        try:
            parsed += parser.parse_overrides([text])
        except RecursionError:
            errors.append(f"{text.partition('=')[0]} has brackets inside each other without end: leave some out.")
        except (HydraException, ValueError):
            errors.append(_unreadable(text))
    if several:
        check_jobs(parsed)
    errors += _too_long(parsed)
    keys = [_key(override) for override in parsed]
    for key in dict.fromkeys(key for key in keys if keys.count(key) > 1):
        errors.append(f"'{key}' is given {_times(keys.count(key))}: keep one of them.")
    for override in parsed:
        errors += _fault(override, several, config_dir)
    if errors:
        raise ConfigError("\n".join(dict.fromkeys(errors)))
    return parsed


def _unreadable(text: str) -> str:
    key, equals, value = text.partition("=")
    if dotted := _dotted(key):
        return f"'{key}' has a slash, but only groups have: type {dotted}=..."
    if not equals or not re.fullmatch(r"[+~]*[A-Za-z_][\w./@-]*", key):
        return f"expected key=value, but got '{text}'."
    from posecfg.config import mistyped

    if several := mistyped.listed(key, value):
        return f"{key} takes a list of options, but got '{value}': type {several}."
    if value.startswith("=") and value.strip("="):
        return f"expected {key}=VALUE, but got '{text}': type {key}={value.lstrip('=')}."
    fits = f"{key}={quote_path(value)}"
    fits = shlex.quote(fits) if re.search(r"[\"$`\\!]", fits) else f'"{fits}"'
    return f"{key} has a value with special characters, {value}: type it in quotes, {fits}."


def _dotted(key: str, config_dir: str | None = None) -> str | None:
    """Return the setting that a ``key`` with slashes for dots means, or None."""
    dotted = key.replace("/", ".")
    return dotted if dotted != key and key not in options(config_dir) and dotted in everything(config_dir) else None


def _key(override: Any) -> str:
    return f"{override.key_or_group}@{override.package}" if override.package else str(override.key_or_group)


def _too_long(parsed: Sequence[Any]) -> list[str]:
    """Return a sentence for each key that is longer than any could be."""
    keys = [key for override in parsed if len(key := str(override.key_or_group)) > LONGEST]
    told = [f"a key of {len(key):,} characters, '{shortened(key, 40)}'" for key in keys]
    return [f"nothing reads {one}: type --help for those there are." for one in told]


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


def _fault(override: Any, several: bool, config_dir: str | None) -> list[str]:
    key, known = override.key_or_group, options(config_dir)
    if key == "hydra.searchpath":
        for place in override.value() or ():
            check_place(str(place))
            check_files(Path(str(place).removeprefix("file://")))
    if key.startswith(("hydra.", "hydra/")):
        return []
    if override.package is not None:
        return [f"'{_key(override)}': the place of a group is fixed; leave '@{override.package}' out."]
    if override.is_delete():
        return [_deletion(key, known)]
    if "/" in key and key not in known:
        dotted = _dotted(key, config_dir)
        return [f"there is no group '{key}'.{f' Did you mean {dotted}=...?' if dotted else hint(key, known)}"]
    plus = override.get_key_element()[: -len(key)] if override.is_add() or override.is_force_add() else ""
    if plus and key in LISTS:
        given = override.value()
        added = [str(name) for name in (given if isinstance(given, list) else [given]) if str(name) in known[key]]
        others = [name for name in known[key] if name not in added]
        both = ",".join([*others[:1], *(added or others[1:2])])
        return [f"'{plus}{key}': name all of them in one list, such as '{key}=[{both}]'."]
    if plus and key in known:
        return [f"'{plus}{key}' needs no plus: type {key}=NAME, one of {', '.join(known[key])}."]
    if override.is_sweep_override() and not several:
        return [_comma(key, override.input_line.partition("=")[2])]
    return _choice(override, key, known) if key in known else []


def _deletion(key: str, known: dict[str, tuple[str, ...]]) -> str:
    if key in LISTS:
        return f"'~{key}': type {key}=null for none."
    if key in known:
        return f"'~{key}': a run cannot do without; type {key}=NAME, one of {', '.join(known[key])}."
    return f"'~{key}': a setting cannot be removed; type {key}=null where it may be empty."


def _comma(key: str, value: str) -> str:
    from posecfg.config import mistyped

    if re.search(r"\s", value) and (several := mistyped.listed(key, value)):
        return f"{key} takes a list of options, but got '{value}': type {several}."
    if re.match(r"[a-z]+\(", value):
        return f"{key}={value} is a sweep: put -m in front."
    if re.fullmatch(r"\d+,\d+", value) and "." not in key:
        decimal = f", or use a point for a decimal, {key}={value.replace(',', '.')}"
    else:
        decimal = f", or type '{key}=[{value}]' for a list" if "." in key else ""
    return f"{key}={value} has several values: put -m in front to sweep over them{decimal}."


def _choice(override: Any, group: str, known: dict[str, tuple[str, ...]]) -> list[str]:
    """Check the names of options that one override chooses, each value of a sweep on its own."""
    from hydra.core.override_parser.types import Glob

    if isinstance(getattr(override, "_value", None), Glob):
        return []
    values = list(override.sweep_iterator()) if override.is_sweep_override() else [override.value()]
    errors = []
    for value in values:
        if value is None or value == {}:
            if group not in (*LISTS, "experiment"):
                errors.append(_none(group, known))
            continue
        if isinstance(value, dict) and value:
            errors.append(f"'{group}' is a group: type {group}=NAME to choose, and {group}.KEY=... to set.")
            continue
        names = [str(getattr(name, "text", name)) for name in (value if isinstance(value, list) else [value])]
        errors += [no_option(group, name, known) for name in dict.fromkeys(names) if name not in known[group]]
        errors += [f"{group} names '{name}' twice." for name in dict.fromkeys(names) if names.count(name) > 1]
        if isinstance(value, list) and group not in LISTS:
            errors.append(f"{group}: expected one option, but got a list; type {group}={_first(value)}.")
    return errors


def _none(group: str, known: dict[str, tuple[str, ...]]) -> str:
    from posecfg.config import mistyped

    meant = mistyped.choice(group, "null")
    advice = f"type {meant}, or another of" if meant else "choose one of"
    return f"{group}=null: a run cannot do without; {advice} {', '.join(known[group])}."


def _first(value: list[Any]) -> str:
    return str(getattr(value[0], "text", value[0])) if value else "NAME"


def no_option(group: str, name: str, known: dict[str, tuple[str, ...]]) -> str:
    """Say that ``group`` has no option ``name``: the nearest one, the group that has it, and all options."""
    if never := unpublished(name) or absent(group, name):
        return never
    if group == "dataset" and os.path.lexists(name):
        what = "a folder" if os.path.isdir(name) else "a file"
        return f"dataset has no option '{name}', but {what} here is called so: type dataset.path={shlex.quote(name)}."
    # Only now: these are tables of words.
    from posecfg.config import launchers, mistyped, not_yet

    own = ("basic", *launchers.OPTIONAL) if group == launchers.GROUP else known.get(group, ())
    all_of_them = ", ".join(own) or "none yet"
    none = f", or {group}=null for none" if group in LISTS else ""
    if near := not_yet.route(group, name):
        return f"{group} has no option '{name}' yet: {near} (options: {all_of_them})."
    if meant := mistyped.choice(group, name):
        return f"{group} has no option '{name}': type {meant} (options: {all_of_them}{none})."
    near = hint(name, own)
    none = f" Type {group}=null for none." if group in LISTS else ""
    bare = "".join(f" The plugin '{package}' brings no options: {why}." for package, why in without_options().items())
    return f"{group} has no option '{name}'.{near} Options: {all_of_them}.{none}{bare}"
