"""Measure a run by its events, to tell how long the next one will take."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from posecfg.components.identity import digest
from posecfg.config.compose import Job
from posecfg.executors.protocol import Event, Finished, Started
from posecfg.pipeline.work import Outcome
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.store import speeds
from posecfg.store.speeds import Speed

FEW = 0.1
"""Share of clips that may fail in a run whose speed counts."""


def model_of(job: Job) -> str:
    """Return what stands for the models of a job, where they run and on how many threads."""
    told = {key: job.identity.get(key) for key in ("detector", "refine", "lifter", "device")}
    device = {key: job.config["device"].get(key) for key in ("name", "precision", "threads")}
    return digest({**told, "device": device})


def sampler_of(job: Job) -> str:
    """Return what stands for the choice of frames."""
    video = {key: job.config["video"][key] for key in ("start", "end")}
    return digest([job.identity.get("sampler"), video])


def data_of(job: Job) -> str:
    """Return what stands for the data set: its kind and its place."""
    node = job.config["dataset"]
    return digest([node.get("_target_"), {key: str(value) for key, value in node.items() if key != "_target_"}])


class Measure:
    """What is measured of one run over ``found.work``, which began at a time of the monotonic clock."""

    def __init__(self, began: float, found: Survey) -> None:
        self._began, self._first = began, float("nan")
        # What is read back from earlier results, remembered, or only compared, tells nothing of the models.
        self._whole = not found.light
        self._clips = self._frames = self._input = 0
        self._seconds = self._film_frames = 0.0
        self._sizes: Counter[str] = Counter()
        self._total = len(found.work)
        self.estimated: float | None = None

    def event(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Started) and self._first != self._first:
            self._first = time.monotonic()
        elif isinstance(event, Finished) and event.outcome.row.status == "done":
            self._add(event.outcome)

    def _add(self, outcome: Outcome) -> None:
        row = outcome.row
        self._whole = self._whole and not outcome.helped
        self._clips += 1
        self._frames += row.frames
        self._input += row.input.size if row.input is not None else 0
        self._sizes.update(outcome.sizes)
        duration, fps = float(row.facts.get("duration") or 0), float(row.facts.get("fps") or 0)
        self._seconds += duration
        self._film_frames += duration * fps

    def remember(self, job: Job, report: Report, seconds: float, directory: Any) -> None:
        """Keep what was measured in ``seconds``, if the run came to its end and says something of the next."""
        ended = not (report.stopped or report.error or report.left) and len(report.failed) <= FEW * self._total
        start = self._first - self._began
        if not (ended and self._whole and self._frames and seconds > start):
            return
        written = {name: digest(node) for name, node in job.writers().items()}
        speed = Speed(
            machine=speeds.machine(),
            model=model_of(job),
            name=job.choices.get("detector", ""),
            sampler=sampler_of(job),
            data=data_of(job),
            workers=max(1, report.workers),
            clips=self._clips,
            frames=self._frames,
            start=round(start, 3),
            seconds=round(seconds - start, 3),
            film_frames=round(self._film_frames, 1),
            film_seconds=round(self._seconds, 3),
            input_bytes=self._input,
            bytes={written[name]: size for name, size in self._sizes.items() if name in written},
            estimated=None if self.estimated is None else round(self.estimated, 1),
            at=round(time.time(), 1),
        )
        speeds.add(speeds.place(directory.root, job.config["output_dir"]), speed)
