"""One clip from input to committed files: what a worker does for each clip it is given."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from posecfg.components.calls import staying
from posecfg.errors import ClipError, Dropped, Unreadable
from posecfg.pipeline import stored_result
from posecfg.pipeline.annotations import FACT, POSES
from posecfg.pipeline.chain import Chain, Tick
from posecfg.pipeline.clip_publishing import Staged, publish
from posecfg.pipeline.clip_summary import Extracted, summarise, why
from posecfg.pipeline.clip_writers import aside_of, show_dropped, write_files
from posecfg.pipeline.film_feed import NamedFilm
from posecfg.pipeline.recall import Memo
from posecfg.pipeline.remembered_video import NotRemembered, UnseenFrames
from posecfg.pipeline.work import Destination, Outcome, Work
from posecfg.store import file_lists, fingerprint, record_files
from posecfg.store.clip_record import ClipRecord, InputRecord
from posecfg.store.ledger_row import OutputStamp, was_gated
from posecfg.store.replacing import Content
from posecfg.store.staging import Staging
from posecfg.timing import Laps, closed, measured, stages, summary
from posecfg.types import Clip, Extraction

MOST_NAMED = 9
"""Files that are named one by one where they stay."""


@staying()
def extract(chain: Chain, destination: Destination, work: Work, tick: Tick) -> Extracted:
    """Read and extract; nothing is written yet."""
    began = time.time()
    seen, rests = fingerprint.record(work.clip), chain.rests.record(work.clip.id)
    known, kept = chain.annotations.record(work.clip), _kept(chain, destination, work)
    if kept is not None and kept.status == "skipped" and not kept.writers:
        refused = _refused(chain, kept)
        if refused or not was_gated(kept.facts):
            kept = replace(kept, reason=refused or kept.reason)
            return Extracted(replace(work, writers=()), _still(seen, kept), began, kept, rests=rests)
        kept = None
    if kept is not None and chain.strict and kept.facts.get("status", "complete") != "complete":
        raise Unreadable(f"'{work.clip.path}' is {'; '.join(kept.warnings)} (strict=true refuses it).")
    if kept is not None and (not work.writers or _refused(chain, kept)):
        # A finished clip outside the gates is kept: gates choose what is processed.
        return Extracted(replace(work, writers=()), _still(seen, kept), began, kept, rests=rests)
    if kept is not None and _is_outdated(chain, destination, kept, work):
        kept = None  # other versions might find other poses than the files hold
    if kept is None:
        work = replace(work, writers=chain.products)
    done = Extracted(work, seen if kept is None else _still(seen, kept), began, kept, rests=rests, annotations=known)
    if chain.recall is not None:
        done = replace(done, memo=chain.recall.of(work.clip, done.input, known))
    try:
        return _extracted(chain, destination, done, tick)
    except Dropped as drop:
        facts = {**drop.facts, FACT: chain.annotations.added({}, known, [POSES])}
        done = replace(done, input=seen, kept=None, reason=why(drop), facts=facts)
        return replace(done, work=replace(work, writers=chain.products), sight=drop.sight) if drop.sight else done


def _refused(chain: Chain, kept: ClipRecord) -> str | None:
    return chain.gates.refuse(kept.facts.get("duration"), kept.facts.get("fps"))


def _is_outdated(chain: Chain, destination: Destination, kept: ClipRecord, work: Work) -> bool:
    """Tell whether all is to be made again, since other versions of packages would now make a part of it.

    Never where that would take files away that this run does not make: the record then names the difference.
    """
    if kept.made.get("versions") == chain.versions or not kept.writers.keys() <= {*chain.products}:
        return False
    return _stored(chain, destination, kept, work) is None


def _stored(chain: Chain, destination: Destination, kept: ClipRecord, work: Work) -> Extraction | None:
    """Return what an earlier run stored of a clip, if it is all that the writers of ``work`` need."""
    found = stored_result.stored(destination.root, kept)
    return found if found is not None and chain.serves(found, work.writers) else None


def _kept(chain: Chain, destination: Destination, work: Work) -> ClipRecord | None:
    """Return the clip's record where it still holds for this input and configuration."""
    record = record_files.read_clip(destination.root, work.clip.id) if work.kept else None
    if record is None or record.identity != destination.identity:
        return None
    if chain.annotations.outdated(work.clip, record.facts, [POSES]):
        return None
    return record if fingerprint.is_same(work.clip, record.input) else None


def _still(seen: InputRecord, kept: ClipRecord) -> InputRecord:
    """Return the input as it is now with the recorded hash: what was made of samples only is not known whole."""
    return replace(seen, sha256=kept.input.sha256, sampled=kept.input.sampled)


def _extracted(chain: Chain, destination: Destination, done: Extracted, tick: Tick) -> Extracted:
    """Read back what an earlier run stored of the clip, or run the chain, and write films on the way."""
    clip = done.work.clip
    found = None if done.kept is None else _stored(chain, destination, done.kept, done.work)
    if found is not None:
        return replace(done, extraction=replace(found, clip=clip, frames=chain.again(clip, found.clock)))
    about = {"identity": destination.identity, "input": done.input.content}
    about |= {key: chain.video[key] for key in ("start", "end") if chain.video[key] is not None}
    writers = {name: writer for name, writer in chain.films().items() if name in done.work.writers}
    owned, aside = _owned(destination, clip.id, done.work.owned), aside_of(destination, done.work)
    films = {name: Staging(destination.root, aside / name, owned, destination.inputs) for name in writers}
    try:
        pens = [NamedFilm(f"writer={name}", partial(writers[name].begin, clip, films[name])) for name in writers]
        look = partial(chain.extract, clip, about, tick, pens, done.memo)
        return replace(done, extraction=_looked_at(chain, look), films=films)
    except BaseException:
        Staging(destination.root, aside).discard()
        raise


def _looked_at(chain: Chain, extract: Callable[..., Extraction]) -> Extraction:
    """Extract a clip from what is remembered of it; decode it where that is too little, or a drop is to be shown."""
    try:
        return extract()
    except NotRemembered:
        pass
    except Dropped as drop:
        if not chain.showing or drop.sight is None or not isinstance(drop.sight.frames, UnseenFrames):
            raise
    return extract(pixels=True)


def _remember(clip: Clip, seen: InputRecord, memo: Memo | None) -> None:
    """Remember what was found of a clip whose input is what it was before it was read."""
    if memo is not None and fingerprint.stamp(clip) == fingerprint.stamp_of(seen):
        memo.keep()


def recalled(chain: Chain, clip: Clip, about: Mapping[str, Any], tick: Tick) -> Extraction:
    """Extract a clip for its caller alone, with the memory where the chain has one."""
    if chain.recall is None:
        return chain.extract(clip, about, tick)
    seen = fingerprint.record(clip)
    memo = chain.recall.of(clip, seen, chain.annotations.record(clip))
    try:
        return _looked_at(chain, partial(chain.extract, clip, about, tick, (), memo))
    finally:
        _remember(clip, seen, memo)


def _owned(destination: Destination, clip_id: str, known: Collection[OutputStamp]) -> dict[str, Content | None]:
    """Return the files that may be replaced, with what was written: those that this clip is known to have."""
    earlier = record_files.read_clip(destination.root, clip_id)
    recorded = {file.name for file in earlier.files} if earlier else set()
    others, _ = file_lists.names(destination.root, clip_id, (file for file in known if file[0] not in recorded))
    return {**dict.fromkeys(others), **(file_lists.contents(destination.root, earlier) if earlier else {})}


def _stale(destination: Destination, left: Mapping[str, Content | None]) -> tuple[dict[str, Content], list[str]]:
    """Return the files that the clip will not have any more, and what is said of those that stay all the same."""
    known = {name: content for name, content in left.items() if content is not None}
    stale = {name: content for name, content in known.items() if not destination.inputs.has(destination.root, name)}
    there = [name for name in sorted(left.keys() - stale.keys()) if os.path.lexists(destination.root / name)]
    why = {True: "it is an input", False: "no record tells that posecfg wrote it"}
    stay = [f"'{name}' stays: {why[name in known]}" for name in there[:MOST_NAMED]]
    return stale, [*stay, *([f"{len(there) - MOST_NAMED:,} other files stay"] if len(there) > MOST_NAMED else [])]


@staying()
def finish(chain: Chain, destination: Destination, done: Extracted, altered: list[str] | None = None) -> Outcome:
    """Write the files and the record of an extracted clip; on an error nothing of it is left.

    The names under which outputs are kept that were edited since are added to ``altered`` at once, as an error does not
    tell them.
    """
    return publish(destination, stage(chain, destination, done), altered)


@staying()
def stage(chain: Chain, destination: Destination, done: Extracted) -> Staged:
    """Write the files of an extracted clip aside; on an error nothing of it is left."""
    clip_id, found = done.work.clip.id, done.extraction
    aside, owned = aside_of(destination, done.work), _owned(destination, clip_id, done.work.owned)
    timings = dict(found.timings) if found is not None else {}
    try:
        with measured(Laps("write")) as timings["write"]:
            _remember(done.work.clip, done.input, done.memo)
            if found is not None:
                made = write_files(chain, destination, done, found, owned)
            else:
                made = show_dropped(chain, destination, done, owned)
            closed(done.frames)
        record = summarise(destination, done, made)
        record = replace(record, facts=_with_annotations(chain, done, record.facts))
        fingerprint.refuse_change(done.work.clip, done.input)
        chain.rests.refuse_change(clip_id, done.rests)
        chain.annotations.refuse_change(done.work.clip, done.annotations)
        names = file_lists.contents(destination.root, record)
        _refuse_doubles(made.stagings, names)
        if done.kept is None:
            record = replace(record, seconds=_since(done), made={**record.made, "timings": summary(timings)})
        now = {*names, *(file.name for staging in made.stagings.values() for file in staging.written)}
        stale, stay = _stale(destination, {k: v for k, v in owned.items() if k not in now})
    except BaseException:
        Staging(destination.root, aside).discard()
        raise
    return Staged(
        replace(record, warnings=(*record.warnings, *stay)),
        made.stagings,
        aside,
        stale,
        stages(timings),
        fresh=found is not None or done.kept is None,
        seconds=_since(done),
        helped=done.memo is not None and done.memo.helped,
    )


def _since(done: Extracted) -> float:
    return max(0.0, round(time.time() - done.began, 3))


def _with_annotations(chain: Chain, done: Extracted, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts that tell of which annotations the poses are, and what was made now."""
    names = (*([POSES] if done.kept is None else []), *(done.work.writers if done.extraction is not None else ()))
    made = chain.annotations.added(facts, done.annotations, names)
    rest = {name: value for name, value in facts.items() if name != FACT}
    return {**rest, FACT: made} if made else rest


def _refuse_doubles(stagings: Mapping[str, Staging], names: Mapping[str, Content | None]) -> None:
    """Refuse a file that two writers want; ``names`` are files of those that do not write now, as far as is known."""
    seen = {name for name, content in names.items() if content is not None}
    for staging in stagings.values():
        for file in staging.written:
            if file.name in seen:
                raise ClipError(f"Two writers want the file '{file.name}': give one of them another path.")
            seen.add(file.name)
