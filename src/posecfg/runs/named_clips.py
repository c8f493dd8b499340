"""Clips that the user names: those that are made again, and those that a run is about."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from posecfg.config.quoting import one_name
from posecfg.config.schema import parse_names, parse_redo
from posecfg.errors import ConfigError


def again(value: Any, ids: Sequence[str]) -> frozenset[str]:
    """Return which of the clips ``ids`` the knob ``redo`` names; a name or pattern that none of them has is refused."""
    return frozenset(ids) if value is True else named("redo", parse_redo(value) or (), ids)


def only(value: Any, ids: Sequence[str]) -> frozenset[str] | None:
    """Return which of the clips ``ids`` the knob ``only`` names, None for all; a name that none has is refused."""
    return None if value is None else named("only", parse_names(value) or (), ids)


def named(knob: str, patterns: Sequence[str], ids: Sequence[str]) -> frozenset[str]:
    """Return which of ``ids`` have the names or patterns of a knob.

    A name stands for itself before it is a pattern: ids may hold brackets.
    """
    known, found = frozenset(ids), set[str]()
    for pattern in patterns:
        same = [pattern] if pattern in known else [clip_id for clip_id in ids if fnmatchcase(clip_id, pattern)]
        if not same:
            raise _none(knob, pattern, ids)
        found.update(same)
    return frozenset(found)


def _none(knob: str, pattern: str, ids: Sequence[str]) -> ConfigError:
    near = [
        shlex.quote(f"{knob}={one_name(name)}") for name in difflib.get_close_matches(pattern, ids, n=1, cutoff=0.0)
    ]
    if knob == "redo" and difflib.get_close_matches(pattern, ["true"], cutoff=0.7):
        near = ["redo=true"]
    hint = f" Did you mean {near[0]}?" if near else ""
    what = "true, the id of a clip," if knob == "redo" else "the id of a clip"
    return ConfigError(f"{knob}: expected {what} or a pattern such as 'S1/*', but no clip is called '{pattern}'.{hint}")
