"""Say in which respects a clip is to be made again: what the folder, the record and the configuration tell of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from posecfg.components.identity_diff import differences
from posecfg.config.compose import Job
from posecfg.config.recorded import job_of
from posecfg.config.schema import USUAL
from posecfg.errors import PosecfgError
from posecfg.pipeline.annotations import METRIC, annotation_files
from posecfg.pipeline.provenance import Rests
from posecfg.pipeline.work import Work
from posecfg.review.elsewhere import elsewhere
from posecfg.runs.costs import CHANGED, INPUT
from posecfg.runs.resume import Survey
from posecfg.runs.scope import Scope
from posecfg.runs.verdict import OTHER_TOOLS, OTHERWISE_ANNOTATED, OTHERWISE_MADE, OTHERWISE_SAID, Todo, Wanted
from posecfg.store import configurations, record_files
from posecfg.store.absence import matching
from posecfg.store.clip_record import ClipRecord
from posecfg.store.ledger_row import Row
from posecfg.store.made_with import MadeWith, of_record
from posecfg.types import Clip


@dataclass
class Looked:
    """What is known once a folder was looked at; ``changed`` are keys in which its results differ, old and new."""

    job: Job
    place: Scope
    changed: list[str]
    now: MadeWith
    wanted: Wanted
    survey: Survey
    rows: Mapping[str, Row]
    works: dict[str, Work] = field(default_factory=dict)


def more(found: Looked, clip: Clip, todo: Todo, record: ClipRecord | None) -> Iterator[str]:
    """Yield what the folder, the record and the configuration tell of a reason beside the decision itself."""
    directory = found.place.directory
    if todo.why == "new":
        yield "nothing in this folder was made of it with these settings"
        kept = record_files.kinds(directory.root)
        aside = matching(directory.aside, f"{record_files.digest_name(clip.id)}*")
        if aside or any(record_files.place(directory.root, kind, clip.id).exists() for kind in kept):
            yield "a run that was stopped left it half written, or is at work on it"
        yield from elsewhere(found.job, found.place, clip)
    elif todo.why == OTHERWISE_MADE:
        yield from _otherwise(found, record)
    elif todo.why == OTHER_TOOLS:
        made = _made_with(found, record)
        changes = [] if made is None else [*made.other_weights(found.now), *made.other_libraries(found.now)]
        yield from changes or ["its record does not tell what it was made with"]
    elif todo.why == OTHERWISE_SAID and record is not None:
        yield from _said(record.made.get("meta", {}), clip.meta)
    elif todo.why == OTHERWISE_ANNOTATED:
        yield from (f"annotations: {file}" for file in annotation_files([clip]))
    elif todo.why == "made of other stored poses":
        yield from (f"stored poses: {file}" for file in Rests(found.job.config).files([clip.id]))
    elif todo.why == "asked to be made again":
        yield f"redo={found.job.config['redo']}"
    starts = tuple(name if name.startswith(METRIC) else f"writer.{name}" for name in todo.writers)
    if todo.kept and todo.why not in (INPUT, CHANGED):
        yield from (line for line in found.changed if line.startswith(starts))


def _otherwise(found: Looked, record: ClipRecord | None) -> list[str]:
    """Return the keys in which the configuration that a clip was made with differs, as far as it was kept."""
    directory = found.place.directory
    stored = directory.stored()
    if record is not None and stored is not None and record.identity == stored["hash"]:
        return found.changed
    for name in reversed(record.made.get("configurations", ()) if record is not None else ()):
        kept = configurations.read(directory.root, name)
        with suppress(PosecfgError):
            if kept is not None and record is not None and kept.get("identity") == record.identity:
                return differences(job_of(kept).identity, found.job.identity, usual=USUAL)
    return ["an earlier configuration, of which nothing but its hash is known"]


def _made_with(found: Looked, record: ClipRecord | None) -> MadeWith | None:
    """Return what a clip was made with: as the folder remembers it, or else as its record tells."""
    if record is None:
        return None
    told = str(record.facts.get("made_with", ""))
    return next((one for one in found.place.directory.made_with() if one.digest == told), of_record(record))


def _said(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*old, *new}, key=str):
        if str(old.get(key)) != str(new.get(key)):
            yield f"{key}: {old.get(key)}, now {new.get(key)}"
