"""Workers of other machines for a crew: agents join over a socket, whatever started them."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from multiprocessing.connection import wait
from typing import cast

from posecfg.errors import ConfigError
from posecfg.executors.bell import Bell
from posecfg.executors.protocol import Event, Placed
from posecfg.executors.remote import crew_file
from posecfg.executors.remote.door import Door, Guest
from posecfg.executors.remote.remote_worker import RemoteWorker
from posecfg.executors.remote.starter import Call, Starter, passed_on
from posecfg.executors.yard import Worker
from posecfg.pipeline.work import Setup

AGENT = "posecfg.executors.remote.agent"
BEAT_SECONDS = 5.0
END_SECONDS = 10.0


class RemoteYard:
    """Hires what ``starter`` starts; ``address`` is where agents find this machine, None its usual names."""

    publishes = False

    def __init__(self, starter: Starter, address: str | None = None, silence: float = 60.0) -> None:
        self._starter, self._address, self._silence = starter, address, silence
        self._bell = Bell()
        self._new: list[RemoteWorker] = []
        self._lock = threading.Lock()
        self._there: list[RemoteWorker] = []
        self._told = Placed("")
        self._beat, self._over = min(BEAT_SECONDS, silence / 4), threading.Event()
        self._door: Door | None = None

    def open(self, setup: Setup, count: int) -> None:
        """Open the door, and start ``count`` agents."""
        setup = _sendable(setup)
        self._place = crew_file.place_of(setup.destination)
        self._door = Door(self._address, self._arrive)
        self._door.crew.write(self._place)
        self._door.open(setup, {"folder": os.getcwd(), "silence": self._silence, "beat": self._beat})
        threading.Thread(target=self._beat_all, name="posecfg-beat", daemon=True).start()
        words = (sys.executable, "-P", "-m", AGENT)
        logs = setup.destination.root / self._place.parent / "logs"
        self._asked = count
        self._starter.start(Call(words, self._place, self._door.crew.text(), passed_on(), logs), count)

    def _beat_all(self) -> None:
        """Show agents that this driver is there, also while it waits for the rest of a frame or for a disk."""
        while not self._over.wait(self._beat):
            for worker in [*self._there]:
                worker.beat()

    def _arrive(self, guest: Guest) -> None:
        with self._lock:
            self._new.append(RemoteWorker(guest, self._silence, self._starter.why))
        self._bell.ring()

    def joined(self) -> Iterable[RemoteWorker]:
        """Return the workers that joined since the last call."""
        with self._lock:
            new, self._new = self._new, []
        self._there += new
        return new

    def expects(self) -> int:
        """Return how many workers may still join."""
        return max(0, self._starter.left() - sum(worker.is_open for worker in self._there))

    def nothing_left(self) -> str:
        """Say why no worker is left."""
        return self._starter.nothing_left()

    def replace(self, worker: Worker) -> None:
        """Let an agent start another worker, or another agent be started in the place of one that is gone."""
        own = _own(worker)
        self._there.remove(own)
        assert self._door is not None
        if own.is_open:
            number = self._door.number()
            own.again(number)
            self._arrive(replace(own.guest, number=number))
        else:
            self._starter.replace(own.guest.task)

    def news(self) -> Iterable[Event]:
        """Tell where workers are, and what is waited for, where that changed."""
        there = sum(worker.is_open for worker in self._there)
        # What starts agents may be asked seldom, and know late that one has joined.
        now = Placed(self._starter.engine, there, self._starter.waiting() if there < self._asked else ())
        if now == self._told:
            return ()
        self._told = now
        return (now,)

    def wait(self, workers: Sequence[Worker], seconds: float) -> None:
        """Return when one of ``workers`` has something to say, when one joins, at ``wake``, or after ``seconds``."""
        own = [worker for worker in map(_own, workers) if worker.is_open]
        wait([*(worker.line for worker in own), self._bell.fileno()], seconds)
        self._bell.clear()

    def wake(self) -> None:
        """End a ``wait``."""
        self._bell.ring()

    def dismiss(self, workers: Sequence[tuple[Worker, bool]]) -> None:
        """End some workers, or all: only those that are named here stay away from others."""
        for worker, idle in workers:
            own = _own(worker)
            own.dismiss(idle)
            if own in self._there:
                self._there.remove(own)
        self._see_off([_own(worker) for worker, _ in workers])

    def close(self) -> None:
        """Let no other agent in, and end those that were started."""
        if self._door is None:
            return
        self._door.close()
        self._over.set()
        left = [*self.joined(), *self._there]
        for worker in left:
            worker.dismiss(False)
        self._see_off(left)
        self._starter.end()
        self._door.crew.remove(self._place)
        self._bell.close()

    @staticmethod
    def _see_off(workers: Sequence[RemoteWorker]) -> None:
        """Wait until agents have hung up."""
        end = time.monotonic() + END_SECONDS
        for worker in workers:
            while worker.is_open and time.monotonic() < end:
                wait([worker.line], 0.2)
                for _ in worker.messages():
                    pass
                if worker.end() is not None:
                    break
            worker.close()


def _own(worker: Worker) -> RemoteWorker:
    return cast(RemoteWorker, worker)


def _sendable(setup: Setup) -> Setup:
    """Return a setup whose paths mean the same on another machine, and whose configuration is the same as JSON."""
    if json.loads(json.dumps(setup.config)) != setup.config:
        raise ConfigError("This configuration has keys that are no texts, which cannot be sent to other machines.")
    where = setup.destination
    where = replace(where, root=where.root.absolute(), aside=where.aside.absolute())
    return replace(setup, destination=where, logs=None if setup.logs is None else setup.logs.absolute())
