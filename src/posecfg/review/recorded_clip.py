"""Find the record behind what the user names: a record itself, or one of the files of a clip."""

from __future__ import annotations

import os
from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.layout import HOME, PARTS
from posecfg.store import file_lists, record_files, shared_files
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import FolderRecord


def is_run(folder: Path) -> bool:
    """Tell whether a folder holds records of a run."""
    return (folder / HOME / "clips").is_dir() or (folder / HOME / "run.json").is_file()


def root_of(path: Path) -> Path | None:
    """Return the output folder that a file is in, None where no folder above it has records."""
    return next((folder for folder in Path(os.path.abspath(path)).parents if is_run(folder)), None)


def is_record(path: Path) -> bool:
    """Tell whether a path leads to where records of clips are."""
    root = root_of(path)
    return root is not None and (root / HOME / "clips") in Path(os.path.abspath(path)).parents


def find(path: Path) -> tuple[Path, ClipRecord]:
    """Return the output folder and the record of the clip that a record or an output file is of."""
    root = root_of(path)
    if root is None:
        raise PosecfgError(
            f"Expected '{path}' in the folder of results that it was written to, but no folder above it has records in "
            f"{HOME}: name the file there."
        )
    name = Path(os.path.abspath(path)).relative_to(root).as_posix()
    if is_record(path):
        record = record_files.read(path)
        if record is None or f"{HOME}/clips/{record_files.relative(record.id)}" != name:
            raise PosecfgError(f"'{path}' is damaged, or no record of a clip: posecfg verify {root} tells more.")
        return root, record
    found = _near(root, name) or _anywhere(root, name)
    if found is None:
        raise PosecfgError(_of_none(root, name))
    return root, found


def _near(root: Path, name: str) -> ClipRecord | None:
    """Look at the records of clips that the file may be called after."""
    stem = name.removeprefix(f"{PARTS}/")
    while stem:
        record = record_files.read_clip(root, stem)
        if record is not None and _has(root, record, name):
            return record
        cut = max(stem.rfind(mark) for mark in "._/")
        stem = stem[:cut] if cut > 0 else ""
    return None


def _anywhere(root: Path, name: str) -> ClipRecord | None:
    for place, _ in record_files.walk(root):
        record = record_files.read(root / HOME / "clips" / place)
        if record is not None and _has(root, record, name):
            return record
    return None


def _has(root: Path, record: ClipRecord, name: str) -> bool:
    for file in record.files:
        if isinstance(file, FolderRecord):
            if name.startswith(file.name) and name in (file_lists.contents(root, record)):
                return True
        elif file.name == name:
            return True
    return False


def _of_none(root: Path, name: str) -> str:
    """Say what a file is that no record of a clip has."""
    if any(name in record.files for record in shared_files.every(root)):
        return f"'{name}' is made of all clips of '{root}': name a file of one clip, or type posecfg verify {root}."
    if name.startswith(f"{HOME}/"):
        return f"'{name}' is posecfg's own, and no result of a clip: name a file of '{root}', or of its {HOME}/clips."
    return f"No record in '{root}' has the file '{name}', so it is not known how it was made: name another one."
