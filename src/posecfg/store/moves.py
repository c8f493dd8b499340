"""Give files their names, also where the network loses the answer to what was done.

A request that a client of NFS sends twice is done once: the second answer says that a new name is taken, or that the
old one is gone.
"""

from __future__ import annotations

import os
from pathlib import Path

from posecfg.store.absence import status


def link(source: Path, target: Path) -> None:
    """Give the file at ``source`` a new name too; ``FileExistsError`` tells that another file has it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        if not is_same(source, target):
            raise


def replace(source: Path, target: Path) -> None:
    """Move a file over any that is at ``target``, which another process does not touch."""
    moved = status(source)
    try:
        os.replace(source, target)
    except FileNotFoundError:
        seen = status(target)
        if moved is None or seen is None or not os.path.samestat(moved, seen):
            raise


def is_same(one: Path, other: Path) -> bool:
    """Tell whether two names are of one file, and neither is a link to it."""
    seen, there = status(one), status(other)
    return seen is not None and there is not None and os.path.samestat(seen, there)
