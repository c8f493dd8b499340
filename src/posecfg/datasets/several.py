"""Several paths of the user: the films and folders that are named, below the folder that all have in common."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from posecfg.datasets.identifiers import printable
from posecfg.datasets.location import locate
from posecfg.datasets.pattern import Pattern
from posecfg.datasets.tree import walk
from posecfg.errors import ConfigError
from posecfg.layout import HOME
from posecfg.store.own_outputs import REASON, vouched
from posecfg.types import Excluded

NAMED = 3


@dataclass
class Named:
    """What several paths name, by posix names below a common folder, each name once.

    ``files`` are named one by one, ``below`` are those of folders, and ``matched`` those of patterns that spell out a
    suffix.
    """

    files: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    matched: list[str] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)


def common_root(paths: Sequence[str]) -> Path:
    """Return the folder that all ``paths`` have in common: relative where all are and it lies here, else absolute."""
    found = os.path.commonpath([_folder(path) for path in paths])
    here = os.getcwd()
    if any(os.path.isabs(os.path.expanduser(path)) for path in paths) or os.path.commonpath([here, found]) != here:
        return Path(found)
    return Path(os.path.relpath(found, here))


def _folder(path: str) -> str:
    """Return the deepest folder of ``path`` that is there."""
    found = os.path.abspath(os.path.expanduser(path))
    while not os.path.isdir(found):
        found = os.path.dirname(found)
    return found


def search(paths: Sequence[str], root: Path, recursive: bool) -> Named:
    """Return what ``paths`` name below ``root``, each once; a ConfigError names those that are not there."""
    found, seen, written = Named(), set[str](), dict[str, set[str]]()
    for path, (place, rest) in zip(paths, _located(paths), strict=True):
        name = _below(place, root)
        if not rest and not place.is_dir():
            if not place.is_file():
                raise ConfigError(f"Expected dataset.path to name folders and files, but '{path}' is neither.")
            folder, file = os.path.split(place)
            if file in written.setdefault(folder, _outputs(Path(folder))):
                found.excluded.append(Excluded(printable(name), REASON))
            else:
                found.files.append(name)
            continue
        pattern = Pattern(rest) if rest else None
        tree = walk(place, pattern, recursive)
        if pattern and not tree.files:
            raise ConfigError(f"Expected '{path}' to match a film, but it matches nothing.")
        before = "" if name == "." else f"{name}/"
        names = [f"{before}{one}" for one in tree.files]
        (found.matched if pattern and pattern.names_suffix else found.below).extend(names)
        found.excluded += [Excluded(f"{printable(before)}{one.name}", one.reason) for one in tree.excluded]
    for names in (found.files, found.matched, found.below):
        names[:] = [name for name in dict.fromkeys(names) if name not in seen]
        seen.update(names)
    found.excluded = list(dict.fromkeys(found.excluded))
    return found


def _located(paths: Sequence[str]) -> list[tuple[Path, tuple[str, ...]]]:
    found, wrong = [], list[ConfigError]()
    absent = list[str]()
    for path in paths:
        try:
            found.append(locate(path))
        except ConfigError as error:
            wrong.append(error)
            absent.append(path)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        shown = ", ".join(f"'{path}'" for path in absent[:NAMED])
        more = f" and {len(absent) - NAMED:,} more" if len(absent) > NAMED else ""
        raise ConfigError(
            f"Expected all {len(paths):,} paths to exist, but {len(absent):,} do not: {shown}{more}; look at their "
            "spelling, or leave them out."
        )
    return found


def _below(place: Path, root: Path) -> str:
    return os.path.relpath(os.path.abspath(place), os.path.abspath(root)).replace(os.sep, "/")


def _outputs(folder: Path) -> set[str]:
    return vouched(folder) if (folder / HOME).is_dir() else set()
