"""The link ``latest`` beside the folders of runs that were given no name: it points at the newest."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from posecfg import process

NAME = "latest"


def point(root: Path) -> None:
    """Let ``latest`` in the folder above ``root`` point at it; what is no link of ours stays, and nothing is raised."""
    link, aside = root.with_name(NAME), root.with_name(f".{NAME}-{process.unique()}")
    with suppress(OSError):
        if os.path.lexists(link) and not (link.is_symlink() and os.sep not in os.readlink(link)):
            return
        with suppress(FileNotFoundError):
            aside.unlink()
        aside.symlink_to(root.name)
        os.replace(aside, link)
