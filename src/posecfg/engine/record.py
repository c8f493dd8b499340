"""What a sidecar says of one clip."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posecfg.engine import fingerprint, sidecar
from posecfg.engine.chain import describe
from posecfg.engine.files import Staging
from posecfg.engine.work import Work, sentence
from posecfg.errors import Dropped
from posecfg.types import Extraction
from posecfg.video.length import span_length
from posecfg.writers.jsontext import plain


@dataclass(frozen=True)
class Extracted:
    """A clip between extraction and commit.

    ``kept`` is the sidecar that stays in force, in which only the files of ``work.writers`` are replaced. Otherwise
    there is an extraction, or a reason to skip with the facts behind it. ``films`` are files already written, by the
    writer's name.
    """

    work: Work
    input: dict[str, Any]
    began: float
    kept: dict[str, Any] | None = None
    extraction: Extraction | None = None
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    films: Mapping[str, Staging] = field(default_factory=dict)


def record(identity: str, done: Extracted) -> dict[str, Any]:
    """Return the sidecar, without the files of the writers that are about to write."""
    work, found = done.work, done.extraction
    made = {"input": done.input, "attempt": work.attempt, "at": time.time()}
    if done.kept is not None:
        return {**done.kept, **made, "writers": dict(done.kept["writers"])}
    data: dict[str, Any] = {
        "schema": sidecar.SCHEMA,
        "id": work.clip.id,
        "source": work.clip.source or work.clip.id,
        "status": "skipped" if found is None else "done",
        "reason": done.reason,
        "identity": identity,
        **made,
        "facts": {**done.facts, **fingerprint.part(work.clip)},
        "writers": {},
        "frames": 0,
        "seconds": 0.0,
    }
    if found is None:
        return data
    data["facts"] |= {"duration": _length(found), "fps": found.clock.fps, "status": found.clock.status}
    return data | _result(work, found)


def _result(work: Work, found: Extraction) -> dict[str, Any]:
    clock, about = found.clock, found.about
    usable = any(bool(track.valid.any()) for track in found.tracks)
    return {
        "reason": "" if usable else f"no person found in any of {len(clock)} frames",
        "frames": len(clock),
        "people": len(found.tracks) if usable else 0,
        "meta": plain(work.clip.meta),
        "skeleton": found.skeleton.name,
        "meaning": {"score": found.meaning.score, "xyz": found.meaning.xyz, "depth": found.meaning.depth},
        "clock": {"rows": len(clock), **_clock(found)},
        "notes": plain(found.notes),
        "warnings": _warnings(work, found),
        "device": about.get("device", ""),
        "weights": dict(about.get("weights", {})),
        "versions": dict(found.about.get("versions", {})),
    }


def _warnings(work: Work, found: Extraction) -> list[str]:
    warnings, clock = [], found.clock
    if clock.status != "complete":
        warnings.append(f"{clock.status}: {describe(clock)}")
    if clock.source != "pts" and work.clip.scene is None and not work.clip.path.is_dir():
        warnings.append("the file has no time stamps: times follow its nominal rate")
    lost = found.notes.get("frames_unmatched", 0)
    if lost:
        text = f"{lost} frames show somebody else than the person followed: persons.follow=false takes everybody found"
        warnings.append(text)
    return warnings


def _length(found: Extraction) -> float | None:
    """Return the length of the clip's own range, to hold against gates without opening the file again."""
    clip, duration = found.clip, found.clock.duration
    return span_length(clip, duration, found.about.get("start"), found.about.get("end"))


def _clock(found: Extraction) -> dict[str, Any]:
    clock: Mapping[str, Any] = vars(found.clock)
    return {name: plain(value) for name, value in clock.items() if name not in ("indices", "times")}


def why(drop: Dropped) -> str:
    """Return the reason of a drop as one line."""
    return sentence(drop).removeprefix(f"{type(drop).__name__}: ")
