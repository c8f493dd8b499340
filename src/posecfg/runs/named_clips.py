"""Clips that the user names: those that are made again, and those that a run is about."""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from posecfg.config.quoting import one_name
from posecfg.config.schema import parse_names, parse_redo
from posecfg.errors import ConfigError
from posecfg.runs import clip_list
from posecfg.types import Excluded


def again(value: Any, ids: Sequence[str], excluded: Sequence[Excluded] = ()) -> frozenset[str]:
    """Return which of the clips ``ids`` the knob ``redo`` names; a name or pattern that none of them has is refused."""
    return frozenset(ids) if value is True else named("redo", parse_redo(value) or (), ids, excluded)


def only(value: Any, ids: Sequence[str], excluded: Sequence[Excluded] = ()) -> frozenset[str] | None:
    """Return which of the clips ``ids`` the knob ``only`` names, None for all; a name that none has is refused."""
    return None if value is None else named("only", parse_names(value) or (), ids, excluded)


def named(knob: str, patterns: Sequence[str], ids: Sequence[str], excluded: Sequence[Excluded] = ()) -> frozenset[str]:
    """Return which of ``ids`` have the names or patterns of a knob, or stand in the file that it names.

    A name stands for itself before it is a pattern, since ids may hold brackets, and a pattern before it is a file. Of
    clips that are ``excluded`` the reason is told.
    """
    known, found = frozenset(ids), set[str]()
    for pattern in patterns:
        same = [pattern] if pattern in known else [clip_id for clip_id in ids if fnmatchcase(clip_id, pattern)]
        if not same:
            refused = _left_out(knob, pattern, excluded)
            if refused is None and (listed := clip_list.read(knob, pattern)):
                same = listed.among(knob, known)
            else:
                raise refused or _none(knob, pattern, ids)
        found.update(same)
    return frozenset(found)


def _left_out(knob: str, name: str, excluded: Sequence[Excluded]) -> ConfigError | None:
    for one in excluded:
        if name in (one.name, os.path.splitext(one.name)[0]):
            return ConfigError(f"{knob}: '{name}' is there, but left out: {one.reason}.")
    return None


def _none(knob: str, pattern: str, ids: Sequence[str]) -> ConfigError:
    near = [
        shlex.quote(f"{knob}={one_name(name)}")
        for name in _near_files(pattern) or difflib.get_close_matches(pattern, ids, n=1, cutoff=0.0)
    ]
    if knob == "redo" and difflib.get_close_matches(pattern, ["true"], cutoff=0.7):
        near = ["redo=true"]
    hint = f" Did you mean {near[0]}?" if near else ""
    what = "true, the id of a clip" if knob == "redo" else "the id of a clip"
    return ConfigError(
        f"{knob}: expected {what}, a pattern such as 'S1/*' or a file with an id on each line, but no clip and no file "
        f"is called '{pattern}'.{hint}"
    )


def _near_files(name: str) -> list[str]:
    """Return the list of clips in the same folder whose name is nearest, where ``name`` looks like one."""
    folder, last = os.path.split(name)
    if not last.endswith(clip_list.SUFFIX):
        return []
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            lists = sorted(entry.name for entry in entries if entry.name.endswith(clip_list.SUFFIX) and entry.is_file())
    except (OSError, ValueError):
        return []
    return [os.path.join(folder, near) for near in difflib.get_close_matches(last, lists, n=1)]
