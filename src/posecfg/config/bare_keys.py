"""Keys that were typed without the name of what reads them, such as ``crop`` for ``detector.crop``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from posecfg.config.options import LISTS, arguments, everything, hosts, knobs, options
from posecfg.suggestions import ALIASES, hint, nearest

FEW = 3
NONE = ": type posecfg help for the keys there are."
# Likeness of a word and the key that it is a slip of the finger for.
SLIP = 0.85


def places(config: Any) -> list[str]:
    """Return each key of the chosen components in full, such as ``detector.crop``."""
    from omegaconf import OmegaConf

    plain = OmegaConf.to_container(config, resolve=False)
    return [key for key in _below(plain, "") if not key.startswith("hydra.")]


def _below(node: Any, where: str) -> Iterator[str]:
    if not isinstance(node, Mapping):
        return
    for key, value in node.items():
        if "_target_" in node and key != "_target_":
            yield f"{where}{key}"
        yield from _below(value, f"{where}{key}.")


def read_here(key: str, there: list[str]) -> list[str]:
    """Return those of the keys ``there`` that end with ``key``: the one that is usually meant, or all."""
    meant = ALIASES.get(key)
    return [one for one in there if (one.rpartition(".")[2] == key if meant is None else one in meant)][:FEW]


def offer(key: str, there: list[str], config_dir: str | None = None) -> str:
    """Return the end of a sentence on a key that nothing reads: the nearest key, or what would have to be chosen."""
    readable = [*(name for name in knobs() if "." not in name), *options(config_dir), *there]
    readable += [name for name in knobs() if "." in name]
    near = nearest(key, everything(config_dir))
    if near is None:
        return NONE
    if near in readable:
        return f".{hint(key, everything(config_dir))}"
    known_elsewhere = near in ALIASES.get(key, ()) or near.rpartition(".")[2] == key
    if not known_elsewhere and (closer := nearest(key, readable)):
        return f". Did you mean '{closer}'?"
    full, readers = _readers(near.rpartition(".")[2], config_dir) or (near, [])
    if not readers or not (known_elsewhere or _is_slip(key, full.rpartition(".")[2])):
        return NONE
    chosen = " or ".join(readers[:FEW])
    return f", but {chosen} takes it as {full}." if known_elsewhere else f". Did you mean '{full}', of {chosen}?"


def _is_slip(key: str, name: str) -> bool:
    """Tell whether ``key`` is ``name`` but for a letter or two: what was not chosen is worth no guess."""
    return difflib.SequenceMatcher(None, key.lower(), name).ratio() >= SLIP


def _readers(key: str, config_dir: str | None) -> tuple[str, list[str]] | None:
    """Return the place of a key that lies the least deep, and how the options that read it there are chosen."""
    found: dict[str, list[str]] = {}
    for (group, option), keys in arguments(config_dir).items():
        if key in keys:
            place = f"{group}.{option}" if group in LISTS else group.replace("/", ".")
            choice = f"'{group}=[{option}]'" if group in LISTS else f"{group}={option}"
            host = f"{hosts(group, config_dir)[0]} " if "/" in group else ""
            found.setdefault(f"{place}.{key}", []).append(f"{host}{choice}")
    return min(found.items(), key=lambda item: item[0].count("."), default=None)
