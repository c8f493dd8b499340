"""Say of single clips what a run would do with them and why: the decision is the run's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from posecfg import startup
from posecfg.config.compose import Job
from posecfg.errors import PosecfgError
from posecfg.pipeline.annotations import METRIC
from posecfg.pipeline.provenance import made_with
from posecfg.pipeline.work import Work
from posecfg.review.because import Looked, more
from posecfg.runs.costs import CHANGED, INPUT, Costs
from posecfg.runs.earlier_pixels import EarlierPixels
from posecfg.runs.inputs import compare
from posecfg.runs.listing import ids_of
from posecfg.runs.named_clips import named
from posecfg.runs.resume import survey
from posecfg.runs.scope import Scope, known, scope
from posecfg.runs.verdict import Todo
from posecfg.store import record_files
from posecfg.store.clip_record import ClipRecord
from posecfg.store.made_with import MadeWith, refuse_versions
from posecfg.types import Clip
from posecfg.version import __version__

NOTHING = "nothing to do"
REFUSED = ("of another configuration", "of other weights", "of another data set", "of other versions")
LEFT_OUT = "left out of this run"
SKIPPED = "skipped"


def again(job: Job, pattern: str, several: bool = False, probe: bool = False) -> dict[str, Any]:
    """Return of each clip that ``pattern`` names whether it is to do, the reason, and in which respects, as JSON.

    The inputs of these clips are compared by content; nothing is written.
    """
    place = scope(job, several)
    startup.over()
    ids = ids_of(place.data.clips)
    names = named("--why-again", [pattern], ids, place.excluded)
    clips = [clip for clip in place.clips if clip.id in names]
    rows: list[dict[str, Any]] = [_left_out(job, name) for name in ids if name in names - {clip.id for clip in clips}]
    refusal, found = _look(job, place, names, probe)
    if found is None:
        rows += [_row(clip, False, REFUSED[refusal.kind], refusal.because) for clip in clips]
    else:
        rows += [_explained(found, clip) for clip in clips]
    refused = str(refusal.error) if refusal.error and (found is None or any(row["to_do"] for row in rows)) else None
    return {
        "output_dir": str(place.directory.root),
        "overrides": list(job.overrides),
        "clips": sorted(rows, key=lambda row: str(row["clip"])),
        "refused": refused,
    }


@dataclass(frozen=True)
class _Refusal:
    """Why a run would refuse the folder, which of ``REFUSED`` that is, and in which respects."""

    error: PosecfgError | None = None
    kind: int = 0
    because: Sequence[str] = ()


def _look(job: Job, place: Scope, names: frozenset[str], probe: bool) -> tuple[_Refusal, Looked | None]:
    """Look at the folder as a run does, until it would refuse; only the inputs of ``names`` are read."""
    directory, overwrite, now = place.directory, job.config["overwrite"], made_with(job.config)
    changed = directory.compare(job.identity, job.writers(), True)
    steps: list[Callable[[], Any]] = [
        lambda: directory.compare(job.identity, job.writers(), overwrite),
        lambda: directory.settle(now, overwrite, job.config["accept"] == "versions", bool(changed)),
        lambda: directory.admit(place.data),
    ]
    tools: tuple[MadeWith, ...] = ()
    for kind, step in enumerate(steps):
        try:
            tools = step() if kind == 1 else (step(), tools)[1]
        except PosecfgError as error:
            weights = [line for one in directory.made_with() for line in one.other_weights(now)]
            because = (changed, weights, [str(error)])[kind]
            return _Refusal(error, kind, because), None
    rows = known(directory)
    earlier = EarlierPixels(probe, job.config["video"]["max_pixels"])
    wanted = replace(place.wanted(job, tools), earlier=earlier)
    judged = survey(
        place.clips, rows, wanted, lambda clips: compare(directory.root, [one for one in clips if one.id in names])
    )
    found = Looked(job, place, changed, now, wanted, judged, rows, {one.clip.id: one for one in judged.work})
    try:
        judged.refuse(directory.root, overwrite)
        if judged.work:
            refuse_versions(directory.root, tools, now)
    except PosecfgError as error:
        return _Refusal(error, len(REFUSED) - 1), found
    return _Refusal(), found


def _row(
    clip: Clip | str,
    to_do: bool,
    reason: str,
    because: Sequence[str] = (),
    does: str = "",
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    clip_id = clip if isinstance(clip, str) else clip.id
    return {
        "clip": clip_id,
        "to_do": to_do,
        "reason": reason,
        "because": list(because),
        "does": does,
        "notes": list(notes),
    }


def _left_out(job: Job, name: str) -> dict[str, Any]:
    chosen = [f"{key}={job.config[key]}" for key in ("only", "shard", "limit") if job.config[key] is not None]
    return _row(name, False, LEFT_OUT, [f"{' and '.join(chosen)} takes other clips"])


def _explained(found: Looked, clip: Clip) -> dict[str, Any]:
    todo, work, judged = found.survey.verdicts.get(clip.id), found.works.get(clip.id), found.survey
    record = record_files.read_clip(found.place.directory.root, clip.id)
    if todo is None:
        skipped = next((row for row in judged.skipped if row.id == clip.id), None)
        if skipped is not None:
            return _row(clip, False, SKIPPED, [skipped.reason], notes=_made(record))
        return _row(clip, False, NOTHING, _same(found, clip), notes=[*_made(record), *_unasked(found, record)])
    if work is None:
        taken = next((row.reason for row in judged.skipped if row.id == clip.id), "")
        return _row(clip, False, SKIPPED, [taken], notes=[f"it is to do: {todo.why}", *todo.because])
    because = [*todo.because, *more(found, clip, todo, record)]
    return _row(clip, True, todo.why, because, _does(found, todo, work), [*_costs(found, todo, work), *_made(record)])


def _does(found: Looked, todo: Todo, work: Work) -> str:
    alone = todo.kept and todo.why not in (INPUT, CHANGED)
    names = ", ".join(name.removeprefix(METRIC) for name in (work.writers if alone else found.wanted.writers))
    return f"{names} alone" if alone else f"all of it: {names}"


def _costs(found: Looked, todo: Todo, work: Work) -> list[str]:
    costs = Costs(heavy=found.wanted.heavy, pictured=found.wanted.pictured, remembers=found.wanted.remembers)
    costs.add(work, todo.why, found.rows.get(work.clip.id), found.wanted.root, found.wanted.writers)
    return costs.notes()


def _same(found: Looked, clip: Clip) -> list[str]:
    if clip.id in found.survey.compared.same:
        return ["its date or place is another one, but its content is the recorded one"]
    return ["its input, its settings and its files are as recorded"]


def _made(record: ClipRecord | None) -> list[str]:
    """Say when a clip was made, and by which version: another one is no reason to make it again."""
    if record is None:
        return []
    versions = record.made.get("versions")
    by = versions.get("posecfg") if isinstance(versions, dict) else None
    which = f" by posecfg {by}" if by else ""
    now = f"; this is {__version__}, which is no reason to make it again" if by not in (None, __version__) else ""
    return [f"made {time.strftime('%Y-%m-%d %H:%M', time.localtime(record.at))}{which}{now}"]


def _unasked(found: Looked, record: ClipRecord | None) -> list[str]:
    names = [name for name in (record.writers if record else ()) if name not in found.wanted.writers]
    return [f"not asked for now, and kept: {', '.join(names)}"] if names else []
