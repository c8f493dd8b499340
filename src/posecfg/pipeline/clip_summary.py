"""Make the record of one clip: what was done, what came of it, and what the user should hear of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from posecfg.errors import Dropped
from posecfg.pipeline.chain import describe
from posecfg.pipeline.work import Destination, Work
from posecfg.store import fingerprint
from posecfg.store.clip_record import ClipRecord, InputRecord, WriterRecord
from posecfg.store.staging import Staging
from posecfg.text import count, sentence
from posecfg.types import Clip, Extraction
from posecfg.video.span import span_length
from posecfg.video.suffixes import IMAGES
from posecfg.writers.jsontext import plain


@dataclass(frozen=True)
class Extracted:
    """A clip between extraction and commit.

    ``kept`` is the record that stays in force, in which only the files of ``work.writers`` are replaced. Otherwise
    there is an extraction, or a reason to skip with the facts behind it. ``films`` are files already written, by the
    writer's name. ``rests`` is what is recorded of the file that the detector reads besides the clip.
    """

    work: Work
    input: InputRecord
    began: float
    kept: ClipRecord | None = None
    extraction: Extraction | None = None
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    films: Mapping[str, Staging] = field(default_factory=dict)
    rests: list[Any] | None = None

    @property
    def frames(self) -> int:
        """How many rows the clip has."""
        if self.kept is not None:
            return self.kept.frames
        return 0 if self.extraction is None else len(self.extraction.clock)


@dataclass(frozen=True)
class Written:
    """What writers and metrics made of a clip: files still aside, scores, and why writers had nothing to write."""

    stagings: Mapping[str, Staging] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_something(self) -> bool:
        """Whether a writer wrote."""
        return not self.stagings.keys() <= self.refused.keys()


def summarise(destination: Destination, done: Extracted, made: Written) -> ClipRecord:
    """Return the clip's record, without its token and the files that are still aside."""
    found = done.extraction
    record = _kept(done, done.kept) if done.kept is not None else _new(destination, done)
    hashes = destination.writer_hashes
    new = {name: WriterRecord(hashes[name], refused=made.refused.get(name, "")) for name in _asked(done)}
    writers = {**record.writers, **new}
    record = replace(record, writers=writers, facts=_facts(record.facts, made, done.rests))
    if found is not None:
        record = _settled(record, found, made)
    mixed = _mixed(done.kept, found, done.work.writers) if done.kept is not None and found is not None else []
    told = (file.about.get("warning") for staging in made.stagings.values() for file in staging.written)
    warnings = dict.fromkeys([*record.warnings, *mixed, *(str(text) for text in told if text)])
    return replace(record, warnings=tuple(warnings))


def _mixed(kept: ClipRecord, found: Extraction, names: Sequence[str]) -> list[str]:
    """Say that files of some writers were made with other versions of packages than those that stay."""
    before, now = kept.made.get("versions", {}), found.about.get("versions", {})
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    stay = [name for name, writer in kept.writers.items() if writer.files and name not in names]
    if not changed or not stay:
        return []
    told = ", ".join(f"{name} {now.get(name, 'absent')}, before {before.get(name, 'absent')}" for name in changed)
    return [f"{', '.join(names)} made with other versions than {', '.join(stay)} ({told}): redo=true makes all alike"]


def _asked(done: Extracted) -> tuple[str, ...]:
    return done.work.writers if done.extraction is not None else ()


def _kept(done: Extracted, kept: ClipRecord) -> ClipRecord:
    return replace(kept, input=done.input, attempt=done.work.attempt, at=time.time())


def _new(destination: Destination, done: Extracted) -> ClipRecord:
    clip, found = done.work.clip, done.extraction
    record = ClipRecord(
        id=clip.id,
        source=clip.source or clip.id,
        status="skipped" if found is None else "done",
        reason=done.reason,
        identity=destination.identity,
        input=done.input,
        attempt=done.work.attempt,
        at=time.time(),
        facts={**done.facts, **fingerprint.part(clip), "made_with": destination.made_with.digest},
    )
    return record if found is None else _with_result(record, done.work, found)


def _facts(facts: Mapping[str, Any], made: Written, rests: list[Any] | None) -> dict[str, Any]:
    """Return ``facts`` with what writers and metrics found; what those said that did not write now stays."""
    own = dict(facts)
    if rests is not None:
        own["depends"] = rests
    if made.scores:
        own["scores"] = {**own.get("scores", {}), **made.scores}
    clipped = {name: number for name, number in own.pop("clipped", {}).items() if name not in made.stagings}
    for name, staging in made.stagings.items():
        numbers = [file.about["clipped"] for file in staging.written if "clipped" in file.about]
        if numbers:
            clipped[name] = sum(numbers)
    return own | {"clipped": clipped} if clipped else own


def _settled(record: ClipRecord, found: Extraction, made: Written) -> ClipRecord:
    """Call a clip skipped where all its writers refused to write, and done once one of them wrote."""
    if made.is_something and record.status == "skipped":
        return replace(record, status="done", reason=_no_person(found))
    if made.refused and not made.is_something and not any(writer.files for writer in record.writers.values()):
        return replace(record, status="skipped", reason=next(iter(made.refused.values())))
    return record


def _no_person(found: Extraction) -> str:
    """Return the reason of a clip in which no person was found, or an empty text."""
    if any(bool(track.valid.any()) for track in found.tracks):
        return ""
    return f"no person was found: {len(found.clock)} frames were looked at"


def _with_result(record: ClipRecord, work: Work, found: Extraction) -> ClipRecord:
    clock, about, empty = found.clock, found.about, _no_person(found)
    facts: dict[str, Any] = {
        "duration": _length(found),
        "fps": clock.fps,
        "status": clock.status,
        "rows_missing": _missing(found),
    }
    facts |= {"pixel_aspect": list(clock.pixel_aspect)}
    if "second_score" in found.notes:
        facts |= {"second_score": found.notes["second_score"]}
    return replace(
        record,
        reason=empty,
        frames=len(clock),
        facts={**record.facts, **facts},
        warnings=tuple(_warnings(work, found)),
        made={
            "people": 0 if empty else len(found.tracks),
            "meta": plain(work.clip.meta),
            "skeleton": found.skeleton.name,
            "meaning": {"score": found.meaning.score, "xyz": found.meaning.xyz, "depth": found.meaning.depth},
            "clock": {"rows": len(clock), **_clock(found)},
            "notes": plain(found.notes),
            "device": about.get("device", ""),
            "weights": dict(about.get("weights", {})),
            "versions": dict(about.get("versions", {})),
        },
    )


def _missing(found: Extraction) -> int:
    """Return how many rows hold no person at all, found or made up."""
    rows = len(found.clock)
    there = [any(bool(track.valid[row] or track.made[row]) for track in found.tracks) for row in range(rows)]
    return rows - sum(there)


def _warnings(work: Work, found: Extraction) -> list[str]:
    warnings, clock = [], found.clock
    if clock.status != "complete":
        warnings.append(f"{clock.status}: {describe(clock)}")
    if clock.source != "pts" and not _is_timeless(work.clip):
        warnings.append("the file has no time stamps: times follow its nominal rate")
    ignored = found.notes.get("ignored_pixel_aspect")
    if ignored:
        text = f"its pixels are said to be {ignored[0]}:{ignored[1]}, which cannot be right: they are read as square"
        warnings.append(text)
    angle = found.notes.get("ignored_angle")
    if angle is not None:
        text = f"it is said to be turned by {angle} degrees, which is no quarter turn: its pictures are turned by"
        warnings.append(f"{text} {clock.rotation}")
    restarts, sizes = found.notes.get("clock_restarts", 0), found.notes.get("size_changes", 0)
    if restarts:
        text = f"its clock is set back {count(restarts, 'time')}, as where recordings were joined"
        warnings.append(f"{text}: times go on there by one frame")
    if sizes:
        warnings.append(f"its pictures change their size {count(sizes, 'time')}: all are scaled to that of the first")
    late = _late(found)
    if late is not None:
        warnings.append(f"ends {late:.1f} s after the film" if late >= 1 else f"ends {late:.2g} s after the film")
    lost = found.notes.get("frames_unmatched", 0)
    if lost:
        where = f"the person followed is missing in {count(lost, 'frame')} that show other people"
        warnings.append(f"{where}: persons.follow=false chooses anew in each frame")
    return warnings


def _is_timeless(clip: Clip) -> bool:
    """Tell whether times cannot be expected of a clip: it is computed, or pictures."""
    return clip.scene is not None or clip.path.is_dir() or clip.path.suffix.lower().lstrip(".") in IMAGES


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
