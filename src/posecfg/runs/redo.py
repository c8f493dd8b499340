"""Which finished clips are made again because the user asks for it."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from posecfg.config.quoting import one_name
from posecfg.config.schema import parse_redo
from posecfg.errors import ConfigError


def chosen(value: Any, ids: Sequence[str]) -> frozenset[str]:
    """Return which of the clips ``ids`` the knob ``redo`` names; a name or pattern that none of them has is refused.

    A name stands for itself before it is a pattern: ids may hold brackets.
    """
    if value is True:
        return frozenset(ids)
    known, found = frozenset(ids), set[str]()
    for pattern in parse_redo(value) or ():
        same = [pattern] if pattern in known else [clip_id for clip_id in ids if fnmatchcase(clip_id, pattern)]
        if not same:
            raise _none(pattern, ids)
        found.update(same)
    return frozenset(found)


def _none(pattern: str, ids: Sequence[str]) -> ConfigError:
    near = [shlex.quote(f"redo={one_name(name)}") for name in difflib.get_close_matches(pattern, ids, n=1, cutoff=0.0)]
    if difflib.get_close_matches(pattern, ["true"], cutoff=0.7):
        near = ["redo=true"]
    hint = f" Did you mean {near[0]}?" if near else ""
    return ConfigError(
        f"redo: expected true, the id of a clip, or a pattern such as 'S1/*', but no clip is called '{pattern}'.{hint}"
    )
