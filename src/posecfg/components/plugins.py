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
    found = (value for text in _lists() if f"[{GROUP}]" in text for value in _registered(text))
    names = {value.partition(":")[0].partition(".")[0].strip() for value in found}
    return tuple(sorted(name for name in names if name.isidentifier()))


@cache
def folders() -> dict[str, Path]:
    """Map each package that brings options to the folder ``conf`` inside it."""
    found: dict[str, Path] = {}
    for package in packages():
        for place in _places(package) or ():
            folder = place / CONF
            if folder.is_dir():
                found.setdefault(package, folder)
    return found


def without_options() -> dict[str, str]:
    """Say of each package that brings no options why: it was installed without its YAML files, or is not there."""
    return {package: _lack(package) for package in packages() if package not in folders()}


def _lack(package: str) -> str:
    places = _places(package)
    if places is None:
        return f"no module '{package}' is installed, which its entry point '{GROUP}' names"
    if not places:
        return f"'{package}' is a single file, and only a package can hold a folder '{CONF}'"
    return (
        f"'{places[0]}' has no folder '{CONF}': its pyproject.toml says which YAML files are installed "
        f'([tool.setuptools.package-data] {package} = ["{CONF}/**/*.yaml"])'
    )


def _places(package: str) -> list[Path] | None:
    """Return the folders of a package, none of a single module; None where it is not installed."""
    from importlib.util import find_spec

    with suppress(ImportError, ValueError):
        if (spec := find_spec(package)) is not None:
            return [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    return None


def at_line(error: BaseException) -> str:
    """Return which line of a plugin an error comes from, as ``, labpose/net.py, line 3``; nothing where from none."""
    from traceback import walk_tb

    told = ""
    for frame, line in walk_tb(error.__traceback__):
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package in packages():
            path = Path(frame.f_code.co_filename)
            name = "/".join(path.parts[-1 - path.parts[::-1].index(package) :]) if package in path.parts else path.name
            told = f", {name}, line {line}"
    return told


def _registered(text: str) -> Iterator[str]:
    """Yield what a list of entry points names for posecfg: ``labpose`` of the line ``lab = labpose``.

    Python's own reader takes longer than the help page, and one line that it cannot read, in the list of any
    distribution, ends the program.
    """
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[]").strip()
        elif group == GROUP and "=" in line and not line.startswith(("#", ";", "=")):
            yield line.partition("=")[2]


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
