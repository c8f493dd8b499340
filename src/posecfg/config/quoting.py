"""What was typed, made fit for Hydra's grammar: paths with any character in them, and lists of options."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from typing import Any

from posecfg.config.options import LISTS, everything, options

PATH_KEYS = ("path", "output_dir", "dir")
CLIP_KEYS = ("redo", "only")
SEVERAL = "dataset.path"
"""The key that takes several paths."""
TOLD = 3
LITERALS = ("null", "???", "''", '""')
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
SWEPT = re.compile(r"=(?:\w+\(|[^\[]*,|.*\],)")
LISTED = re.compile(r"\[([^\[\]]*)\]")
BRACES = re.compile(r"\$\{([^{}]*)\}")


def quote_path(text: str, interpolate: bool = False) -> str:
    """Quote ``text`` so that Hydra's grammar takes it as it stands; ``interpolate`` leaves ``${...}`` its meaning."""
    if not interpolate:
        text = re.sub(r"(\\*)\$\{", lambda m: m[1] * 2 + r"\${", text)
    escaped = re.sub(r"(\\*)'", lambda m: m[1] * 2 + r"\'", text)
    trailing = len(escaped) - len(escaped.rstrip("\\"))
    return "'" + escaped + "\\" * trailing + "'"


def bare(value: str) -> str:
    """Return what a quoted value of an override says, as it was typed; any other as it is."""
    if value in LITERALS or not QUOTED.fullmatch(value):
        return value
    mark = value[0]
    return re.sub(rf"(\\+)({mark}|\$\{{|$)", lambda found: "\\" * (len(found[1]) // 2) + found[2], value[1:-1])


def quote_paths(paths: Sequence[str]) -> str:
    """Write several paths as one text, of which ``parted`` makes a list: Hydra takes a millisecond for each of a list.

    Names of any bytes survive it, since JSON escapes them.
    """
    return quote_path(json.dumps([os.path.expanduser(path) for path in paths]))


def parted(value: Any) -> Any:
    """Return the list of paths that a text of ``quote_paths`` holds; anything else, and what is there, as it is."""
    if not isinstance(value, str) or not value.startswith('["') or os.path.lexists(value):
        return value
    try:
        paths = json.loads(value)
    except ValueError:
        return value
    return paths if all(isinstance(path, str) for path in paths) else value


def brief(override: str) -> str:
    """Return an override as it is shown: without a plus, true and false as they are typed, and of many paths the first.

    Hydra writes the values of a sweep as Python does.
    """
    word = re.sub(r"=(True|False)$", lambda found: found[0].lower(), override.lstrip("+"))
    if not word.startswith(f"{SEVERAL}='["):
        return word
    paths = parted(word.partition("=")[2][1:-1].replace("\\'", "'"))
    if isinstance(paths, str):
        return word
    more = f",... {len(paths) - TOLD:,} more" if len(paths) > TOLD else ""
    return f"{SEVERAL}=[{','.join(paths[:TOLD])}{more}]"


def tidy(override: str, multirun: bool = False) -> str:
    """Quote paths and names of clips, and give a list group its brackets; leave everything else alone."""
    key, equals, value = override.partition("=")
    if not equals or not value or key.startswith("hydra"):
        return override
    if key in CLIP_KEYS:
        return f"{key}={_names(value)}"
    if key.rpartition(".")[2] not in PATH_KEYS or value in LITERALS:
        return listed(override, multirun)
    if key == SEVERAL and (lists := _lists(value, multirun)):
        return f"{key}={','.join(lists)}"
    if multirun and "," in value and not os.path.lexists(os.path.expanduser(value)):
        return f"{key}={','.join(_path(part) for part in _split(value))}"
    return f"{key}={_path(value)}"


def _lists(value: str, multirun: bool) -> list[str]:
    """Return each list of paths that is typed, quoted; none for what may be one path or a pattern."""
    found = LISTED.findall(value)
    whole = ",".join(f"[{inner}]" for inner in found) == value and (multirun or len(found) == 1)
    if not whole or not any("," in inner for inner in found) or os.path.lexists(os.path.expanduser(value)):
        return []
    return [quote_paths([_bare(part) for part in _split(inner)]) for inner in found]


def _bare(part: str) -> str:
    """Return a member of a list without blanks and quotes around it."""
    part = part.strip()
    return re.sub(r"\\(['\"])", r"\1", part[1:-1]) if QUOTED.fullmatch(part) else part


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
