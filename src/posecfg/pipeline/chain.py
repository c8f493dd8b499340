"""The components of one process, and how a clip passes through them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from posecfg import skeletons
from posecfg.components.build import build
from posecfg.components.parts import listed, top
from posecfg.errors import ClipError, ConfigError, Dropped, Unreadable
from posecfg.lifters.identity import Identity
from posecfg.models.settings import using
from posecfg.pipeline.again import Again, opened
from posecfg.pipeline.annotations import UsedAnnotations
from posecfg.pipeline.breaks import breaks
from posecfg.pipeline.clock_text import describe
from posecfg.pipeline.film_feed import Feeder, feeding
from posecfg.pipeline.finds import Finds, Whole
from posecfg.pipeline.following import Found, Watched
from posecfg.pipeline.handed_over import Expected, finite, passed, still, title
from posecfg.pipeline.model import Model
from posecfg.pipeline.provenance import Rests, made_with, versions
from posecfg.pipeline.recall import Memo, Recall
from posecfg.pipeline.remembered_video import RememberedVideo, played
from posecfg.pipeline.remembering import Remembering
from posecfg.pipeline.scoring import scorers
from posecfg.pipeline.work import Setup
from posecfg.pixels import Frames
from posecfg.protocols import Detector, Fillable, FilmWriter, Lifter, Pen, Persons, Refine, Sampler, Writer
from posecfg.shapes import Misshapen
from posecfg.skeletons.skeleton import Skeleton
from posecfg.store.made_with import MadeWith
from posecfg.text import sentence
from posecfg.timing import Laps, closed, measured, stage
from posecfg.types import Clip, Clock, Extraction, Meaning, Poses, PoseTrack
from posecfg.video.gates import Gates
from posecfg.video.probe import probe
from posecfg.video.span import span_length
from posecfg.video.video import Video

if TYPE_CHECKING:
    from posecfg.arrays import I64

AHEAD = 3
_END = object()
Tick = Callable[[int, int | None, float | None], None]


class Chain:
    """Everything that is built once a process: sampler, detector, persons, refine, lifter, writers.

    The detector is built later, or never, where the memory may know what it would find.
    """

    def __init__(self, config: Mapping[str, Any], remembering: Remembering | None = None) -> None:
        self.recall = None if remembering is None else Recall(remembering)
        self.rests, self.annotations = Rests(config), UsedAnnotations(config)
        self.versions = versions(config)
        self.single = top(config, "persons").facts.single
        self.video = dict(config["video"])
        self.gates = Gates.of(self.video)
        self.strict = bool(config["strict"])
        self.sampler: Sampler = build(config["sampler"], "sampler")
        self.persons: Persons = build(config["persons"], "persons")
        self.refine: dict[str, Refine] = {n: build(node, f"refine.{n}") for n, node in config["refine"].items()}
        self._keeps_rows = False
        if top(config, "sampler").facts.fillable:
            fillable: Fillable = build(config["sampler"], "sampler")
            fills = any(part.facts.fills for part in listed(config, "refine").values())
            self.sampler = fillable = fillable.filled() if fills else fillable
            self._keeps_rows = fillable.keeps_rows
        self.lifter: Lifter = build(config["lifter"], "lifter")
        lifted = top(config, "lifter").facts.skeleton
        self._lifted = "" if lifted is None else skeletons.load(lifted).name
        self.writers: dict[str, Writer] = {n: build(node, f"writer.{n}") for n, node in config["writer"].items()}
        self.metrics = scorers(config)
        facts = {name: part.facts for name, part in listed(config, "writer").items()}
        self._filmed = [name for name, told in facts.items() if told.filmed]
        self._undrawn = {name for name, told in facts.items() if told.undrawn}
        self.concluding = frozenset(name for name, told in facts.items() if told.concludes)
        self.showing = [name for name, told in facts.items() if told.shows_dropped]
        self._asking = {name for name, told in facts.items() if told.detections}
        # Without writers the caller gets all there is.
        self._everybody = bool(self._asking) or not self.writers
        self.model = _model(config, remembering)
        if self.recall is None or not self.recall.knows:
            self.model.build()
        self._expected = Expected.of(config)

    @property
    def products(self) -> tuple[str, ...]:
        """Names of all writers and metrics."""
        return (*self.writers, *self.metrics)

    def serves(self, found: Extraction, names: Collection[str]) -> bool:
        """Tell whether ``found``, of an earlier run, has all that the writers ``names`` are given by this chain."""
        sourced = isinstance(self.lifter, Identity) or all(track.source is not None for track in found.tracks)
        return sourced and (found.detections is not None or self._asking.isdisjoint(names))

    def films(self) -> dict[str, FilmWriter]:
        """Return the writers that can be fed while frames are decoded: none that draw poses where those change."""
        changed = self.refine or not isinstance(self.lifter, Identity)
        names = [] if self._keeps_rows else [name for name in self._filmed if not changed or name in self._undrawn]
        return {name: cast(FilmWriter, self.writers[name]) for name in names}

    def extract(
        self,
        clip: Clip,
        about: Mapping[str, Any],
        tick: Tick = lambda frames, expected, lasts: None,
        films: Sequence[AbstractContextManager[Pen]] = (),
        memo: Memo | None = None,
        pixels: bool = False,
    ) -> Extraction:
        """Extract a clip; ``tick`` hears of each frame, about how many there are and how long they last (s).

        ``memo`` is what is remembered of it, which is decoded for films, or for ``pixels``. Where more of the clip is
        needed than is remembered, and pixels were not asked for, ``NotRemembered`` is raised.
        """
        with measured(Laps("postprocess")) as laps:
            self._gate(clip)
            video, timings = self._source(clip, memo, pixels or bool(films)), {"detect": laps}
            with played(video, timings, AHEAD) as frames, feeding(films) as feeder:
                found = self._detect(frames, clip, lambda: tick(1, *video.expected), feeder, memo)
            if feeder is not None:
                timings["film"] = feeder.laps
            clock, told = video.clock(), self.model.told(memo)
            if memo is not None:
                memo.settle(Whole(video.rows, clock, video.notes), found.seconds, told)
            if self.strict and clock.status != "complete":
                raise Unreadable(f"'{clip.path}' is {clock.status}: {describe(clock)} (strict=true refuses it).")
            with stage("lift"):
                seen = (found.sample.skeleton, found.sample.meaning, rows := found.poses_of(video.rows))
                tracks = self._tracks(found, *seen)
                everybody = found.tracks.detections(*seen) if self._everybody else None
                lifted = tuple(still(self._finish(finite(self._expected.detector, track), clock)) for track in tracks)
            closed(len(clock))
        weights = {**told.weights, **self.lifter.weights}
        return Extraction(
            clip=clip,
            clock=clock,
            skeleton=lifted[0].skeleton if lifted else found.sample.skeleton,
            meaning=lifted[0].meaning if lifted else found.sample.meaning,
            tracks=lifted,
            notes={**found.notes, **video.notes, **told.notes},
            timings=timings,
            about={**about, "versions": self.versions, "device": told.device, "weights": weights},
            frames=self.again(clip, clock),
            seconds=found.rows(rows),
            several=not self.single,
            detections=everybody,
        )

    def _source(self, clip: Clip, memo: Memo | None, pixels: bool) -> Video | RememberedVideo:
        """Return the frames of a clip: without pixels where something is known of it and nothing needs them."""
        if memo is not None and memo.known is not None and memo.whole is not None:
            self.model.suppose(memo.known.told)
        known = None if memo is None or pixels else memo.known
        # A film of too many pixels is refused as it is opened.
        return self.open(clip) if known is None or self._is_too_large(known) else RememberedVideo(known)

    def _is_too_large(self, known: Finds) -> bool:
        most = self.video["max_pixels"]
        return most is not None and bool((known.sizes.prod(axis=1) > most).any())

    def _tracks(self, found: Found, skeleton: Skeleton, meaning: Meaning, rows: I64) -> tuple[PoseTrack, ...]:
        """Lay out the tracks; that of a single person is told at which rows another one begins."""
        tracks = found.tracks.finish(skeleton, meaning, rows, self.single)
        others = breaks(found.notes, rows, self._expected.persons) if self.single else ()
        return tuple(replace(track, breaks=others) for track in tracks) if others else tracks

    def again(self, clip: Clip, clock: Clock) -> Again:
        """Return what decodes once more the frames that the rows stand for."""
        return Again(clip, clock, self.model.batch, self.video)

    def open(self, clip: Clip) -> Video:
        """Return the clip's frames, as the sampler takes them; nothing is read before they are iterated."""
        return opened(clip, self.sampler, self.model.batch, self.video)

    def _gate(self, clip: Clip) -> None:
        """Look at length and rate first, where the configuration limits them."""
        if self.gates.open:
            return
        info = probe(clip, self.video["max_pixels"])
        length = span_length(clip, info.duration, self.video["start"], self.video["end"])
        reason = self.gates.refuse(length, info.fps)
        if reason is not None:
            # Kept in the record, so that the clip need not be opened again.
            raise Dropped(reason, {"duration": length, "fps": info.fps})

    def _detect(
        self, frames: Iterable[Frames], clip: Clip, tick: Callable[[], None], feeder: Feeder | None, memo: Memo | None
    ) -> Found:
        """Run the detector over all frames, or recall what it found, and follow the people in them."""
        known = () if memo is None else memo.seconds
        found = Watched(clip.independent, self.persons, feeder, self._expected, self._everybody, known)
        passing = found.passing(frames)
        detector = self.model() if memo is None else partial(memo.poses, self.model, self._look)
        doing = "inference" if memo is None or memo.whole is None else "recall"
        try:
            with closing(found.results(detector, passing, clip)) as results:
                while True:
                    with stage(doing):
                        poses = next(results, _END)
                    if poses is _END:
                        break
                    found.add(cast(Poses, poses))
                    tick()
        except Misshapen as error:
            raise ClipError(f"{self._expected.detector}: {error}") from error
        found.refuse_rest(passing)
        return found.finish(f"No frame of '{clip.path}' was taken by the sampler: widen video.start/video.end.")

    def _look(self, detector: Detector, frames: Iterator[Frames], clip: Clip) -> Iterator[Poses]:
        return self._expected.results(detector(frames, clip))

    def _finish(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        for name, step in self.refine.items():
            track = passed(f"refine.{name}", step, track, clock, track.skeleton.name)
        lifted = passed("lifter", self.lifter, track, clock, self._lifted)
        return lifted if isinstance(self.lifter, Identity) else replace(lifted, source=still(track))


def _model(config: Mapping[str, Any], remembering: Remembering | None) -> Model:
    node, name = config["detector"], title(top(config, "detector"))
    if remembering is None or remembering.detector == node:
        return Model(node, name, 0.0 if remembering is None else remembering.floor)
    return Model(remembering.detector, name, remembering.floor, (node, remembering.cut or 0.0))


def built(setup: Setup) -> Chain:
    """Build the components of ``setup``, with the weights where its settings say."""
    with using(setup.models):
        try:
            chain = Chain(setup.config, setup.remembering)
            now = made_with(setup.config)
            wanted = setup.destination.made_with
            chain.model.admit(setup.models, wanted, MadeWith({**now.weights, **chain.lifter.weights}, now.libraries))
        except SystemExit as error:
            raise ConfigError(f"A component would end the program while it is built ({sentence(error)}).") from error
    return chain
