"""Find the results of a clip that runs with other settings left in the folders beside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from posecfg.components.identity_diff import differences
from posecfg.config.compose import Job
from posecfg.config.schema import USUAL
from posecfg.errors import PosecfgError
from posecfg.layout import HOME
from posecfg.runs.scope import Scope
from posecfg.store import record_files
from posecfg.store.data_set import remembered
from posecfg.store.run_directory import RunDirectory
from posecfg.types import Clip

MOST = 200
"""Folders that are looked at, the newest first."""
FEW = 3
"""Keys that are named."""


def elsewhere(job: Job, place: Scope, clip: Clip) -> Iterator[str]:
    """Yield in which folder a clip was made with the settings that are nearest to these, and how those differ.

    Only folders that posecfg named are looked at: what is beside a folder that the user named is not ours to read.
    """
    if job.config["output_dir"] is not None:
        return
    here, found = place.directory.root, list[tuple[int, str, list[str]]]()
    for folder in _folders(here):
        with suppress(PosecfgError):
            stored = RunDirectory(folder).stored()
            if stored is None or place.data.data not in remembered(stored):
                continue
            if record_files.read_clip(folder, clip.id) is not None:
                changed = differences(stored["identity"], job.identity, usual=USUAL)
                found.append((len(changed), str(folder), changed))
    if found:
        number, name, changed = min(found)
        more = f" and {number - FEW} more" if number > FEW else ""
        yield f"'{name}' has it with other settings ({'; '.join(changed[:FEW])}{more})"


def _folders(here: Path) -> list[Path]:
    try:
        folders = [one for one in here.parent.iterdir() if one != here and not one.is_symlink()]
        return sorted(
            (one for one in folders if (one / HOME / "run.json").is_file()),
            key=lambda one: -(one / HOME / "run.json").stat().st_mtime,
        )[:MOST]
    except OSError:
        return []
