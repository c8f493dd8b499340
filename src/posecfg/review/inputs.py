"""Read the inputs that the records of a folder name, and compare them with what was recorded of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.layout import HOME
from posecfg.runs.inputs import Compared, Tick, compared
from posecfg.store import record_files
from posecfg.store.clip_record import ClipRecord, InputRecord
from posecfg.store.data_set import remembered
from posecfg.store.run_directory import RunDirectory
from posecfg.types import Clip


def look_at_inputs(root: Path, tick: Tick) -> Compared:
    """Compare the input of every clip that has a record below ``root``; computed pixels have none."""
    known: dict[str, tuple[Clip, InputRecord]] = {}
    lost: dict[str, str] = {}
    places = _places(root)
    for name, _ in sorted(record_files.walk(root)):
        try:
            record = record_files.read(root / HOME / "clips" / name)
        except PosecfgError:
            continue  # the check of the records names it
        if record is None or (not record.input.bytes and not record.input.path):
            continue
        path = next((path for path in _candidates(record, places) if os.path.exists(path)), None)
        if path is None:
            lost[record.id] = f"'{record.input.path or record.source}' is not there"
        else:
            known[record.id] = Clip(record.id, Path(path), pictures=_listed(record)), record.input
    found = compared(known, tick)
    found.unknown |= lost
    return found


def _listed(record: ClipRecord) -> tuple[str, ...]:
    """Return the names of the pictures of a clip that is not all of a folder."""
    names = record.made.get("notes", {}).get("pictures") if record.facts.get("listed") else None
    return tuple(map(str, names)) if isinstance(names, list) else ()


def problems(found: Compared) -> list[str]:
    """Return one sentence for each input that is not what the results were made of, or cannot be compared."""
    changed = [f"{clip_id}: its input is not what it was made of: run again to redo it" for clip_id in found.changed]
    unknown = [f"{clip_id}: its input could not be compared: {why}" for clip_id, why in found.unknown.items()]
    return sorted(changed) + sorted(unknown)


def _places(root: Path) -> list[str]:
    """Return where the data sets of the folder are, or were."""
    try:
        stored = RunDirectory(root).stored()
    except PosecfgError:
        return []
    return [one.location for one in remembered(stored) if one.location is not None]


def _candidates(record: ClipRecord, places: list[str]) -> Iterator[str]:
    """Yield the paths at which a clip's input may be: as recorded, or below a data set as earlier versions tell."""
    if record.input.path:
        yield record.input.path
    for place in places:
        yield os.path.join(place, record.source)
        if os.path.basename(place) == os.path.basename(record.source):
            yield place
