"""Follow people through the frames of a clip: join poses into tracks, feed films, and measure the time of a frame."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from posecfg.components.calls import blamed
from posecfg.errors import ClipError, Dropped
from posecfg.persons.tracks import Tracks
from posecfg.pipeline.film_feed import Batch, Feeder
from posecfg.pipeline.handed_over import Expected
from posecfg.pixels import Frames
from posecfg.protocols import Follow, Persons
from posecfg.shapes import Misshapen
from posecfg.timing import WAIT, frames_done, stage
from posecfg.types import Clip, Person, Poses, Sight

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64

_END = object()
Finder = Callable[[Iterator[Frames], Clip], Iterator[Poses]]
"""A detector, or what is remembered of one."""


@dataclass(frozen=True)
class Found:
    """The result of following: tracks, notes, one sample of poses, and the seconds of each frame."""

    tracks: Tracks
    notes: dict[str, Any]
    sample: Poses
    seconds: array[float]
    by_row: bool = False

    def poses_of(self, frames: I64) -> I64:
        """Return the number (T,) of the poses of each row, -1 for none; ``frames`` (T,) is that of its frame."""
        import numpy as np

        there = frames >= 0
        return np.where(there, np.cumsum(there) - 1, -1) if self.by_row else frames

    def rows(self, poses: I64) -> F32:
        """Return the seconds (T,) of each output row; ``poses`` (T,) is the number of its poses, -1 for none."""
        import numpy as np

        seconds = np.array([*self.seconds, np.nan], np.float32)
        return seconds[poses]  # -1 is the one behind the last


class Watched:
    """Follows people frame by frame; where a clip is of unrelated images, each is followed anew."""

    def __init__(
        self,
        independent: bool,
        persons: Persons,
        feeder: Feeder | None,
        expected: Expected | None = None,
        everybody: bool = False,
        known: Sequence[float] = (),
    ) -> None:
        self._independent, self._persons, self._feeder = independent, persons, feeder
        self._expected = expected or Expected()
        self._extra: tuple[bool, bool] | None = None
        self._tracks = Tracks(everybody)
        self._follows: list[Follow] = []
        self._sample: Poses | None = None
        self._seconds = array("f")
        self._known = known
        self._blame = blamed(self._expected.persons)
        self._unread: Exception | None = None
        self._batches: deque[Frames] = deque()
        self._people: list[list[Person]] = []
        self._clip: Clip | None = None

    def passing(self, frames: Iterable[Frames]) -> Iterator[Frames]:
        """Yield ``frames`` to the detector, and keep them until it yields their poses."""
        source = iter(frames)
        while True:
            with stage(WAIT):
                try:
                    batch = next(source, None)
                except Exception as error:
                    self._unread = error
                    raise
            if batch is None:
                return
            self._batches.append(batch)
            yield batch

    def results(self, detector: Finder, frames: Iterator[Frames], clip: Clip) -> Generator[Poses]:
        """Yield what the detector finds in ``frames``, and name it in errors of its code; errors of the frames stay."""
        self._clip = clip
        try:
            poses = self._expected.results(detector(frames, clip))
            with closing(poses) if hasattr(poses, "close") else nullcontext():  # type: ignore[type-var]
                while (one := next(poses, _END)) is not _END:
                    yield cast(Poses, one)
        except Exception as error:
            if error is self._unread or isinstance(error, Misshapen):
                raise
            with blamed(self._expected.detector):
                raise

    def add(self, poses: Poses) -> None:
        """Take the poses of the next frame."""
        before = self._sample
        if before is None or poses.__class__ is not Poses or poses.skeleton is not before.skeleton:
            self._expected.poses(poses, before)
        if not self._batches:
            raise self._expected.count(fewer=False)
        people = len(poses)
        if people and self._extra != (poses.xyz is not None, poses.depth is not None):
            self._meet(poses)
        batch = self._batches[0]
        if not self._follows or self._independent:
            with self._blame:
                self._follows.append(self._persons.begin(batch.size))
        self._sample = poses
        with self._blame:
            try:
                picks = self._expected.picks(self._follows[-1](poses), people)
            except Dropped as drop:
                drop.sight = self._sight(poses, drop)
                raise
        self._tracks.add(poses, picks)
        # People are collected only where a film is drawn.
        drawn = picks if self._feeder is not None else ()
        self._people.append([Person(k, poses.skeleton, poses.xy[row], poses.scores[row]) for k, row in drawn])
        if len(self._people) == (int(batch.fills.sum()) if self._expected.by_row else len(batch)):
            self._end()

    def _sight(self, poses: Poses, drop: Dropped) -> Sight | None:
        """Return the frame for which the policy drops the clip, None where it is not known of which clip it is."""
        if self._clip is None:
            return None
        batch, number = self._batches[0], len(self._people)
        if self._expected.by_row:
            number = int((batch.fills.cumsum() <= number).sum())
        people = range(len(poses)) if drop.people is None else drop.people
        return Sight(self._clip, batch, number, self._tracks.frames, poses, people, str(drop))

    def _meet(self, poses: Poses) -> None:
        """Take note of what the first people have beside pixels; all others must have it too."""
        if self._extra is not None:
            raise self._expected.changed()
        self._extra = self._expected.extra(poses)

    def refuse_rest(self, frames: Iterator[Frames]) -> None:
        """Raise an error if the detector ended before its ``frames`` did."""
        if self._batches or next(frames, None) is not None:
            raise self._expected.count(fewer=True)

    def _end(self) -> None:
        """End a batch: its poses took equal parts of the time; a frame is drawn with those of its first row."""
        batch, people = self._batches.popleft(), self._people
        self._people = []
        rows = len(people)
        spent = [frames_done(rows) / rows] * rows
        # What is remembered took its time when it was found.
        spent[:] = [*self._known[len(self._seconds) : len(self._seconds) + rows], *spent][:rows]
        self._seconds.extend(spent)
        if self._feeder is not None:
            if self._expected.by_row:
                people = [people[row] for row in (batch.fills.cumsum() - batch.fills).tolist()]
            self._feeder.give(Batch(batch, people, spent[: len(people)]))

    def finish(self, nothing: str) -> Found:
        """Return what was found; ``nothing`` is the error where there was no frame."""
        if self._sample is None:
            raise ClipError(nothing)
        with self._blame:
            notes = _summed(self._expected.notes(follow.notes()) for follow in self._follows)
        return Found(self._tracks, notes, self._sample, self._seconds, self._expected.by_row)


def _summed(notes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up counts, and keep the highest score, as of unrelated images, each of which is followed anew."""
    total: dict[str, Any] = {}
    for part in notes:
        for key, value in part.items():
            if key in total and isinstance(value, int):
                value = total[key] + value
            elif key in total and isinstance(value, float):
                value = max(total[key], value)
            total[key] = value
    return total
