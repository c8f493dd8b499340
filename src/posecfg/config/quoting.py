"""What was typed, made fit for Hydra's grammar: paths with any character in them, and lists of options."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from posecfg.config.options import LISTS, everything, options

PATH_KEYS = ("path", "output_dir", "dir")
CLIP_KEYS = ("redo", "only")
LITERALS = ("null", "???", "''", '""')
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
SWEPT = re.compile(r"=(?:\w+\(|[^\[]*,|.*\],)")
BRACES = re.compile(r"\$\{([^{}]*)\}")


def quote_path(text: str, interpolate: bool = False) -> str:
    """Quote ``text`` so that Hydra's grammar takes it as it stands; ``interpolate`` leaves ``${...}`` its meaning."""
    if not interpolate:
        text = re.sub(r"(\\*)\$\{", lambda m: m[1] * 2 + r"\${", text)
    escaped = re.sub(r"(\\*)'", lambda m: m[1] * 2 + r"\'", text)
    trailing = len(escaped) - len(escaped.rstrip("\\"))
    return "'" + escaped + "\\" * trailing + "'"


def tidy(override: str, multirun: bool = False) -> str:
    """Quote paths and names of clips, and give a list group its brackets; leave everything else alone."""
    key, equals, value = override.partition("=")
    if not equals or not value or key.startswith("hydra"):
        return override
    if key in CLIP_KEYS:
        return f"{key}={_names(value)}"
    if key.rpartition(".")[2] not in PATH_KEYS or value in LITERALS:
        return listed(override, multirun)
    if multirun and "," in value and not os.path.lexists(os.path.expanduser(value)):
        return f"{key}={','.join(_path(part) for part in _split(value))}"
    return f"{key}={_path(value)}"


def _names(value: str) -> str:
    """Return names of clips, which may hold any character; a comma separates several, in a sweep too."""
    if value.lower() in ("true", "false", "null") or value.startswith("[") or QUOTED.fullmatch(value):
        return value
    names = [quote_path(name) for name in _split(value)]
    return names[0] if len(names) == 1 else f"[{','.join(names)}]"


def one_name(name: str) -> str:
    """Return the name of a clip as it is typed to stand for that clip only."""
    plain = re.fullmatch(r"[\w./ -]+", name) and name.lower() not in ("true", "false", "null")
    return name if plain else f"[{quote_path(name)}]"


def _path(value: str) -> str:
    """Return one path, quoted; what is in quotes already is taken without them, unless a file is called that."""
    if value in LITERALS or (QUOTED.fullmatch(value) and not os.path.lexists(value)):
        return value
    value = os.path.expanduser(value)
    return quote_path(value, _interpolates(value) and not os.path.lexists(value))


def _interpolates(value: str) -> bool:
    """Tell whether ``${...}`` in ``value`` names a key of ours or a resolver, rather than being part of a name."""
    names = [name.strip() for name in BRACES.findall(value)]
    resolvers = ("oc.", "now:", "hydra:", "hydra.")
    return bool(names) and all(name.startswith(resolvers) or name in everything() for name in names)


def _split(value: str) -> list[str]:
    """Split at commas, except inside a part that is quoted as a whole."""
    return re.findall(rf"({QUOTED.pattern}|[^,]+)(?:,|$)", value) if '"' in value or "'" in value else value.split(",")


def forced(overrides: Sequence[str]) -> list[str]:
    """Add ``++`` to settings of groups that are swept over: what all jobs share is composed with the default option."""
    swept = [word.partition("=")[0] for word in overrides if SWEPT.search(word)]
    groups = tuple(f"{key.replace('/', '.')}." for key in swept if key in options())
    return [f"++{word}" if groups and word.startswith(groups) else word for word in overrides]


def listed(override: str, multirun: bool = False) -> str:
    """Return writer=csv as writer=[csv] and writer=null as writer=[]; in a sweep a comma separates jobs."""
    key, _, value = override.partition("=")
    if key not in LISTS or not re.fullmatch(r"[\w-]+(?:,[\w-]+)*", value):
        return override
    if value in ("null", "none"):
        return f"{key}=[]" if options()[key] else f"{key}={{}}"
    return f"{key}={','.join(f'[{name}]' for name in value.split(','))}" if multirun else f"{key}=[{value}]"
