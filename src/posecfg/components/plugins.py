"""Packages that take part: those that installed distributions register, and the folders of options that they bring."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

GROUP = "posecfg.plugins"
CONF = "conf"
# What a list of entry points may have.
_MOST = 1 << 20


@cache
def packages() -> tuple[str, ...]:
    """List the packages that installed distributions registered; nothing of them is imported."""
    if not any(f"[{GROUP}]" in text for text in _lists()):
        return ()  # asking importlib.metadata takes longer than the help page
    from importlib.metadata import entry_points

    return tuple(sorted({entry.value.split(":")[0].split(".")[0] for entry in entry_points(group=GROUP)}))


@cache
def folders() -> dict[str, Path]:
    """Map each package that brings options to the folder ``conf`` inside it."""
    from importlib.util import find_spec

    found: dict[str, Path] = {}
    for package in packages():
        with suppress(ImportError, ValueError):
            spec = find_spec(package)
            for place in (spec.submodule_search_locations or ()) if spec is not None else ():
                folder = Path(place).resolve() / CONF
                if folder.is_dir():
                    found.setdefault(package, folder)
    return found


def _lists() -> Iterator[str]:
    """Yield the lists of entry points of all distributions."""
    for folder in sys.path:
        with suppress(OSError):
            for entry in os.listdir(folder or os.curdir):
                if entry.endswith((".dist-info", ".egg-info")):
                    yield _text(os.path.join(folder, entry, "entry_points.txt"))


def _text(path: str) -> str:
    with suppress(OSError):
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read(_MOST)
    return ""
