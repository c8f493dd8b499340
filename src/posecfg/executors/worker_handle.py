"""One worker process, seen from the parent: its pipe, and the clips that it holds."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from posecfg.executors.messages import Message, Order, Resting
from posecfg.pipeline.work import Work

# A group that goes on after Ctrl-Z does not do so all at once.
STOPPED_SECONDS = 1.0


@dataclass
class HeldClip:
    """A clip that a worker has, and since when (monotonic and wall clock)."""

    work: Work
    since: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.time)


@dataclass
class WorkerHandle:
    """A worker; ``active`` is the id of the clip that it extracts, the others in ``held`` are being written."""

    process: BaseProcess
    wire: Connection
    held: dict[str, HeldClip] = field(default_factory=dict)
    active: str | None = None
    ready: bool = False
    _stopped: float | None = None

    def give(self, work: Work) -> bool:
        """Send one clip to the worker; False when it is dead."""
        try:
            self.wire.send(work)
        except OSError:
            return False
        self.active = work.clip.id
        self.held[work.clip.id] = HeldClip(work)
        return True

    def messages(self) -> Iterator[Message]:
        """Yield what the worker has sent and was not read yet."""
        while True:
            try:
                if not self.wire.poll():
                    return
                message: Message = self.wire.recv()
            except (EOFError, OSError):
                return
            yield message

    def free(self, clip_id: str) -> None:
        """Let the worker have another clip beside the one that it is about to write."""
        if self.active == clip_id:
            self.active = None

    def release(self, clip_id: str) -> Work | None:
        """Remove a finished clip; the clock of the one that waited behind it starts again."""
        done = self.held.pop(clip_id, None)
        if self.active == clip_id:
            self.active = None
        for waiting in self.held.values():
            waiting.since = time.monotonic()
        return done.work if done else None

    def late(self, timeout: float | None) -> str | None:
        """Return the clip that has taken longer than ``timeout`` seconds; one that waits behind it does not count."""
        for clip_id, item in self.held.items():
            return clip_id if timeout is not None and time.monotonic() - item.since > timeout else None
        return None

    def excuse(self, seconds: float) -> None:
        """Let so many seconds not count against the clips in work."""
        for item in self.held.values():
            item.since += seconds

    def is_stopped(self) -> bool:
        """Tell, once each time, that the process has been stopped for a while (SIGSTOP), and does not go on."""
        if not _is_stopped(self.process.pid):
            self._stopped = None
            return False
        now = time.monotonic()
        if self._stopped is None:
            self._stopped = now
        if now - self._stopped < STOPPED_SECONDS:
            return False
        self._stopped = math.inf
        return True

    def dismiss(self, order: Order = Order.END) -> None:
        """Tell a worker that holds nothing to end, or to rest; kill another."""
        if self.held or not self.ready:
            self.process.kill()
            return
        with suppress(OSError):
            self.wire.send(order)

    def rests(self, patience: float = 2.0) -> bool:
        """Wait until a worker that was told to rest has ended its run; tell whether it is there for another one."""
        end = time.monotonic() + patience
        while self.process.is_alive() and (left := end - time.monotonic()) > 0:
            wait([self.wire, self.process.sentinel], left)
            if any(isinstance(message, Resting) for message in self.messages()):
                return True
        return False

    def wait_for_end(self, patience: float = 2.0) -> None:
        """Wait until the process has ended, and make sure that it has."""
        self.process.join(patience)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.wire.close()


def _is_stopped(pid: int | None) -> bool:
    """Ask the system about a child, and leave the answer for those who wait for its end."""
    try:
        return os.waitid(os.P_PID, pid or 0, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    except (AttributeError, OSError):  # not every system has waitid
        return False
