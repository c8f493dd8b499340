"""Find the runs in a folder: the folder itself, or those below it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from posecfg.errors import ConfigError
from posecfg.executors.remote import slurm_submitted
from posecfg.layout import HOME, RUN
from posecfg.store import state_file
from posecfg.store.absence import cannot_read, status

DEPTH = 2
"""Folders below the one that was typed: those of a sweep are one deeper than those of single runs."""


def run_folders(root: Path, verb: str) -> list[Path]:
    """Return the folders of runs at or below ``root``; an error says that there is none, and what to type."""
    if not root.is_dir():
        kind = "a file" if root.exists() else "not there"
        raise ConfigError(f"'{root}' is {kind}: type posecfg {verb} and the folder of a run, such as outputs/latest.")
    if _is_run(root):
        return [root]
    # What was submitted for all jobs of a sweep is noted above them.
    found = [*([root] if slurm_submitted.noted(root / HOME) else []), *sorted(_below(root, DEPTH))]
    if not found:
        empty = not any(root.iterdir())
        what = "is an empty folder" if empty else "holds no run"
        hint = "" if empty or verb != "status" else "; of a data set, dataset= is typed too (help status)"
        raise ConfigError(f"'{root}' {what}: type posecfg {verb} and the folder that a run writes to{hint}.")
    return found


def _is_run(folder: Path) -> bool:
    home = folder / HOME
    return status(folder / RUN) is not None or (home.is_dir() and bool(state_file.states(home)))


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the runs below a folder; links, such as that to the latest, lead to what is found anyway."""
    try:
        with os.scandir(folder) as entries:
            inside = [Path(one.path) for one in entries if one.is_dir(follow_symlinks=False) and one.name[0] != "."]
    except OSError as error:
        raise cannot_read(folder, error) from error
    for one in inside:
        is_run = _is_run(one)
        if is_run or slurm_submitted.noted(one / HOME):
            yield one
        if not is_run and depth > 1:
            yield from _below(one, depth - 1)
