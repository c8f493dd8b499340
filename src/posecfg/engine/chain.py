"""The components of one process, and how a clip passes through them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, nullcontext
from functools import partial
from typing import Any

from posecfg.config.build import build
from posecfg.engine import depends
from posecfg.engine.prefetch import Prefetch
from posecfg.errors import ClipError, Dropped
from posecfg.persons.tracks import Tracks
from posecfg.protocols import Detector, Follow, Lifter, Metric, Persons, Refine, Sampler, Writer
from posecfg.types import Clip, Clock, Extraction, Frames, Poses, PoseTrack
from posecfg.video.gates import Gates
from posecfg.video.length import span_length
from posecfg.video.probe import probe
from posecfg.video.video import Video

AHEAD = 3
Tick = Callable[[int], None]


class Gated(Dropped):
    """The clip lies outside a gate; ``facts`` are kept so that it need not be opened again to know."""

    def __init__(self, reason: str, facts: dict[str, Any]) -> None:
        super().__init__(reason)
        self.facts = facts


class Chain:
    """Everything that is built once a process: sampler, detector, persons, refine, lifter, writers."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.depends = partial(depends.stamp, config)
        self.video = dict(config["video"])
        self.gates = Gates(self.video["min_duration"], self.video["max_duration"], self.video["fps"])
        self.strict = bool(config["strict"])
        self.sampler: Sampler = build(config["sampler"], "sampler")
        self.persons: Persons = build(config["persons"], "persons")
        self.refine: list[Refine] = [build(node, f"refine.{name}") for name, node in config["refine"].items()]
        self.lifter: Lifter = build(config["lifter"], "lifter")
        self.writers: dict[str, Writer] = {n: build(node, f"writer.{n}") for n, node in config["writer"].items()}
        self.metrics: dict[str, Metric] = {
            f"metric.{n}": build(node, f"metric.{n}") for n, node in config["metric"].items()
        }
        self.detector: Detector = build(config["detector"], "detector")

    @property
    def products(self) -> tuple[str, ...]:
        """Names of all that is made of a clip: by writers, and by metrics."""
        return (*self.writers, *self.metrics)

    def extract(self, clip: Clip, about: Mapping[str, Any], tick: Tick = lambda frames: None) -> Extraction:
        """Decode, detect, follow, refine and lift one clip; ``tick`` hears of each finished frame."""
        began = time.perf_counter()
        self._gate(clip)
        video = self.open(clip)
        frames = Prefetch(video, AHEAD)
        try:
            tracks, notes, sample, model = self._detect(frames, clip, tick)
        finally:
            frames.close()
        clock = video.clock()
        if self.strict and clock.status != "complete":
            raise ClipError(f"'{clip.path}' is {clock.status}: {describe(clock)} (strict=true refuses it).")
        since = time.perf_counter()
        found = tracks.finish(sample.skeleton, sample.meaning, video.repeats, self.persons.single)
        lifted = tuple(self._finish(track, clock) for track in found)
        now = time.perf_counter()
        timings = {"decode": video.seconds, "wait": frames.waited, "model": model, "lift": now - since}
        return Extraction(
            clip=clip,
            clock=clock,
            skeleton=lifted[0].skeleton if lifted else sample.skeleton,
            meaning=lifted[0].meaning if lifted else sample.meaning,
            tracks=lifted,
            notes={**notes, **video.notes},
            timings={**timings, "total": now - began},
            about={**about, "device": self.detector.device, "weights": dict(self.detector.weights)},
            frames=lambda: iter(self.open(clip)),
        )

    def open(self, clip: Clip) -> Video:
        """Return the clip's frames, as the sampler takes them; nothing is read before they are iterated."""
        knobs = self.video
        return Video(
            clip,
            self.sampler,
            batch=self.detector.batch,
            threads=knobs["threads"],
            hwaccel=knobs["hwaccel"],
            start=knobs["start"],
            end=knobs["end"],
        )

    def _gate(self, clip: Clip) -> None:
        """Look at length and rate first, where the configuration limits them."""
        if self.gates == Gates():
            return
        info = probe(clip)
        length = span_length(clip, info.duration, self.video["start"], self.video["end"])
        reason = self.gates.refuse(length, info.fps)
        if reason is not None:
            raise Gated(reason, {"duration": length, "fps": info.fps})

    def _detect(self, frames: Prefetch[Frames], clip: Clip, tick: Tick) -> tuple[Tracks, dict[str, Any], Poses, float]:
        """Run the detector over all frames; return the tracks, notes, one sample of poses and the model's time."""
        tracks, sample, model = Tracks(), None, 0.0
        follows: list[Follow] = []
        size: list[tuple[int, int]] = []

        def seen() -> Iterator[Frames]:
            for batch in frames:
                size[:] = [batch.size]
                yield batch

        results = self.detector(seen(), clip)
        with closing(results) if hasattr(results, "close") else nullcontext():  # type: ignore[type-var]
            while True:
                since, waited = time.perf_counter(), frames.waited
                poses = next(results, None)
                model += time.perf_counter() - since - (frames.waited - waited)
                if poses is None:
                    break
                if not follows or clip.independent:
                    follows.append(self.persons.begin(size[0]))
                sample = poses
                tracks.add(poses, follows[-1](poses))
                tick(1)
        if sample is None:
            raise ClipError(f"No frame of '{clip.path}' was taken by the sampler: widen video.start/video.end.")
        return tracks, _summed(follow.notes() for follow in follows), sample, model

    def _finish(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        for step in self.refine:
            track = step(track, clock)
        return self.lifter(track, clock)


def _summed(notes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up counts, as of unrelated images, each of which is followed anew."""
    total: dict[str, Any] = {}
    for part in notes:
        for key, value in part.items():
            total[key] = total[key] + value if isinstance(value, int) and key in total else value
    return total


def describe(clock: Clock) -> str:
    """Say in a few words what was wrong with a film."""
    declared = f" of {clock.declared} declared" if clock.declared else ""
    damaged = f", {clock.damaged} damaged" if clock.damaged else ""
    return f"{clock.decoded} frames{declared}{damaged}"
