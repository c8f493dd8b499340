"""One clip from input to committed files: what a worker does for each clip it is given."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from posecfg.engine import fingerprint, sidecar
from posecfg.engine.chain import Chain, Gated, Tick, describe
from posecfg.engine.commit import commit
from posecfg.engine.files import Staging
from posecfg.engine.ledger import from_sidecar
from posecfg.engine.work import Desk, Outcome, Work
from posecfg.errors import ClipError, Dropped
from posecfg.types import Extraction
from posecfg.video.length import span_length

PACKAGES = ("posecfg", "numpy", "av", "mediapipe")


@dataclass(frozen=True)
class Extracted:
    """A clip between extraction and commit: either an extraction, or a reason to skip."""

    work: Work
    input: dict[str, Any]
    began: float
    extraction: Extraction | None = None
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    unchanged: bool = False


def extract(chain: Chain, desk: Desk, work: Work, tick: Tick) -> Extracted:
    """Read and extract; nothing is written yet."""
    began = time.time()
    facts = fingerprint.facts(work.clip)
    held = Extracted(work, facts, began)
    if work.compare is not None and facts["sha256"] == work.compare:
        if not work.writers:
            return replace(held, unchanged=True)
    elif work.compare is not None:
        work = replace(work, writers=tuple(chain.writers), kept=False, compare=None)
        held = replace(held, work=work)
    about = {"identity": desk.identity, "input": facts["sha256"], "versions": versions()}
    about |= {key: chain.video[key] for key in ("start", "end") if chain.video[key] is not None}
    try:
        extraction = chain.extract(work.clip, about, tick)
    except Dropped as drop:
        return replace(held, reason=str(drop), facts=drop.facts if isinstance(drop, Gated) else {})
    return replace(held, extraction=extraction)


def finish(chain: Chain, desk: Desk, done: Extracted) -> Outcome:
    """Write the files and the sidecar of an extracted clip."""
    work = done.work
    mark = sidecar.place(desk.root, "clips", work.clip.id)
    kept = sidecar.read(mark).data if work.kept or done.unchanged else None
    stagings: dict[str, Staging] = {}
    aside = desk.aside / sidecar.digest_name(work.clip.id)
    data = _record(desk, done, kept)
    try:
        if done.extraction is not None:
            for name in work.writers:
                stagings[name] = Staging(desk.root, aside / name, work.owned)
                chain.writers[name].write(done.extraction, stagings[name])
                data["writers"][name] = {"identity": desk.writer_hashes[name], "files": []}
        _refuse_doubles(stagings, data)
        vouched = {f["name"] for w in data["writers"].values() for f in w["files"]}
        data["seconds"] = round(time.time() - done.began, 3)
        commit(desk.root, desk.part, data, stagings, aside / "sidecar.part", set(work.owned) - vouched)
    finally:
        for staging in stagings.values():
            staging.discard()
        if aside.exists():
            Staging(desk.root, aside).discard()
    stamp = mark.stat()
    timings = dict(done.extraction.timings) if done.extraction else {}
    return Outcome(from_sidecar(data, (stamp.st_size, stamp.st_mtime_ns)), timings, data.get("device", ""))


def _refuse_doubles(stagings: Mapping[str, Staging], data: Mapping[str, Any]) -> None:
    seen = {f["name"] for name, w in data["writers"].items() if name not in stagings for f in w["files"]}
    for staging in stagings.values():
        for file in staging.written:
            if file.name in seen:
                raise ClipError(f"Two writers want the file '{file.name}': give one of them another path.")
            seen.add(file.name)


def _record(desk: Desk, done: Extracted, kept: dict[str, Any] | None) -> dict[str, Any]:
    """Return the sidecar, without the files of the writers that are about to write."""
    work, found = done.work, done.extraction
    data: dict[str, Any] = {
        "schema": sidecar.SCHEMA,
        "id": work.clip.id,
        "source": work.clip.source or work.clip.id,
        "status": "done" if found or done.unchanged else "skipped",
        "reason": done.reason,
        "identity": desk.identity,
        "input": done.input,
        "facts": done.facts,
        "writers": dict(kept["writers"]) if kept else {},
        "frames": 0,
        "attempt": work.attempt,
        "at": round(time.time(), 3),
    }
    if done.unchanged and kept:
        return {**kept, "input": done.input}
    if found is None:
        return data
    clock = found.clock
    usable = any(bool(track.valid.any()) for track in found.tracks)
    warnings = []
    if clock.status != "complete":
        warnings.append(f"{clock.status}: {describe(clock)}")
    if clock.source != "pts" and work.clip.scene is None and not work.clip.path.is_dir():
        warnings.append("the file has no time stamps: times follow its nominal rate")
    return {
        **data,
        "reason": "" if usable else f"no person found in any of {len(clock)} frames",
        "facts": {"duration": _length(found), "fps": clock.fps},
        "frames": len(clock),
        "people": len(found.tracks) if usable else 0,
        "start": work.clip.start,
        "end": work.clip.end,
        "meta": dict(work.clip.meta),
        "skeleton": found.skeleton.name,
        "meaning": {"score": found.meaning.score, "xyz": found.meaning.xyz, "depth": found.meaning.depth},
        "clock": _clock(found),
        "notes": dict(found.notes),
        "warnings": warnings,
        "device": found.about.get("device", ""),
        "weights": dict(found.about.get("weights", {})),
        "versions": versions(),
        "timings": {stage: round(seconds, 4) for stage, seconds in found.timings.items()},
    }


def _length(found: Extraction) -> float | None:
    """Return the length of the clip's own range, to hold against gates without opening the file again."""
    clip, duration = found.clip, found.clock.duration
    return span_length(clip, duration, found.about.get("start"), found.about.get("end"))


def _clock(found: Extraction) -> dict[str, Any]:
    clock = found.clock
    return {
        "rows": len(clock),
        "fps": clock.fps,
        "size": list(clock.size),
        "rotation": clock.rotation,
        "declared": clock.declared,
        "decoded": clock.decoded,
        "duration": clock.duration,
        "status": clock.status,
        "damaged": clock.damaged,
        "vfr": clock.vfr,
        "first": clock.first,
        "source": clock.source,
        "codec": clock.codec,
        "pixels": clock.pixels,
    }


@cache
def versions() -> dict[str, str]:
    """Return the versions of what can change a result."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
