"""One clip from input to committed files: what a worker does for each clip it is given."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from posecfg.engine import fingerprint, reuse, sidecar
from posecfg.engine.chain import Chain, Gated, Tick
from posecfg.engine.commit import commit, undo
from posecfg.engine.files import Staging
from posecfg.engine.ledger import from_sidecar, was_gated
from posecfg.engine.record import Extracted, record, versions, why
from posecfg.engine.work import Desk, Outcome, Work
from posecfg.errors import ClipError, Dropped
from posecfg.protocols import Metric
from posecfg.types import Extraction


def extract(chain: Chain, desk: Desk, work: Work, tick: Tick) -> Extracted:
    """Read and extract; nothing is written yet."""
    began = time.time()
    facts = fingerprint.facts(work.clip)
    kept = _kept(desk, work, facts["sha256"])
    if kept is not None and kept["status"] == "skipped":
        refused = chain.gates.refuse(kept["facts"].get("duration"), kept["facts"].get("fps"))
        if refused or not was_gated(kept["facts"]):
            return Extracted(replace(work, writers=()), facts, began, kept | {"reason": refused or kept["reason"]})
        kept = None
    if kept is not None and chain.strict and kept["facts"].get("status", "complete") != "complete":
        warning = "; ".join(map(str, kept.get("warnings", ())))
        raise ClipError(f"'{work.clip.path}' is {warning} (strict=true refuses it).")
    if kept is not None and (
        not work.writers or chain.gates.refuse(kept["facts"].get("duration"), kept["facts"].get("fps"))
    ):
        # A finished clip outside the gates is left alone: they choose what is looked at, not what is kept.
        return Extracted(replace(work, writers=()), facts, began, kept)
    if kept is not None and kept.get("versions") != versions() and reuse.stored(desk.root, kept) is None:
        kept = None  # other libraries might see something else than the files that are there
    if kept is None:
        work = replace(work, writers=chain.products)
    done = Extracted(work, facts, began, kept)
    try:
        return replace(done, extraction=_extraction(chain, desk, done, tick))
    except Dropped as drop:
        found = drop.facts if isinstance(drop, Gated) else {}
        return replace(done, kept=None, reason=why(drop), facts=found)


def _kept(desk: Desk, work: Work, sha256: str) -> dict[str, Any] | None:
    """Return the clip's sidecar where it still holds for this input and configuration."""
    if not work.kept:
        return None
    data = sidecar.read(sidecar.place(desk.root, "clips", work.clip.id)).data
    if data is None or data["id"] != work.clip.id or data["identity"] != desk.identity:
        return None
    return data if data["input"]["sha256"] == sha256 else None


def _extraction(chain: Chain, desk: Desk, done: Extracted, tick: Tick) -> Extraction:
    """Read back what an earlier run stored of the clip, or run the chain."""
    clip = done.work.clip
    found = None if done.kept is None else reuse.stored(desk.root, done.kept)
    if found is not None:
        return replace(found, clip=clip, frames=lambda: iter(chain.open(clip)))
    about = {"identity": desk.identity, "input": done.input["sha256"], "versions": versions()}
    about |= {key: chain.video[key] for key in ("start", "end") if chain.video[key] is not None}
    return chain.extract(clip, about, tick)


def finish(chain: Chain, desk: Desk, done: Extracted) -> Outcome:
    """Write the files and the sidecar of an extracted clip; what fails half way leaves nothing behind."""
    work, clip_id = done.work, done.work.clip.id
    mark = sidecar.place(desk.root, "clips", clip_id)
    aside = desk.aside / sidecar.digest_name(clip_id)
    earlier = sidecar.read(mark).data
    owned = {*work.owned, *(sidecar.names(earlier) if earlier and earlier["id"] == clip_id else ())}
    stagings: dict[str, Staging] = {}
    data = record(desk.identity, done)
    rests = chain.depends(clip_id)
    if rests is not None:
        data["facts"] = {**data["facts"], "depends": rests}
    try:
        if done.extraction is not None:
            for name in work.writers:
                data["writers"][name] = {"identity": desk.writer_hashes[name], "files": []}
                if name in chain.metrics:
                    scores = data["facts"].get("scores", {}) | _scores(chain.metrics[name], done.extraction)
                    data["facts"] = {**data["facts"], "scores": scores}
                    continue
                stagings[name] = Staging(desk.root, aside / name, owned)
                chain.writers[name].write(done.extraction, stagings[name])
        _refuse_doubles(stagings, data)
        vouched = {f["name"] for w in data["writers"].values() for f in w["files"]}
        if done.kept is None:
            data["seconds"] = round(time.time() - done.began, 3)
        commit(desk.root, desk.part, data, stagings, aside / "sidecar.part", owned - vouched)
    except BaseException:
        undo(desk.root, sidecar.place(desk.root, f"intents{desk.part}", clip_id))
        raise
    finally:
        Staging(desk.root, aside).discard()
    stamp = mark.stat()
    timings = dict(done.extraction.timings) if done.extraction else {}
    row = from_sidecar(data, (stamp.st_size, stamp.st_mtime_ns))
    return Outcome(row, timings, data.get("device", ""), fresh=bool(done.extraction) or done.kept is None)


def _scores(metric: Metric, found: Extraction) -> dict[str, float]:
    """Hold a clip against its truth, where the dataset knows it; what is not defined for this clip is left out."""
    if found.clip.truth is None:
        return {}
    scores = metric(found, found.clip.truth(found.clock)).items()
    return {name: float(value) for name, value in scores if math.isfinite(value)}


def _refuse_doubles(stagings: Mapping[str, Staging], data: Mapping[str, Any]) -> None:
    seen = {f["name"] for name, w in data["writers"].items() if name not in stagings for f in w["files"]}
    for staging in stagings.values():
        for file in staging.written:
            if file.name in seen:
                raise ClipError(f"Two writers want the file '{file.name}': give one of them another path.")
            seen.add(file.name)
