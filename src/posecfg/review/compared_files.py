"""The files of a clip that was made twice, one by one: identical, edited since, or made otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg.components.parts import listed
from posecfg.errors import PosecfgError
from posecfg.review import poses
from posecfg.review.distances import MEASURES, Apart, apart
from posecfg.store import file_lists
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import FileRecord
from posecfg.store.replacing import known_content

IDENTICAL, DIFFERS, EDITED, MISSING, NOT_MADE, NEW = "identical", "differs", "edited", "missing", "not made", "new"
TIMED = "timed"


def compare(
    root: Path, first: ClipRecord, place: Path, again: ClipRecord, timed: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Return one entry for each file of a clip, as JSON values.

    ``edited`` is a file that is not as it was written any more, while it was made again as it was; ``differs`` one that
    was made otherwise, unless it is of one of the writers ``timed``, whose files show how long it took.
    """
    shown = {name for writer in timed for name in _of_writer(place, again, writer)}
    old, new = file_lists.contents(root, first), file_lists.contents(place, again)
    about = {file.name: file.about for file in first.files if isinstance(file, FileRecord)}
    found = []
    for name in sorted({*old, *new}):
        here, made = known_content(root / name), new.get(name)
        if name not in old:
            state = NEW
        elif made is None:
            state = NOT_MADE
        elif here == made:
            state = IDENTICAL
        elif here is None:
            state = MISSING
        elif name in shown:
            state = TIMED
        else:
            state = EDITED if old[name] == made else DIFFERS
        entry: dict[str, Any] = {"file": name, "state": state, "sha256": here[1] if here else None}
        entry["again"] = made[1] if made else None
        if state in (DIFFERS, EDITED) and name in about:
            entry["poses"] = _poses(root / name, place / name, about[name])
        found.append(entry)
    return found


def _of_writer(root: Path, record: ClipRecord, writer: str) -> Collection[str]:
    """Return the names of a writer's files."""
    one = record.writers.get(writer)
    alone = replace(record, writers={writer: one}) if one is not None else replace(record, writers={})
    return file_lists.contents(root, alone).keys()


def timed_writers(config: Mapping[str, Any]) -> list[str]:
    """Return the writers of a configuration whose files show how long it took."""
    return [name for name, part in listed(config, "writer").items() if part.facts.timed]


def _poses(first: Path, again: Path, about: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how far poses in two native files are apart, None for other files."""
    read = {"npz": lambda path: poses.of_npz(path), "npy": lambda path: poses.of_npy(path, about)}.get(
        str(about.get("kind"))
    )
    if read is None:
        return None
    try:
        return data(apart(read(first), read(again)))
    except PosecfgError:
        return {"why": "it cannot be read any more"}


def data(found: Apart) -> dict[str, Any]:
    """Return what was compared of poses as JSON values."""
    measures = {name: found.measures[name].data() for name in MEASURES if name in found.measures}
    counts = {"rows": found.rows, "rows_in_one": found.rows_in_one, "people": found.people}
    only = {"people_only_a": found.only_a, "people_only_b": found.only_b}
    return {**counts, **only, "same": found.is_none, **measures, **({"why": found.why} if found.why else {})}
