"""One worker of another machine, seen from the driver: an agent passes its messages on."""

from __future__ import annotations

import logging
import pickle
import select
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from posecfg.executors.messages import Message, Unbuilt
from posecfg.executors.remote import frames, wire
from posecfg.executors.remote.door import Guest
from posecfg.executors.worker_handle import cause
from posecfg.executors.yard import End
from posecfg.pipeline.work import Work

log = logging.getLogger("posecfg.remote")
MOST_AT_ONCE = 1000
"""How many messages of one worker are read before others are heard again."""
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
        """Show the agent that this driver is there, as any thread may do, unless nothing can be sent now."""
        if self.guest.lock.acquire(blocking=False):
            try:
                if self.is_open and _is_free(self.line):
                    self.line.send_bytes(frames.own(frames.BEAT))
            except OSError:
                pass  # who reads notices it too
            finally:
                self.guest.lock.release()

    def messages(self) -> Iterator[Message]:
        """Yield what the worker has sent and was not read yet."""
        if self._lacks:
            yield Unbuilt(self._lacks, is_ours=True)
            self._lacks = ""
        for _ in range(MOST_AT_ONCE):
            if not self.is_open or self._end is not None:
                return
            try:
                if not self.line.poll():
                    return
                frame = self.line.recv_bytes(wire.MOST_FRAME)
            except (EOFError, OSError, MemoryError):
                self.close()
                return
            self._heard = time.monotonic()
            try:
                message = self._read(frame)
            except Exception as error:
                # One machine that is out of its mind is lost as one that is silent is.
                log.info("%s", ascii(self.where), exc_info=error)
                self.close()
                self._end = End(f"{self.guest.host} sent what is no message of posecfg", blames=False)
                return
            if message is not None:
                yield message

    def _read(self, frame: bytes) -> Message | None:
        """Return the message of the worker that a frame holds; None where it is of the agent itself, and taken in."""
        if frame[:1] == frames.PASSED:
            message: Message = pickle.loads(frame[1:])
            if not isinstance(message, Message):
                raise TypeError(f"a message of kind {type(message)}")
            return message
        word, values = frames.read(frame)
        if word == frames.DIED:
            code = values["code"]
            self._end = End(cause(None if code is None else int(code)))
        return None

    def end(self) -> End | None:
        """Tell why the worker is no more, None while it works."""
        now = time.monotonic()
        if self._end is None and self.is_open:
            if self._killed and now - self._killed > KILL_SECONDS:
                self.close()
                self._end = End("its worker did not end", blames=False)
            elif now - self._heard > self._silence:
                self.close()
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
            with self.guest.lock:
                self.line.send_bytes(frame)
        except OSError:
            self.close()
            return False
        return True

    def close(self) -> None:
        """Hang up."""
        with self.guest.lock:
            wire.close(self.line)


def _is_free(line: Connection) -> bool:
    """Tell whether a small frame can be sent at once."""
    asked = select.poll()
    asked.register(line.fileno(), select.POLLOUT)
    return bool(asked.poll(0))
