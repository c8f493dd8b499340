"""One clip from input to committed files: what a worker does for each clip it is given."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg.errors import ClipError, Dropped, Unreadable
from posecfg.pipeline import stored_result
from posecfg.pipeline.chain import Chain, Tick
from posecfg.pipeline.clip_summary import Extracted, record, settle, why
from posecfg.pipeline.work import Destination, Outcome, Work
from posecfg.protocols import Metric
from posecfg.store import clip_record, fingerprint
from posecfg.store.commit import commit, undo
from posecfg.store.ledger import from_sidecar, was_gated
from posecfg.store.staging import Staging
from posecfg.timing import Laps, closed, measured, stages, summary
from posecfg.types import Extraction


def extract(chain: Chain, destination: Destination, work: Work, tick: Tick) -> Extracted:
    """Read and extract; nothing is written yet."""
    began = time.time()
    facts = fingerprint.facts(work.clip)
    kept = _kept(destination, work, facts["sha256"])
    if kept is not None and kept["status"] == "skipped" and not kept["writers"]:
        refused = chain.gates.refuse(kept["facts"].get("duration"), kept["facts"].get("fps"))
        if refused or not was_gated(kept["facts"]):
            return Extracted(replace(work, writers=()), facts, began, kept | {"reason": refused or kept["reason"]})
        kept = None
    if kept is not None and chain.strict and kept["facts"].get("status", "complete") != "complete":
        warning = "; ".join(map(str, kept.get("warnings", ())))
        raise Unreadable(f"'{work.clip.path}' is {warning} (strict=true refuses it).")
    if kept is not None and (
        not work.writers or chain.gates.refuse(kept["facts"].get("duration"), kept["facts"].get("fps"))
    ):
        # A finished clip outside the gates is left alone: they choose what is looked at, not what is kept.
        return Extracted(replace(work, writers=()), facts, began, kept)
    if (
        kept is not None
        and kept.get("versions") != chain.versions
        and stored_result.stored(destination.root, kept) is None
    ):
        kept = None  # other libraries might see something else than the files that are there
    if kept is None:
        work = replace(work, writers=chain.products)
    done = Extracted(work, facts, began, kept)
    try:
        return _extracted(chain, destination, done, tick)
    except Dropped as drop:
        return replace(done, kept=None, reason=why(drop), facts=dict(drop.facts))


def _kept(destination: Destination, work: Work, sha256: str) -> dict[str, Any] | None:
    """Return the clip's sidecar where it still holds for this input and configuration."""
    if not work.kept:
        return None
    data = clip_record.read(clip_record.place(destination.root, "clips", work.clip.id)).data
    if data is None or data["id"] != work.clip.id or data["identity"] != destination.identity:
        return None
    return data if data["input"]["sha256"] == sha256 else None


def _extracted(chain: Chain, destination: Destination, done: Extracted, tick: Tick) -> Extracted:
    """Read back what an earlier run stored of the clip, or run the chain, and write films on the way."""
    clip = done.work.clip
    found = None if done.kept is None else stored_result.stored(destination.root, done.kept)
    if found is not None:
        return replace(done, extraction=replace(found, clip=clip, frames=lambda: chain.again(clip, found.clock)))
    about = {"identity": destination.identity, "input": done.input["sha256"]}
    about |= {key: chain.video[key] for key in ("start", "end") if chain.video[key] is not None}
    writers = {name: writer for name, writer in chain.films().items() if name in done.work.writers}
    owned, aside = _owned(destination, clip.id, done.work.owned), _aside(destination, clip.id)
    films = {name: Staging(destination.root, aside / name, owned) for name in writers}
    try:
        pens = [writers[name].begin(clip, films[name]) for name in writers]
        return replace(done, extraction=chain.extract(clip, about, tick, pens), films=films)
    except BaseException:
        Staging(destination.root, aside).discard()
        raise


def _aside(destination: Destination, clip_id: str) -> Path:
    return destination.aside / clip_record.digest_name(clip_id)


def _owned(destination: Destination, clip_id: str, known: Collection[str]) -> set[str]:
    """Return the files that may be replaced: those that this clip is known to have."""
    earlier = clip_record.read(clip_record.place(destination.root, "clips", clip_id)).data
    return {*known, *(clip_record.names(earlier) if earlier and earlier["id"] == clip_id else ())}


def finish(chain: Chain, destination: Destination, done: Extracted) -> Outcome:
    """Write the files and the sidecar of an extracted clip; what fails half way leaves nothing behind."""
    work, clip_id = done.work, done.work.clip.id
    mark, aside = clip_record.place(destination.root, "clips", clip_id), _aside(destination, clip_id)
    owned = _owned(destination, clip_id, work.owned)
    found = done.extraction
    timings = dict(found.timings) if found is not None else {}
    data = record(destination.identity, done)
    refused: dict[str, str] = {}
    rests = chain.depends(clip_id)
    if rests is not None:
        data["facts"] = {**data["facts"], "depends": rests}
    try:
        with measured(Laps("write")) as timings["write"]:
            stagings = {} if found is None else _write(chain, destination, done, found, data, owned, refused)
            closed(data["frames"])
        written = tuple(file.name for staging in stagings.values() for file in staging.written)
        if found is not None:
            settle(data, found, next(iter(refused.values()), ""), wrote=not stagings.keys() <= refused.keys())
        data["facts"] = _with_clipped(data["facts"], stagings)
        _refuse_doubles(stagings, data)
        data["warnings"] = list(dict.fromkeys([*data.get("warnings", ()), *_warnings(stagings)]))
        vouched = {f["name"] for w in data["writers"].values() for f in w["files"]}
        if done.kept is None:
            data["seconds"] = round(time.time() - done.began, 3)
            data["timings"] = summary(timings)
        commit(destination.root, destination.part, data, stagings, aside / "sidecar.part", owned - vouched)
    except BaseException:
        undo(destination.root, clip_record.place(destination.root, f"intents{destination.part}", clip_id))
        raise
    finally:
        Staging(destination.root, aside).discard()
    stamp = mark.stat()
    row = from_sidecar(data, (stamp.st_size, stamp.st_mtime_ns))
    fresh = found is not None or done.kept is None
    return Outcome(row, stages(timings), data.get("device", ""), fresh, written)


def _write(
    chain: Chain,
    destination: Destination,
    done: Extracted,
    found: Extraction,
    data: dict[str, Any],
    owned: set[str],
    refused: dict[str, str],
) -> dict[str, Staging]:
    """Let each writer write, but for the films that are there; metrics put their scores into ``data``.

    ``refused`` takes the reason of each writer that has nothing to write.
    """
    stagings: dict[str, Staging] = {}
    for name in done.work.writers:
        data["writers"][name] = {"identity": destination.writer_hashes[name], "files": []}
        if name in chain.metrics:
            scores = data["facts"].get("scores", {}) | _scores(chain.metrics[name], found)
            data["facts"] = {**data["facts"], "scores": scores}
        elif name in done.films:
            stagings[name] = done.films[name]
        else:
            stagings[name] = Staging(destination.root, _aside(destination, done.work.clip.id) / name, owned)
            try:
                chain.writers[name].write(found, stagings[name])
            except Dropped as drop:
                refused[name] = why(drop)
    return stagings


def _scores(metric: Metric, found: Extraction) -> dict[str, float]:
    """Hold a clip against its truth, where the dataset knows it; what is not defined for this clip is left out."""
    if found.clip.truth is None:
        return {}
    scores = metric(found, found.clip.truth(found.clock)).items()
    return {name: float(value) for name, value in scores if math.isfinite(value)}


def _warnings(stagings: Mapping[str, Staging]) -> list[str]:
    """Return what writers had to leave out."""
    said = (file.about.get("warning") for staging in stagings.values() for file in staging.written)
    return [str(text) for text in said if text]


def _with_clipped(facts: dict[str, Any], stagings: Mapping[str, Staging]) -> dict[str, Any]:
    """Return ``facts`` with how many numbers each writer that clips brought within bounds; the others' stay."""
    found = {name: number for name, number in facts.get("clipped", {}).items() if name not in stagings}
    for name, staging in stagings.items():
        numbers = [file.about["clipped"] for file in staging.written if "clipped" in file.about]
        if numbers:
            found[name] = sum(numbers)
    rest = {key: value for key, value in facts.items() if key != "clipped"}
    return rest | {"clipped": found} if found else rest


def _refuse_doubles(stagings: Mapping[str, Staging], data: Mapping[str, Any]) -> None:
    seen = {f["name"] for name, w in data["writers"].items() if name not in stagings for f in w["files"]}
    for staging in stagings.values():
        for file in staging.written:
            if file.name in seen:
                raise ClipError(f"Two writers want the file '{file.name}': give one of them another path.")
            seen.add(file.name)
