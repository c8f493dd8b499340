"""Reckon how many frames the work that is left has, without opening a film."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from posecfg.config.compose import Job
from posecfg.runs.measure import sampler_of
from posecfg.runs.resume import Survey
from posecfg.store.ledger_row import Row
from posecfg.store.speeds import Speed
from posecfg.types import Clip

SAMPLE = 200
"""Clips that are looked at: of 10,000 a look at each would take as long as the plan."""


@dataclass(frozen=True)
class Frames:
    """How many frames are looked at, None where that is not known, and what tells it."""

    number: float | None
    by: str


@dataclass(frozen=True)
class _Share:
    """Rows that were made of films, with what these had: frames, seconds and bytes."""

    rows: float = 0.0
    frames: float = 0.0
    seconds: float = 0.0
    bytes: float = 0.0


def frames_of(
    job: Job, found: Survey, rows: Mapping[str, Row], known: Sequence[Speed], probed: Mapping[str, float]
) -> Frames:
    """Return how many frames the clips to do have: as recorded in ``rows``, as ``probed``, or as those that are done.

    ``known`` are runs that were measured.
    """
    share = _share(job, found.done, known)
    earlier = {work.clip.id: rows[work.clip.id] for work in found.work if work.clip.id in rows} if rows else {}
    recorded = {name: _recorded(row, job.hash, share) for name, row in earlier.items() if row.frames}
    rest = [work.clip for work in found.work if work.clip.id not in recorded]
    total = sum(recorded.values())
    if not rest:
        return Frames(total, "their records")
    step = max(1, len(rest) // SAMPLE)
    some = rest[::step]
    for told, number in _ways(some, share, probed):
        if number is not None:
            return Frames(total + number * len(rest) / len(some), told)
    return Frames(None, "films that were never opened: --probe counts their frames")


def _recorded(row: Row, identity: str, share: _Share) -> float:
    """Return how many rows a clip will have; those of another configuration may have been chosen otherwise."""
    duration, fps = row.facts.get("duration"), row.facts.get("fps")
    if row.identity == identity or not share.frames or not duration or not fps:
        return float(row.frames)
    return float(duration) * float(fps) * share.rows / share.frames


def _share(job: Job, done: Sequence[Row], known: Sequence[Speed]) -> _Share:
    """Return what clips of this data set that are done had, or else those of the latest run with this sampler."""
    rows = [row for row in islice(done, SAMPLE) if row.frames and "duration" in row.facts]
    if rows:
        facts = [(float(row.facts["duration"] or 0), float(row.facts.get("fps") or 0)) for row in rows]
        return _Share(
            sum(row.frames for row in rows),
            sum(length * fps for length, fps in facts),
            sum(length for length, _ in facts),
            sum(row.input.size for row in rows if row.input is not None),
        )
    of = [one for one in known if one.sampler == sampler_of(job)]
    if not of:
        return _Share()
    last = of[-1]
    return _Share(last.frames, last.film_frames, last.film_seconds, last.input_bytes)


def _ways(clips: Sequence[Clip], share: _Share, probed: Mapping[str, float]) -> Iterator[tuple[str, float | None]]:
    """Yield the ways to tell the rows of clips, the surest first; None where one does not tell."""
    each = share.rows / share.frames if share.frames else None
    opened = [probed.get(clip.id) for clip in clips]
    if probed and None not in opened:
        whole = sum(number for number in opened if number is not None)
        yield "their films" if each else "their films, of which the sampler may leave some out", whole * (each or 1.0)
    scenes = [number for clip in clips if isinstance(number := getattr(clip.scene, "frames", None), int)]
    if len(scenes) == len(clips):
        yield "the data set", sum(scenes) * (each or 1.0)
    lengths = [None if clip.start is None or clip.end is None else clip.end - clip.start for clip in clips]
    if share.seconds and None not in lengths and not any(clip.counted for clip in clips):
        yield "their lengths", sum(filter(None, lengths)) * share.rows / share.seconds
    if share.bytes and all(clip.start is None and clip.end is None and clip.scene is None for clip in clips):
        sizes = list(_sizes(clips))
        if sizes:
            number = sum(sizes) / len(sizes) * len(clips) * share.rows / share.bytes
            yield "the sizes of their files, like those that were made", number


def _sizes(clips: Iterable[Clip]) -> Iterator[int]:
    for clip in clips:
        with suppress(OSError):
            if (size := os.stat(clip.path)).st_size and not clip.path.is_dir():
                yield size.st_size
