"""Estimate how long the work that is left takes, and how much it writes, by what earlier runs measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg import skeletons
from posecfg.components.identity import digest
from posecfg.components.parts import given_by, listed, skeleton, top
from posecfg.config.compose import Job
from posecfg.errors import PosecfgError
from posecfg.executors import capacity
from posecfg.runs import placement
from posecfg.runs.frames import Frames, frames_of
from posecfg.runs.measure import data_of, model_of, sampler_of
from posecfg.runs.remembering import folder
from posecfg.runs.resume import Survey
from posecfg.runs.scope import Scope
from posecfg.store import speeds
from posecfg.store.ledger_row import Row
from posecfg.store.speeds import Speed
from posecfg.text import count, size

UNKNOWN = "no run with this detector on this device was measured here"


@dataclass(frozen=True)
class Estimate:
    """What is thought of the work that is left: ``frames``, ``seconds`` and ``bytes``, None where they are not known.

    ``by`` says from what each was reckoned, or why it is not known; ``clips`` is how many it is about. ``speed`` is the
    run whose speed is taken, ``last`` the latest one that had an estimate.
    """

    clips: int
    frames: Frames
    seconds: float | None = None
    bytes: float | None = None
    by: Mapping[str, str] = field(default_factory=dict)
    rate: float | None = None
    last: Speed | None = None

    def data(self) -> dict[str, Any]:
        """Return it as JSON values."""
        last = self.last
        return {
            "clips": self.clips,
            "frames": None if self.frames.number is None else round(self.frames.number),
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "bytes": None if self.bytes is None else round(self.bytes),
            "frames_per_second": None if self.rate is None else round(self.rate, 1),
            "by": {"frames": self.frames.by, **self.by},
            "last": None if last is None else {"estimated": last.estimated, "took": round(last.took, 1)},
        }


def remembered(job: Job, place: Scope) -> list[Speed]:
    """Return what runs measured on this machine that this one could be like, the latest last."""
    own = speeds.place(place.directory.root, job.config["output_dir"])
    beside = speeds.place(Path("outputs", "any"), None)
    found = [one for path in dict.fromkeys([own, beside]) for one in speeds.read(path)]
    return sorted(found, key=lambda one: one.at)


def estimate(
    job: Job,
    place: Scope,
    found: Survey,
    rows: Mapping[str, Row],
    workers: int | None = None,
    probed: Mapping[str, float] | None = None,
) -> Estimate | None:
    """Return what is known of the work that ``found`` has left, None where there is none.

    ``rows`` are what is known of clips from before. ``workers`` are those that the run has, None for those that it
    would have. ``probed`` are the frames that films have, by clip.
    """
    if not found.work:
        return None
    known = remembered(job, place)
    like = [one for one in known if one.model == model_of(job)]
    frames = frames_of(job, found, rows, known, probed or {})
    last = next((one for one in reversed(known) if one.estimated is not None), None)
    by: dict[str, str] = {}
    written = _bytes(job, like, frames.number, by)
    clips = len(found.work)
    light = found.light
    if light:
        by["seconds"] = f"{count(light, 'clip')} may need no model, which no measured run tells of"
    elif not like:
        by["seconds"] = f"{UNKNOWN}: {'the next run does' if found.done else 'a run with limit=1 does, on one clip'}"
    elif frames.number is None:
        by["seconds"] = "the number of frames is not known: --probe counts them"
    else:
        number = placement.workers(job, clips) if workers is None else max(1, min(workers, clips))
        speed = max(like, key=lambda one: (_likeness(job, one, number), one.at))
        seconds, rate = _time(job, speed, clips, frames.number, number, by)
        return Estimate(clips, frames, seconds, written, by, rate, last)
    return Estimate(clips, frames, None, written, by, None, last)


def _likeness(job: Job, speed: Speed, workers: int) -> int:
    """Return how much of what makes a run fast or slow was the same, what matters most counting most."""
    writers = {digest(node) for node in job.writers().values()}
    same = [speed.sampler == sampler_of(job), speed.workers == workers, speed.data == data_of(job)]
    return sum(int(one) << (3 - place) for place, one in enumerate(same)) + int(writers == speed.bytes.keys())


def _time(job: Job, speed: Speed, clips: int, frames: float, workers: int, by: dict[str, str]) -> tuple[float, float]:
    """Return the seconds of a run, and its frames a second, as a measured one had them."""
    cores = capacity.cores()
    # A clip takes a worker: of three clips on two workers the last one is alone.
    busy = speed.clips / (math.ceil(speed.clips / speed.workers) * speed.workers)
    each = speed.frames / speed.seconds / max(1.0, min(speed.workers, cores) * busy)
    rounds = math.ceil(clips / workers) / clips * workers
    rate = each * min(workers, cores) / rounds
    told = f"a run of {speed.name or 'this detector'} had {speed.frames / speed.seconds:,.0f} frames/s"
    more = "" if speed.workers == workers else f", with {count(speed.workers, 'worker')} instead of {workers}"
    where = folder(job)
    less = "; less for clips whose detections are remembered" if where is not None and where.is_dir() else ""
    by["seconds"] = f"{told}{more}{less}"
    return speed.start + frames / rate, rate


def _bytes(job: Job, like: Sequence[Speed], frames: float | None, by: dict[str, str]) -> float | None:
    """Return what the writers of the work take on the disk; None where one of them cannot be told."""
    if frames is None:
        by["bytes"] = "the number of frames is not known"
        return None
    total, unknown, reckoned = 0.0, [], []
    writers, parts = job.writers(), listed(job.config, "writer")
    for name, part in parts.items():
        own = digest(writers[name])
        of = [one for one in like if own in one.bytes and one.sampler == sampler_of(job)]
        of = of or [one for one in like if own in one.bytes]
        if of:
            best = max(of, key=lambda one: (one.data == data_of(job), one.at))
            total += best.bytes[own] / best.frames * frames
            continue
        told = _of_format(job, part.facts.row_bytes)
        if told is None:
            unknown.append(name)
        else:
            reckoned.append(name)
            total += told * frames
    if unknown:
        rest = f"; the others take about {size(total)}" if total else ""
        by["bytes"] = f"no run of {', '.join(unknown)} was measured here{rest}"
        return None
    by["bytes"] = f"the format of {', '.join(reckoned)}" if reckoned else "what earlier runs wrote"
    return total


def _of_format(job: Job, row_bytes: Any) -> float | None:
    """Return the bytes of a row by what a writer knows of its format, for one person."""
    if row_bytes is None:
        return None
    try:
        name, given = skeleton(job.config), given_by(job.config)
        if name is None or given is None or not top(job.config, "persons").facts.single:
            return None
        return float(row_bytes(len(skeletons.load(name).keypoints), "xyz" in given))
    except PosecfgError:
        return None
