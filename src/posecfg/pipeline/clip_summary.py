"""Make the record of one clip: what was done, what came of it, and what the user should hear of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from posecfg.errors import Dropped
from posecfg.metrics.quality import Quality
from posecfg.pipeline.annotations import Known
from posecfg.pipeline.clip_warnings import told
from posecfg.pipeline.recall import Memo
from posecfg.pipeline.work import Destination, Work
from posecfg.store import fingerprint
from posecfg.store.clip_record import ClipRecord, InputRecord, WriterRecord
from posecfg.store.staging import Staging
from posecfg.text import sentence
from posecfg.types import Extraction, Sight
from posecfg.video.span import span_length
from posecfg.writers.jsontext import plain

MEASURE = Quality()
# Of a score in a record; what reports compute with is not rounded.
PLACES = 6


@dataclass(frozen=True)
class Extracted:
    """A clip between extraction and commit.

    ``kept`` is the record that stays in force, in which only the files of ``work.writers`` are replaced. Otherwise
    there is an extraction, or a reason to skip with the facts behind it. ``films`` are files already written, by the
    writer's name. ``rests`` is what is recorded of the file that the detector reads besides the clip, and
    ``annotations`` what is of those of the clip. ``sight`` is the frame for which a policy dropped the clip,
    ``memo`` what is remembered of the clip.
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
    annotations: Known | None = None
    sight: Sight | None = None
    memo: Memo | None = None

    @property
    def frames(self) -> int:
        """How many rows the clip has."""
        if self.kept is not None:
            return self.kept.frames
        return 0 if self.extraction is None else len(self.extraction.clock)


@dataclass(frozen=True)
class Written:
    """What writers and metrics made of a clip: files still aside, scores, and why writers had nothing to write.

    ``sums`` are the partials of metrics that say how clips combine, by the metric's name, as they are recorded;
    ``scored`` is what reports need to know of scores beside them.
    """

    stagings: Mapping[str, Staging] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scored: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_something(self) -> bool:
        """Whether a writer wrote."""
        return not self.stagings.keys() <= self.refused.keys()


def summarise(destination: Destination, done: Extracted, made: Written) -> ClipRecord:
    """Return the clip's record, without its token and the files that are still aside."""
    found = done.extraction
    record = _kept(done, done.kept) if done.kept is not None else _new(destination, done)
    hashes = destination.writer_hashes
    new = {name: WriterRecord(hashes[name], refused=made.refused.get(name, "")) for name in _asked(done, made)}
    writers = {**record.writers, **new}
    record = replace(record, writers=writers, facts=_facts(record.facts, made, done.rests))
    if found is not None:
        record = _settled(record, found, made)
    if done.kept is None or new:
        record = _configured(record, destination.configuration)
    mixed = _mixed(done.kept, found, done.work.writers) if done.kept is not None and found is not None else []
    heard = (file.about.get("warning") for staging in made.stagings.values() for file in staging.written)
    warnings = dict.fromkeys([*record.warnings, *mixed, *(str(text) for text in heard if text)])
    return replace(record, warnings=tuple(warnings))


def _configured(record: ClipRecord, configuration: str) -> ClipRecord:
    """Name the configuration of a run among those that the clip's files were made with."""
    known = [name for name in record.made.get("configurations", ()) if name != configuration]
    return replace(record, made={**record.made, "configurations": [*known, configuration]}) if configuration else record


def _mixed(kept: ClipRecord, found: Extraction, names: Sequence[str]) -> list[str]:
    """Say that files of some writers were made with other versions of packages than those that stay."""
    before, now = kept.made.get("versions", {}), found.about.get("versions", {})
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    stay = [name for name, writer in kept.writers.items() if writer.files and name not in names]
    if not changed or not stay:
        return []
    told = ", ".join(f"{name} {now.get(name, 'absent')}, before {before.get(name, 'absent')}" for name in changed)
    return [f"{', '.join(names)} made with other versions than {', '.join(stay)} ({told}): redo=true makes all alike"]


def _asked(done: Extracted, made: Written) -> tuple[str, ...]:
    """Return the writers that were asked; of a clip that was dropped, those that showed it and those that refused."""
    return done.work.writers if done.extraction is not None else (*made.refused, *made.stagings)


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
    if made.sums:
        kinds = {"score_sums": False, "score_arrays": True}
        for fact, packed in kinds.items():
            parts = {n: {k: v for k, v in p.items() if isinstance(v, dict) is packed} for n, p in made.sums.items()}
            # What an earlier result of a metric said is no more, also where there is nothing of it now.
            own[fact] = {n: part for n, part in {**own.get(fact, {}), **parts}.items() if part}
        own = {name: value for name, value in own.items() if name not in kinds or value}
    if made.scored:
        own["scored"] = {**own.get("scored", {}), **made.scored}
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
    clock, about, empty, measured = found.clock, found.about, _no_person(found), MEASURE.partial(found)
    facts: dict[str, Any] = {
        "duration": _length(found),
        "fps": clock.fps,
        "status": clock.status,
        "rows_missing": _missing(found),
        "tracks": 0 if empty else len(found.tracks),
        "quality_sums": measured,
    }
    facts |= {"pixel_aspect": list(clock.pixel_aspect)}
    if made := _made(found):
        facts["rows_made"] = made
    if "second_score" in found.notes:
        facts |= {"second_score": found.notes["second_score"]}
    return replace(
        record,
        reason=empty,
        frames=len(clock),
        facts={**record.facts, **facts},
        warnings=tuple(told(work.clip, found)),
        made={
            "people": 0 if empty else len(found.tracks),
            "meta": plain(work.clip.meta),
            "quality": {name: round(value, PLACES) for name, value in MEASURE.scores(measured).items()},
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


def _made(found: Extraction) -> int:
    """Return how many rows hold a person who was made up, not found."""
    return sum(any(bool(track.made[row]) for track in found.tracks) for row in range(len(found.clock)))


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
