"""Spread clips over workers wherever they are: which one gets what, which is late, which died, and of what."""

from __future__ import annotations

import logging
import math
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace

from posecfg.errors import ConfigError, OutputError, PosecfgError
from posecfg.executors.losses import Losses
from posecfg.executors.member import Member
from posecfg.executors.messages import Blind, Broken, Free, Made, Ready, Resting, Unbuilt
from posecfg.executors.protocol import Event, Finished, Mend, Started, Warned
from posecfg.executors.publisher import Publisher
from posecfg.executors.schedule import Queue
from posecfg.executors.yard import End, Yard
from posecfg.pipeline.work import Outcome, Setup, Work, failed
from posecfg.store.disk import unwritable

log = logging.getLogger("posecfg.crew")
MOST_UNBUILT = 3
POLL_SECONDS = 0.5
AWAY_SECONDS = 1.0


class Crew:
    """Works on clips with ``workers`` workers of a ``yard``, until all are done or it is ``stopping``.

    A clip of which a worker died fails; where a worker died that held two, each is tried again alone. What a machine
    did blames no clip.
    """

    def __init__(self, yard: Yard, workers: int, timeout: float | None, stopping: Callable[[], bool]) -> None:
        self._yard, self._workers, self._timeout, self._stopping = yard, workers, timeout, stopping
        self.members: list[Member] = []
        self.suspects: set[str] = set()
        self._losses = Losses(timeout)
        self._given_back: set[str] = set()
        self._unready, self._refused, self._looked = 0, list[str](), time.monotonic()

    def run(self, setup: Setup, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield events until every clip has its outcome."""
        self._mend, self._todo = mend, Queue(works, self._workers)
        self._root = setup.destination.root
        setup = replace(setup, publishes=self._yard.publishes)
        with ExitStack() as stack:
            stack.callback(self._tidy)
            stack.enter_context(closing(self._yard))
            self._publisher = stack.enter_context(closing(Publisher(setup.destination, self._yard.wake)))
            try:
                self._yard.open(setup, min(self._workers, len(works)))
                while self._is_busy():
                    self._join()
                    yield from self._give()
                    yield from self._listen()
            except PosecfgError:
                # What ends the run is told, not what then goes wrong with its clips.
                self._dismiss()
                raise
            finally:
                if (error := self._dismiss()) is not None:
                    raise error

    def _is_busy(self) -> bool:
        if any(member.held for member in self.members) or self._publisher.is_busy():
            return True
        return bool(self._todo) and not self._stopping()

    def _join(self) -> None:
        self.members += map(Member, self._yard.joined())
        if not self.members and not self._yard.expects() and not self._publisher.is_busy():
            raise ConfigError(self._refused[-1] if self._refused else self._yard.nothing_left())

    def _give(self) -> Iterator[Event]:
        for member in self.members:
            if self._stopping() or not self._todo:
                return
            if not member.ready or member.active is not None or not self.fits(member, self._todo.first()):
                continue
            work = self._todo.take()
            given = work if self._yard.publishes else replace(work, token=secrets.token_hex(4))
            if member.give(given):
                yield Started(work.clip.id, member.worker.where)
            else:
                self._todo.put_back(work)

    def fits(self, member: Member, work: Work) -> bool:
        """Tell whether a worker may take a clip; a suspect never shares a worker with another clip."""
        return not member.held or (work.clip.id not in self.suspects and not self.suspects & member.held.keys())

    def _listen(self) -> Iterator[Event]:
        self._yard.wait([member.worker for member in self.members], POLL_SECONDS)
        self._excuse()
        for member in list(self.members):
            yield from self._hear(member)
            if member not in self.members:
                continue
            late = member.overdue(self._timeout)
            if late is not None and member.late is None:
                member.late = late
                member.worker.kill()
            if remark := member.worker.remark():
                yield Warned(remark)
            if (end := member.worker.end()) is not None:
                yield from self._hear(member)
                if member in self.members:
                    yield from self._account(member, end)
        yield from self._publisher.ended()
        yield from self._yard.news()

    def _excuse(self) -> None:
        """Count no time in which this process did not look, as after Ctrl-Z, when its workers are stopped with it."""
        before, self._looked = self._looked, time.monotonic()
        away = self._looked - before - POLL_SECONDS
        if away > AWAY_SECONDS:
            for member in self.members:
                member.excuse(away)

    def _hear(self, member: Member) -> Iterator[Event]:
        for message in member.worker.messages():
            if isinstance(message, Ready):
                member.ready, self._unready = True, 0
            elif isinstance(message, Unbuilt):
                yield from self._refuse(member, message)
            elif isinstance(message, Broken):
                yield from self._break(member, message)
            elif isinstance(message, Free):
                member.free(message.clip_id)
            elif isinstance(message, Resting):
                continue
            elif isinstance(message, Made):
                self._publish(member, message)
            elif isinstance(message, Blind):
                yield from self._hide(member, message)
            elif isinstance(message, Warned) or member.says_of_own(message):
                yield message

    def _publish(self, member: Member, message: Made) -> None:
        if (item := member.release(message.clip_id)) is not None:
            self._publisher.begin(item.work, message.staged, item.began)

    def _refuse(self, member: Member, message: Unbuilt) -> Iterator[Event]:
        """Go on without a worker of another machine that cannot be built; where all cannot, the run ends."""
        text = message.text if message.is_ours else f"A worker could not be built ({message.text})."
        where = member.worker.where
        if not where:
            raise ConfigError(text)
        self._refused.append(f"{text.rstrip('.')} (on {where}).")
        ready = any(one.ready for one in self.members if one is not member)
        if not ready and len(self._refused) >= min(self._workers, MOST_UNBUILT):
            raise ConfigError(self._refused[-1])
        yield Warned(f"{where} works on no clip: {text}")
        self._part(member)

    def _break(self, member: Member, message: Broken) -> Iterator[Event]:
        """Give up a machine that cannot write what this one can; where this one cannot either, the run ends."""
        where, text = member.worker.where, message.text.rstrip(".")
        if not where or unwritable(self._root) is not None:
            broken = OutputError(message.text)
            broken.altered = message.altered
            raise broken
        self._refused.append(f"{text} (on {where}).")
        yield Warned(f"{where} works on no more clips: {text}.")
        self._part(member)

    def _hide(self, member: Member, message: Blind) -> Iterator[Event]:
        """Blame a machine for a clip that is there on this one, and give up a machine that sees none."""
        saw, item = member.sees, member.held.get(message.clip_id)
        if item is None:
            return
        where, path = member.worker.where, item.work.clip.path
        if not where or not os.access(path, os.R_OK):
            member.release(message.clip_id)
            yield Finished(message.clip_id, message.outcome)
            return
        text = f"'{path}' is not seen there: put the data set on a disk that all machines share"
        if saw:
            member.release(message.clip_id)
            member.sees = False
            yield Finished(message.clip_id, failed(item.work, PosecfgError(f"{text} (on {where})."), item.began))
            return
        self._refused.append(f"{text} (on {where}).")
        yield Warned(f"{where} works on no more clips: {text}.")
        self._part(member)

    def _part(self, member: Member) -> None:
        """Go on without a worker of another machine; what it holds goes back to the queue."""
        self._yard.dismiss([(member.worker, False)])
        self.members.remove(member)
        for clip_id, held in member.held.items():
            self._mend(clip_id, math.inf)
            self._todo.put_back(held.work)
            self._given_back.add(clip_id)

    def _account(self, member: Member, end: End) -> Iterator[Event]:
        """Give every clip of a dead worker an outcome or back to the queue, and ask for another worker."""
        if end.blames and not member.ready and not member.held:
            self._unready += 1
            if self._unready >= MOST_UNBUILT:
                raise ConfigError(f"Workers die while they are built ({end.cause}).")
        alone = len(member.held) == 1
        for clip_id, item in member.held.items():
            row = self._mend(clip_id, item.began if self._yard.publishes else math.inf)
            if row is not None:
                yield Finished(clip_id, Outcome(row))
                continue
            if (why := self._losses.why(clip_id, member, alone, end)) is not None:
                yield Finished(clip_id, failed(item.work, PosecfgError(why), item.began))
                continue
            if member.late is None and end.blames:
                self.suspects.add(clip_id)
            self._todo.put_back(item.work)
            self._given_back.add(clip_id)
        # Only now: where this ends before, its clips are those of a worker to be dismissed.
        self.members.remove(member)
        # A clip that another worker has may come back.
        if self._is_busy() and not self._stopping():
            self._yard.replace(member.worker)

    def _tidy(self) -> None:
        """Remove what workers left aside that were given up and went on for a while."""
        if not self._yard.publishes:
            for clip_id in self._given_back:
                self._mend(clip_id, math.inf)

    def _dismiss(self) -> Exception | None:
        """End idle workers, kill the others, and undo their half-done clips; return the first error of that."""
        self._yard.dismiss([(member.worker, member.ready and not member.held) for member in self.members])
        held = [item for member in self.members for item in member.held.items()]
        self.members.clear()
        first: Exception | None = None
        for clip_id, item in held:
            try:
                self._mend(clip_id, item.began if self._yard.publishes else math.inf)
            except Exception as error:
                log.info("clip %s", clip_id, exc_info=error)
                first = first or error
        return first
