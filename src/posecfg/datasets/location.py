"""Resolve a path from the user: an existing file or folder, or a glob pattern below one."""

from __future__ import annotations

import difflib
import errno
import os
import re
from pathlib import Path

from posecfg.datasets.pattern import MAGIC
from posecfg.errors import ConfigError
from posecfg.text import shortened

ADDRESS = re.compile(r"[A-Za-z][\w+.-]+://")


def locate(path: str) -> tuple[Path, tuple[str, ...]]:
    """Split ``path`` into the part that exists and the parts of a glob pattern below it (empty if all of it exists).

    At every level, an existing name takes precedence over its meaning as a pattern.
    """
    if not path or "\0" in path:
        raise ConfigError(f"Expected dataset.path to name a folder, a film or a glob pattern, but got {path!r}.")
    whole = Path(os.path.expanduser(path))
    if _is_too_long(whole):
        got = f"got a name of {len(path):,} characters, '{shortened(path, 40)}': type a shorter one"
        raise ConfigError(f"Expected dataset.path to name a folder, a film or a glob pattern, but {got}.")
    if whole.exists():
        return whole, ()
    if ADDRESS.match(path):
        raise ConfigError(f"Expected dataset.path to name what lies on this machine, but got '{path}': fetch it first.")
    if whole.is_symlink():
        raise ConfigError(f"Expected dataset.path to name a folder or a film, but '{path}' is a broken link.")
    found = Path()
    for depth, part in enumerate(whole.parts):
        if not (found / part).exists():
            rest = whole.parts[depth:]
            if any(MAGIC.intersection(piece) for piece in rest):
                return found, rest
            raise _missing(path, found, rest)
        found = found / part
    return found, ()


def _is_too_long(path: Path) -> bool:
    """Tell whether no file system here takes the name."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False


def _missing(path: str, found: Path, rest: tuple[str, ...]) -> ConfigError:
    if not found.is_dir():
        return ConfigError(f"Expected dataset.path to exist, but got '{path}', and '{found}' is not a folder.")
    try:
        names = {name.casefold(): name for name in sorted(os.listdir(found)) if not name.startswith(".")}
    except OSError:
        names = {}
    near = difflib.get_close_matches(rest[0].casefold(), names, n=1)
    where = "the current folder" if found == Path() else f"'{found}'"
    sentence = f"Expected dataset.path to exist, but got '{path}': {where} holds no '{rest[0]}'."
    if not near:
        return ConfigError(sentence)
    meant = found.joinpath(names[near[0]], *rest[1:])
    return ConfigError(f"{sentence} Did you mean '{meant if meant.exists() else found / names[near[0]]}'?")


def any_case(path: Path) -> Path:
    """Return ``path``, or the one name beside it that differs from it only in case."""
    if path.exists() or not path.parent.is_dir():
        return path
    same = [other for other in path.parent.iterdir() if other.name.casefold() == path.name.casefold()]
    return same[0] if len(same) == 1 else path
