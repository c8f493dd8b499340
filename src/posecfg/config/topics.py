"""What there is to be told of a word of the command line: a group, an option, a section or a key, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from posecfg.components.parts import parameters
from posecfg.components.trust import locate
from posecfg.config.annotations import described, words
from posecfg.config.options import LISTS, hosts, options
from posecfg.config.pages import Key, Page, names, page, place, root, usual
from posecfg.config.schema import KNOBS, SECTIONS
from posecfg.errors import ConfigError

Topic = dict[str, Any]


def find(word: str, config_dir: str | None = None) -> list[Topic]:
    """Return what ``word`` can mean: the first that fits of a choice, a group, a knob, a key and an option."""
    key, equals, value = word.lstrip("+~").partition("=")
    group, known = key.replace(".", "/"), options(config_dir)
    if group in known and names(value):
        return [option(group, name, config_dir) for name in names(value) if name in known[group]]
    parent, _, name = group.rpartition("/")
    if group in known:
        return [of_group(group, config_dir)]
    if parent in known and name in known[parent]:
        return [option(parent, name, config_dir)]
    found = [_knob(one) for one in root().keys if one.name == key or one.name.startswith(f"{key}.")]
    found = found or _keys(key, config_dir)
    if found or equals:
        return found
    return [option(where, name, config_dir) for where, options_ in known.items() for name in options_ if name == word]


def of_group(group: str, config_dir: str | None = None) -> Topic:
    """Return a group with its options."""
    known = options(config_dir)[group]
    told = [(name, page(group, name, config_dir)) for name in known]
    return {
        "kind": "group",
        "group": group,
        "several": group in LISTS,
        "usual": usual(group),
        "part_of": hosts(group, config_dir) if "/" in group else [],
        "parts": [one for one in options(config_dir) if one.startswith(f"{group}/")],
        "options": [{"name": name, "sentence": one.sentence if one else ""} for name, one in told],
    }


def option(group: str, name: str, config_dir: str | None = None) -> Topic:
    """Return an option with its keys; of another word for an option, the keys are those of that one."""
    said = page(group, name, config_dir) or Page("", "", (), "", ())
    whole = _followed(group, said, config_dir)
    parts = [(f"{group}/{part}", one) for part, one in whole.chosen if part and group != "experiment"]
    return {
        "kind": "option",
        "group": group,
        "option": name,
        "several": group in LISTS,
        "sentence": said.sentence,
        "example": said.command,
        "chooses": [f"{where}={one}" for where, one in whole.chosen] if group == "experiment" else [],
        "parts": [{"group": where, "option": one} for where, one in parts],
        "keys": [_entry(group, name, one, whole, config_dir) for one in whole.keys],
    }


def _followed(group: str, said: Page, config_dir: str | None) -> Page:
    other = next((name for where, name in said.chosen if not where), None)
    return (page(group, other, config_dir) if other else None) or said


def _entry(group: str, name: str, key: Key, whole: Page, config_dir: str | None) -> Topic:
    if group == "experiment":
        return _told(key.name, key, None)
    return _told(f"{place(group, name)}.{key.name}", key, _annotation(whole.target, group, key.name))


def _told(name: str, key: Key, annotation: Any) -> Topic:
    """Return a key; with ``shared``, its comment is that of the key before it."""
    return {
        "key": name,
        "default": key.value,
        "expected": described(annotation) if annotation is not None else "",
        "choices": list(words(annotation)) if annotation is not None else [],
        "comment": key.comment,
        "shared": key.shared,
    }


def _annotation(target: str, group: str, name: str) -> Any:
    """Return the annotation of an argument; None where there is none, or the class cannot be used."""
    try:
        found = parameters(locate(target, group)).get(name)
    except ConfigError:
        return None
    return None if found is None or found.annotation is found.empty else found.annotation


def _knob(key: Key) -> Topic:
    section, _, name = key.name.rpartition(".")
    declared = KNOBS[section, name]
    annotation = SECTIONS[section].__dataclass_fields__[name].type  # type: ignore[attr-defined]
    told = {"kind": "key", **_told(key.name, key, annotation), "of": [], "followed_by": list(_followers(key.name))}
    told["expected"] = declared.expected or told["expected"]
    told["choices"] = list(declared.choices) or told["choices"]
    return told


@cache
def _followers(knob: str) -> tuple[str, ...]:
    """Return the keys that take over the value of a knob unless they are set."""
    found = [one.name for one in root().keys if one.value == f"${{{knob}}}"]
    for group, known in options().items():
        for name in known:
            said = page(group, name)
            keys = said.keys if said is not None and group != "experiment" else ()
            found += [f"{place(group, name)}.{one.name}" for one in keys if one.value == f"${{{knob}}}"]
    return tuple(dict.fromkeys(found))


def _keys(key: str, config_dir: str | None) -> list[Topic]:
    """Return the keys of options that are called ``key``, with or without what is before their last dot."""
    found: dict[str, Topic] = {}
    for group, name, entry in _called(key, config_dir):
        told = found.setdefault(repr(entry), {"kind": "key", **entry, "of": []})
        told["of"].append(f"{group}=[{name}]" if group in LISTS else f"{group}={name}")
    return list(found.values())


def _called(key: str, config_dir: str | None) -> Iterator[tuple[str, str, Topic]]:
    above, _, last = key.rpartition(".")
    for group, known in options(config_dir).items():
        for name in known if group != "experiment" else ():
            said = page(group, name, config_dir)
            if said is None or above not in ("", place(group, name)):
                continue
            whole = _followed(group, said, config_dir)
            yield from (
                (group, name, _entry(group, name, one, whole, config_dir)) for one in whole.keys if one.name == last
            )
