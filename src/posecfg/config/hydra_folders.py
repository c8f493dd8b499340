"""Keep Hydra's own files (its configuration and log of each start) from taking the place of a file of the user."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.layout import PAGE, TABLE

NAMES = ("config.yaml", "hydra.yaml", "overrides.yaml", "multirun.yaml", "posecfg.*", "sweep.csv", PAGE, TABLE, "*.log")
HIDDEN = ".hydra"
"""The folder of starts in ``outputs``, made by posecfg alone."""
# What Hydra writes down of a program called posecfg.
_MARK = "\n  job:\n    name: posecfg\n"


def check_folders(section: Mapping[str, Any], top: Path, several: bool) -> None:
    """Refuse ``top``, the folder of a run or a sweep, if Hydra would write over files there that are not its own.

    ``section`` is Hydra's, unresolved.
    """
    for parent in top.parents:
        if parent.name == HIDDEN and parent.is_symlink():
            raise ConfigError(
                f"'{parent}' is a link, through which Hydra's logs would be written elsewhere: remove it."
            )
    below = section["output_subdir"]
    for key, place in (("output_subdir", below), ("sweep.subdir", section["sweep"]["subdir"] if several else None)):
        if place is not None and (Path(str(place)).is_absolute() or ".." in Path(str(place)).parts):
            raise ConfigError(f"hydra.{key} is '{place}', which leads out of the folder above it: leave it out.")
    key = "sweep.dir" if several else "run.dir"
    for folder in {top, *(top.glob("*/") if several else ()), top / str(below or "")}:
        for path in _foreign(folder):
            raise ConfigError(
                f"hydra.{key} is '{top}', where Hydra would write over '{path}', which posecfg did not write: name "
                "another folder, or leave it out."
            )


def _foreign(folder: Path) -> Iterable[Path]:
    """Return what is in the way in ``folder``, unless an earlier start of posecfg wrote it."""
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    found = [folder / name for name in names if any(fnmatch(name, pattern) for pattern in NAMES)]
    links = [path for path in found if path.is_symlink()]
    return links or ([] if _is_ours(folder / "hydra.yaml") or _is_ours(folder / "multirun.yaml") else found)


def _is_ours(noted: Path) -> bool:
    try:
        return _MARK in noted.read_text("utf-8")
    except (OSError, ValueError):
        return False
