"""What a sidecar says of one clip."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from posecfg.errors import Dropped
from posecfg.pipeline.chain import describe
from posecfg.pipeline.work import Work
from posecfg.store import clip_record, fingerprint
from posecfg.store.staging import Staging
from posecfg.text import sentence
from posecfg.types import Extraction
from posecfg.video.span import span_length
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
        "schema": clip_record.SCHEMA,
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
    if "second_score" in found.notes:
        data["facts"] |= {"second_score": found.notes["second_score"]}
    return data | _result(work, found)


def settle(data: dict[str, Any], found: Extraction, refused: str, wrote: bool) -> None:
    """Call a clip skipped where all its writers ``refused`` to write, and done once one of them ``wrote``."""
    if wrote and data["status"] == "skipped":
        data |= {"status": "done", "reason": _nobody(found)}
    elif refused and not wrote and not any(writer["files"] for writer in data["writers"].values()):
        data |= {"status": "skipped", "reason": refused}


def _nobody(found: Extraction) -> str:
    """Say that nobody was found, where that is so."""
    if any(bool(track.valid.any()) for track in found.tracks):
        return ""
    return f"no person was found: {len(found.clock)} frames were looked at"


def _result(work: Work, found: Extraction) -> dict[str, Any]:
    clock, about = found.clock, found.about
    nobody = _nobody(found)
    return {
        "reason": nobody,
        "frames": len(clock),
        "people": 0 if nobody else len(found.tracks),
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
    late = _late(found)
    if late is not None:
        warnings.append(f"ends {late:.1f} s after the film" if late >= 1 else f"ends {late:.2g} s after the film")
    lost = found.notes.get("frames_unmatched", 0)
    if lost:
        text = f"{lost} frames show somebody else than the person followed: persons.follow=false takes everybody found"
        warnings.append(text)
    return warnings


def _late(found: Extraction) -> float | None:
    """Return how many seconds the clip goes on behind the end of its film, None where that is one frame or less."""
    clip, clock = found.clip, found.clock
    ends = [float(end) for end in (clip.end, found.about.get("end")) if end is not None]
    if clip.end is None or not len(clock) or clock.fps <= 0:
        return None
    end, frame = min(ends), 1 / clock.fps
    known = [] if clock.duration is None else [clock.duration]
    times = [float(time) for time in clock.times]
    widest = max((b - a for a, b in pairwise(times)), default=0.0)
    # Some containers declare the end of their sound; then the frames tell, where no row is missing at the end.
    if clock.status == "complete" and not clock.vfr and end - times[-1] > frame + widest:
        known.append(clock.decoded * frame)
    late = end - min(known, default=end)
    return late if late > 1.001 * frame else None


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
