"""One worker of another machine, seen from the driver: an agent passes its messages on."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from posecfg.executors.messages import Message, Unbuilt
from posecfg.executors.remote import frames, wire
from posecfg.executors.remote.door import Guest
from posecfg.executors.worker_handle import cause
from posecfg.executors.yard import End
from posecfg.pipeline.work import Work

LOST_SECONDS = 20.0
"""How long it may take to hear what became of an agent whose connection broke."""
KILL_SECONDS = 15.0
"""How long an agent may take to say that a worker is dead that it was told to kill."""


class RemoteWorker:
    """A worker behind an agent; ``silence`` is how many seconds that may say nothing, ``why`` asks of what it ended."""

    def __init__(self, guest: Guest, silence: float, why: Callable[[str], End | None]) -> None:
        self.guest, self._silence, self._why = guest, silence, why
        self._heard, self._killed, self._lost = time.monotonic(), 0.0, 0.0
        self._end: End | None = None
        self._lacks = guest.lacks

    @property
    def line(self) -> Connection:
        """The connection to the agent."""
        return self.guest.line

    @property
    def where(self) -> str:
        """The machine and the agent's process on it."""
        return f"{self.guest.host}:{self.guest.pid}"

    @property
    def is_open(self) -> bool:
        """Whether the agent is there."""
        return not self.line.closed

    def give(self, work: Work) -> bool:
        """Send one clip to the worker; False when it cannot be reached."""
        return self._tell(frames.PASSED + pickle.dumps(work))

    def beat(self) -> None:
        """Show the agent that this driver is there."""
        self._tell(frames.own(frames.BEAT))

    def messages(self) -> Iterator[Message]:
        """Yield what the worker has sent and was not read yet."""
        if self._lacks:
            yield Unbuilt(self._lacks, is_ours=True)
            self._lacks = ""
        while self.is_open and self._end is None:
            try:
                if not self.line.poll():
                    return
                frame = self.line.recv_bytes()
            except (EOFError, OSError):
                wire.close(self.line)
                return
            self._heard = time.monotonic()
            if frame[:1] == frames.PASSED:
                message: Message = pickle.loads(frame[1:])
                yield message
                continue
            word, values = frames.read(frame)
            if word == frames.DIED:
                self._end = End(cause(values["code"]))

    def end(self) -> End | None:
        """Tell why the worker is no more, None while it works."""
        now = time.monotonic()
        if self._end is None and self.is_open:
            if self._killed and now - self._killed > KILL_SECONDS:
                wire.close(self.line)
                self._end = End("its worker did not end", blames=False)
            elif now - self._heard > self._silence:
                wire.close(self.line)
                self._end = End(f"{self.guest.host} said nothing for {self._silence:g} s", blames=False)
        elif self._end is None:
            self._lost = self._lost or now
            self._end = self._why(self.guest.task)
            if self._end is None and now - self._lost > LOST_SECONDS:
                self._end = End(f"the connection to {self.guest.host} broke", blames=False)
        return self._end

    def kill(self) -> None:
        """End the worker by force; its agent says when it is dead."""
        self._killed = time.monotonic()
        self._tell(frames.own(frames.KILL))

    def remark(self) -> str:
        """Return nothing: an agent that is stopped is given up after a while."""
        return ""

    def again(self, number: int) -> None:
        """Let the agent start another worker in the place of one that died."""
        self._tell(frames.own(frames.AGAIN, number=number))

    def dismiss(self, idle: bool) -> None:
        """Let the agent end, with its worker by force unless that is idle."""
        if not idle:
            self._tell(frames.own(frames.KILL))
        self._tell(frames.own(frames.END))

    def _tell(self, frame: bytes) -> bool:
        if not self.is_open:
            return False
        try:
            self.line.send_bytes(frame)
        except OSError:
            wire.close(self.line)
            return False
        return True
