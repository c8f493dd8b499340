"""Feed writers of films while frames are decoded: in a thread of their own, a few batches behind the detector."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType

from posecfg.components.calls import blamed
from posecfg.pipeline.room import BUDGET, Room, weight
from posecfg.pixels import Frames
from posecfg.protocols import Pen
from posecfg.timing import WAIT, Laps, measured, stage
from posecfg.types import Person

BEHIND = 3


@dataclass(frozen=True)
class Batch:
    """Frames with the people to draw on them, and the seconds that each frame took."""

    frames: Frames
    people: Sequence[Sequence[Person]]
    seconds: Sequence[float]


class NamedFilm:
    """A film whose writer is named, as ``where``, in errors of its code; those of the block stay as they are."""

    def __init__(self, where: str, begin: Callable[[], AbstractContextManager[Pen]]) -> None:
        self._blame, self._begin = blamed(where), begin

    def __enter__(self) -> Pen:
        """Begin the film."""
        with self._blame:
            self._film = self._begin()
            return _NamedPen(self._film.__enter__(), self._blame)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """End the film as its own block would."""
        with self._blame:
            return self._film.__exit__(kind, error, trace)


class _NamedPen:
    def __init__(self, pen: Pen, blame: blamed) -> None:
        self._pen, self._blame = pen, blame

    def __call__(self, frames: Frames, people: Sequence[Sequence[Person]], seconds: Sequence[float]) -> None:
        with self._blame:
            self._pen(frames, people, seconds)

    def end(self) -> None:
        with self._blame:
            self._pen.end()


class Feeder:
    """Pass batches to pens in a thread; an error there is raised at the next ``give``, or at ``end``."""

    def __init__(self, pens: Sequence[Pen], budget: int = BUDGET) -> None:
        self.laps = Laps("draw")
        self._pens = pens
        self._queue: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()
        self._room = Room(BEHIND, budget)
        self._error: BaseException | None = None
        self._stop = False
        self._thread = threading.Thread(target=self._work, name="posecfg-film", daemon=True)
        self._thread.start()

    def give(self, batch: Batch) -> None:
        """Pass the next batch on; wait while too many are queued."""
        if self._error is not None:
            raise self._error
        with stage(WAIT):
            self._room.take(weight(batch.frames))
        self._queue.put(batch)

    def end(self) -> None:
        """Wait until everything is drawn."""
        self._queue.put(None)
        with stage(WAIT):
            self._thread.join()
        if self._error is not None:
            raise self._error

    def drop(self) -> None:
        """Drop queued batches, and wait for the thread to end: a film must not be closed while it is written to."""
        self._stop = True
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        with measured(self.laps):
            while True:
                with stage(WAIT):
                    batch = self._queue.get()
                if batch is not None:
                    self._room.give(weight(batch.frames))
                try:
                    for pen in () if self._stop or self._error is not None else self._pens:
                        if batch is None:
                            pen.end()
                        else:
                            pen(batch.frames, batch.people, batch.seconds)
                except BaseException as error:
                    self._error = error
                if batch is None:
                    return
                self.laps.frames(len(batch.people))


@contextmanager
def feeding(films: Sequence[AbstractContextManager[Pen]]) -> Iterator[Feeder | None]:
    """Begin the films and feed them; they are finished when the block ends well, and dropped otherwise."""
    if not films:
        yield None
        return
    with ExitStack() as stack:
        feeder = Feeder([stack.enter_context(film) for film in films])
        try:
            yield feeder
            feeder.end()
        except BaseException:
            feeder.drop()
            raise
