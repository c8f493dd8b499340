"""Find the results of a data set that is seen under another path now: on another machine, or since it was moved."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from posecfg.config.compose import Job
from posecfg.errors import PosecfgError
from posecfg.layout import RUN
from posecfg.store import fingerprint, record_files
from posecfg.store.absence import matching
from posecfg.store.clip_record import ClipRecord
from posecfg.store.data_set import DataSet, remembered
from posecfg.store.file_record import is_inside
from posecfg.store.run_directory import RunDirectory
from posecfg.types import Clip

FEW = 3
"""Clips whose films must all be at the new place, with the recorded size; of the first the content is compared."""
ABOVE = 2
"""Folders above a path that films may be named from: a pattern or a table lies beside or below them."""
_DIGEST = re.compile("[0-9a-f]{8}")


def found(named: Path, job: Job, location: str) -> Path | None:
    """Return the folder, called as ``named`` but for its digest, with results of the films at ``location``, if any.

    Its results are of the same configuration, and the path that they were made from does not exist here any more, or
    is the same place: what lies at two places is two data sets.
    """
    name = named.name.rpartition("-")[0]
    try:
        folders = [one for one in matching(named.parent, f"{name}-*") if _DIGEST.fullmatch(one.name[len(name) + 1 :])]
        return next((folder for folder in folders if folder != named and _is_of(folder, job, location)), None)
    except (PosecfgError, OSError):
        return None


def _is_of(folder: Path, job: Job, location: str) -> bool:
    if folder.is_symlink() or not (folder / RUN).is_file():
        return False
    try:
        stored = RunDirectory(folder).stored() or {}
        of = remembered(stored)
        if stored.get("hash") != job.hash or not of or any(not _was(one, job, location) for one in of):
            return False
        records = list(islice(_records(folder), FEW))
    except (PosecfgError, OSError):
        return False
    return bool(records) and all(_is_there(record, location, n == 0) for n, record in enumerate(records))


def _was(one: DataSet, job: Job, location: str) -> bool:
    """Tell whether a data set may be the one that is at ``location`` now."""
    if one.target != job.config["dataset"]["_target_"] or one.location is None:
        return False
    return not os.path.exists(one.location) or (os.path.exists(location) and os.path.samefile(one.location, location))


def _records(folder: Path) -> Iterator[ClipRecord]:
    for name, _ in record_files.walk(folder):
        record = record_files.read(record_files.place(folder, "clips", "x").parent / name)
        if record is not None:
            yield record


def _is_there(record: ClipRecord, location: str, look: bool) -> bool:
    """Tell whether the film of a record is at or below a place, by its size, and by its content with ``look``."""
    if not is_inside(record.source):
        return False
    for above in (Path(location), *list(Path(location).parents)[:ABOVE]):
        path = above / record.source
        if path.is_file() and path.stat().st_size == record.input.bytes:
            return not look or fingerprint.is_same(Clip(record.id, path), record.input)
    return False
