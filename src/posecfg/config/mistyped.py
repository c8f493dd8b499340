"""What was meant by words that are not there: an option, a key with its value, a value or a verb of another tool."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from typing import Any

from posecfg.config import other_words
from posecfg.config.not_yet import route
from posecfg.config.options import LISTS, everything, hosts, options
from posecfg.suggestions import ALIASES, nearest

SEPARATED = re.compile(r"[\[({]? *\w+(?: *[;+|/:&, ] *\w+)+ *[\])}]?|[({]\w+[)}]")
ANYWHERE = ("none", "all", "auto", "null", "synthetic", "annotations")
"""Options that mean something else in each group."""
OFF = ("false", "0", "no", "off", "none", "null")


def choice(group: str, name: str, config_dir: str | None = None) -> str | None:
    """Return what is typed for an option that is called ``name`` elsewhere; None where that is not known."""
    known, plain = options(config_dir), _plain(name)
    if found := listed(group, name, config_dir) or other_words.OPTIONS.get(group, {}).get(plain):
        return found
    if group == "sampler" and (rate := re.fullmatch(r"(\d+(?:\.\d+)?)(?:_?fps|_?hz)?", plain)):
        return f"sampler=fps sampler.rate={rate[1]}"
    if group == "device" and re.fullmatch(r"(?:gpu|cuda)?:?\d+", plain):
        return "device=cuda"
    if group == "executor" and plain.isdecimal():
        return f"workers={plain}"
    return _elsewhere(plain, known)


def listed(group: str, value: str, config_dir: str | None = None) -> str | None:
    """Return a list of options that was typed with other signs, such as ``npy;csv``, as it is typed here."""
    if group not in LISTS or not SEPARATED.fullmatch(value):
        return None
    names = [nearest(name, options(config_dir)[group]) for name in re.findall(r"\w+", value)]
    return f"'{group}=[{','.join(name for name in names if name)}]'" if all(names) else None


def setting(key: str, value: str | None, config_dir: str | None = None) -> str | None:
    """Return what is typed for a key that nothing reads; ``value`` is None where none was typed."""
    plain, text = _plain(key), "..." if value is None else value
    is_off = text.lower() in OFF
    if plain in other_words.GPU:
        return "device=cpu" if is_off and text != "0" else "device=cuda"
    if plain in other_words.WEIGHTS:
        return own_weights(key, value)
    found = other_words.KEYS.get(plain)
    if found and "{}" in found:
        return found.format(shlex.quote(text))
    if found and not is_off:
        return found
    if dotted := next((one for one in everything(config_dir) if "." in one and one.replace(".", "_") == plain), None):
        return f"{dotted}={shlex.quote(text)}"
    known = options(config_dir)
    inner = next((name for name in known if name.partition("/")[2] == plain), None)
    if inner and value is not None and (meant := _chosen(inner, value, config_dir)):
        return f"{hosts(inner, config_dir)[0]} {meant}"
    group = next((name for name in ALIASES.get(plain, ()) if name in known), None)
    group = group or nearest(plain, [name for name in known if "." not in plain])
    if group and value is not None and (meant := _chosen(group, value, config_dir)):
        return meant
    return _elsewhere(plain, known) if text.lower() in other_words.SWITCHES and not is_off else None


def own_weights(key: str, value: str | None, taking: Sequence[str] = ()) -> str | None:
    """Return what is typed for weights of one's own, a file or a folder of them; None for a key that means no weights.

    ``taking`` are the keys of the chosen components that take a file.
    """
    if _plain(key) not in other_words.WEIGHTS:
        return None
    if value and os.path.isdir(os.path.expanduser(value)):
        return f"models.dir={shlex.quote(value)}"
    given = "..." if value is None else shlex.quote(value)
    return " or ".join(f"{one}={given}" for one in taking) or "posecfg help weights for the keys that take a file"


def typed(key: str, value: str | None, config_dir: str | None = None) -> str | None:
    """Return a setting, in the place of a flag or of two words, as it is typed: also one whose key is there."""
    if key in everything(config_dir) and key not in other_words.KEYS:
        if value is not None and (meant := _chosen(key, value, config_dir)):
            return meant
        return f"{key}={'...' if value is None else shlex.quote(value)}"
    if found := setting(key, value, config_dir):
        return found
    near = nearest(key, everything(config_dir))
    return typed(near, value, config_dir) if near else None


def absent(word: str, kind: str = "key") -> str | None:
    """Return the end of a sentence on a key or verb that is not needed, or not there yet, and then what comes near."""
    if near := route(kind, word):
        return f" yet: {near}."
    why = other_words.NEVER.get(_plain(word))
    return f", as {why}." if why else None


def value(key: str, given: Any) -> str | None:
    """Return the setting that was meant by a value that a key does not take."""
    text = "null" if given is None else str(given).lower()
    last = key.rpartition(".")[2]
    if last == "shard" and (part := re.fullmatch(r"(\d+) *(?:of|:|-|,|_| ) *(\d+)", text)):
        return f"{key}={part[1]}/{part[2]}"
    if key == "video.fps" and type(given) in (int, float):
        return f"'video.fps=[{given:g},{given:g}]'"
    if number := re.fullmatch(r"(-?\d+(?:\.\d+)?) *(?:s|sec|seconds|fps|hz|px|%)", text):
        return f"{key}={float(number[1]) / 100:g}" if text.endswith("%") else f"{key}={number[1]}"
    known = other_words.VALUES.get(key) or other_words.VALUES.get(last, {})
    return f"{key}={known[text]}" if text in known else None


def verb(word: str, config_dir: str | None = None) -> str | None:
    """Return what is typed for a word that is no verb: another verb, or an option that is called so."""
    plain, known = _plain(word), options(config_dir)
    if found := other_words.VERBS.get(plain):
        return f"posecfg {found}"
    option = _elsewhere(plain, known) if plain not in ANYWHERE else None
    return option or other_words.OPTIONS["detector"].get(plain)


def _chosen(group: str, value: str, config_dir: str | None) -> str | None:
    """Return how an option of a group is chosen, by its own name, one of another tool, or nearly."""
    known = options(config_dir).get(group)
    if known is None:
        return None
    if value in known:
        return f"{group}={value}"
    near = nearest(value, known)
    return choice(group, value, config_dir) or (f"{group}={near}" if near else None)


def _elsewhere(name: str, known: dict[str, tuple[str, ...]]) -> str | None:
    """Return how an option of this name is chosen in the first group that has it."""
    for group, names in known.items():
        if name in names and name not in ANYWHERE and group != "experiment":
            host = f"{hosts(group)[0]} " if "/" in group and hosts(group) else ""
            return f"'{group}=[{name}]'" if group in LISTS else f"{host}{group}={name}"
    return None


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")
