"""Plan a run: resolve everything, without opening or writing a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from posecfg import startup
from posecfg.components.build import build
from posecfg.components.parts import listed, models, skeleton
from posecfg.config.compose import Job
from posecfg.config.options import LISTS
from posecfg.config.schema import GROUPS, THRESHOLDS
from posecfg.errors import PosecfgError
from posecfg.finishing import Finishing
from posecfg.pipeline.provenance import Rests, made_with
from posecfg.reasons import TAKEN, groups, kind, tally
from posecfg.review.memory import memory
from posecfg.review.probed import frames, probed, unopenable
from posecfg.review.status import stocked
from posecfg.runs import placement, preflight
from posecfg.runs.costs import INPUT
from posecfg.runs.earlier_pixels import EarlierPixels
from posecfg.runs.estimate import estimate
from posecfg.runs.inputs import Compared, Tick, compare
from posecfg.runs.resume import Survey, survey
from posecfg.runs.scope import Scope, known, remarks, scope
from posecfg.runs.targets import targets
from posecfg.store.disk import unwritable
from posecfg.store.ledger_row import Row
from posecfg.store.made_with import MadeWith, refuse_versions
from posecfg.text import count
from posecfg.types import Clip

Probe = Callable[[Clip], dict[str, Any]]


def plan(
    job: Job, several: bool = False, probe: bool = False, inputs: Tick | None = None, floor: float = 1.0
) -> dict[str, Any]:
    """Return the plan of one job as JSON values; ``problems`` are sentences that say what to type.

    With ``inputs``, which hears of the progress, the inputs of finished clips are read and compared with their records.
    ``floor`` is the lowest that a job of the sweep asks of this detector.
    """
    problems = [str(error) for error in preflight.problems(job)]
    data: dict[str, Any] = {
        "overrides": list(job.overrides),
        "choices": {group: job.choices.get(group) for group in GROUPS},
        "chain": chain(job),
        "thresholds": {key: job.config[key] for key in THRESHOLDS},
        "weights": weights(job),
        "notes": list(job.notes),
        "problems": problems,
    }
    with suppress(PosecfgError):  # which stands among the problems
        data["memory"] = memory(job, floor)
    with suppress(PosecfgError):
        data["stock"] = stocked(job, probe)
    try:
        place = scope(job, several)
        startup.over()
        if wrong := unwritable(place.directory.root):
            problems.append(str(wrong))
        rows = known(place.directory)
        tools = _compare(job, place)
        data["notes"] += filter(None, [place.directory.admit(place.data).note])
        look = (lambda clips: compare(place.directory.root, clips, inputs)) if inputs else lambda clips: Compared()
        earlier = EarlierPixels(probe, job.config["video"]["max_pixels"])
        wanted = replace(place.wanted(job, tools), earlier=earlier)
        found = survey(place.clips, rows, wanted, look, inputs is not None)
        found.refuse(place.directory.root, job.config["overwrite"])
    except PosecfgError as error:
        if str(error) not in problems:
            problems.append(str(error))
        return data
    data["notes"] += [*found.costs.notes(), *wanted.earlier.notes(), *remarks(job, place, rows)]
    data["notes"] += placement.remarks(job, len(found.work))
    if found.work:
        problems += _versions(job, place, tools)
    if inputs is not None:
        data["inputs"] = found.compared.data()
        data["notes"] += found.compared.notes()
    elif touched := found.why[INPUT]:
        verb = "is" if touched == 1 else "are"
        text = (
            f"{count(touched, 'input')} may have changed, and {verb} compared by a run first: plan --inputs does it now"
        )
        data["notes"].append(text)
    opened = _opened(job, found, probe)
    problems += [*_unstored(job, found, wanted.rests), *unopenable(opened["probed"] or ()), *_blocked(found)]
    data["estimate"] = _estimate(job, place, found, rows, opened["probed"] or ())
    return data | _clips(job, place, found) | _failed(rows, found) | opened


def _estimate(
    job: Job, place: Scope, found: Survey, rows: Mapping[str, Row], opened: Sequence[dict[str, Any]]
) -> dict[str, Any] | None:
    """Return how long the work takes and what it writes, as far as that is known; None where nothing is to do."""
    thought = estimate(job, place, found, rows, probed=frames(opened))
    return None if thought is None else thought.data()


def _compare(job: Job, place: Scope) -> tuple[MadeWith, ...]:
    """Refuse what the folder's results are not of; return what they are made with, and this run would be."""
    overwrite, accept = job.config["overwrite"], job.config["accept"] == "versions"
    changed = place.directory.compare(job.identity, job.writers(), overwrite)
    return place.directory.settle(made_with(job.config), overwrite, accept, bool(changed))


def _versions(job: Job, place: Scope, tools: Sequence[MadeWith]) -> list[str]:
    try:
        refuse_versions(place.directory.root, tools, made_with(job.config))
    except PosecfgError as error:
        return [str(error)]
    return []


def _clips(job: Job, place: Scope, found: Survey) -> dict[str, Any]:
    skipped = groups({row.id: row.reason for row in found.skipped})
    return {
        "output_dir": str(place.directory.root),
        "clips": len(place.clips),
        "done": len(found.done),
        "skipped": {group.reason: len(group.names) for group in skipped},
        "to_do": len(found.work),
        "why": dict(found.why),
        "ids": [work.clip.id for work in found.work],
        "again": {i: [todo.why, *todo.because] for i, todo in found.verdicts.items() if todo.why != "new"},
        "excluded": [{"name": item.name, "reason": item.reason} for item in place.excluded],
        "not_taken": {left.reason: left.number for left in tally(place.excluded)},
        "outputs": _outputs(job, place),
    }


def _outputs(job: Job, place: Scope) -> dict[str, str]:
    """Return where each writer would put the first clip's file."""
    if not place.clips:
        return {}
    first, every = place.clips[0], targets(job.config["writer"])
    found = {name: target(first.id) for name, target in every.items()}
    for name, part in listed(job.config, "writer").items():
        if part.facts.finishes:
            # The part that it keeps of a clip is not what the user wants.
            del found[name]
            writer = cast(Finishing, build(job.config["writer"][name], f"writer.{name}"))
            with suppress(PosecfgError):
                found |= {f"{name}{what}": file for what, file in writer.places(first).items()}
    return {name: str(place.directory.root / file) for name, file in found.items()}


def _failed(rows: Mapping[str, Row], found: Survey) -> dict[str, Any]:
    """Return the reasons of clips that failed before, and which of these failed because of their input, if known."""
    clips = (work.clip.id for work in found.work)
    failed = [rows[i] for i in clips if i in rows and rows[i].status == "failed"]
    return {
        "failed_before": {row.id: row.reason for row in failed},
        "unreadable_before": [row.id for row in failed if row.facts.get("unreadable")],
    }


def chain(job: Job) -> list[dict[str, Any]]:
    """Return the components in the order in which data pass them, with the skeletons between them."""
    config, steps = job.config, []
    for group in ("dataset", "sampler", "detector", "persons", "refine", "lifter", "writer", "metric"):
        if group in LISTS:
            names = list(config[group])
            if names:
                steps.append({"role": group, "option": ", ".join(names), "skeleton": None})
            continue
        step = {"role": group, "option": job.choices.get(group), "skeleton": None}
        if group == "detector":
            try:
                step["skeleton"] = skeleton(config)
            except PosecfgError:
                step["skeleton"] = None
        steps.append(step)
    return steps


def weights(job: Job) -> list[dict[str, Any]]:
    """Return the weights that the chain loads, with licence, size and whether they are here."""
    from posecfg.models.describe import row

    found = []
    for part in models(job.config):
        try:
            found += [row(name) for name in part.facts.weights]
        except PosecfgError:
            continue
    return found


def _opened(job: Job, found: Survey, probe: bool) -> dict[str, Any]:
    """Open every clip to do if ``probe`` is true, else return how many were never opened."""
    if not probe:
        return {"unopened": sum(work.attempt == 1 for work in found.work), "probed": None}
    return {"unopened": 0, "probed": probed(job, found.work)}


def _blocked(found: Survey) -> list[str]:
    """Name clips that a run would leave out, because files that posecfg did not write are in their places."""
    taken = [row for row in found.skipped if kind(row.reason) == TAKEN]
    if not taken:
        return []
    places = f"the places of {count(len(taken), 'clip')} are taken, first that of '{taken[0].id}'"
    begin = f"{count(len(taken), 'clip')} would be left out" if found.done or found.work else "Nothing would be written"
    return [f"{begin}: {places}, {taken[0].reason}"]


def _unstored(job: Job, found: Survey, rests: Rests | None) -> list[str]:
    """Say that the detector would replay poses that are not there."""
    lost = [work.clip.id for work in found.work if rests is not None and rests.lacks(work.clip.id)]
    if not lost:
        return []
    number = f"{len(lost):,} of {count(len(found.work), 'clip')}"
    return [
        f"detector={job.choices.get('detector')} has no stored poses of {number} to do, the first is '{lost[0]}': make "
        "them with writer=[npz] in a run of those clips, or choose another detector.path=."
    ]
