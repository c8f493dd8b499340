"""One worker process of this machine, seen from the parent."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from posecfg.executors.gpus import Gpu
from posecfg.executors.messages import Message, Order, Resting
from posecfg.executors.yard import End
from posecfg.pipeline.work import Work

# A group that goes on after Ctrl-Z does not do so all at once.
STOPPED_SECONDS = 1.0


@dataclass
class WorkerHandle:
    """A worker process of this machine; ``gpu`` is the only one that it sees, None where it sees all."""

    process: BaseProcess
    wire: Connection
    where: str = ""
    gpu: Gpu | None = None
    _stopped: float | None = None

    def give(self, work: Work) -> bool:
        """Send one clip to the worker; False when it is dead."""
        try:
            self.wire.send(work)
        except OSError:
            return False
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

    def end(self) -> End | None:
        """Tell why the process is dead, None while it lives."""
        return None if self.process.is_alive() else End(cause(self.process.exitcode))

    def kill(self) -> None:
        """End the process by force."""
        self.process.kill()

    def remark(self) -> str:
        """Return that the process was stopped, once each time."""
        if not self.is_stopped():
            return ""
        pid = self.process.pid
        return f"A worker was stopped and waits (process {pid}): type kill -CONT {pid} to let it go on."

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

    def dismiss(self, idle: bool, order: Order = Order.END) -> None:
        """Tell a worker that is idle to end, or to rest; kill another."""
        if not idle:
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


def cause(code: int | None) -> str:
    """Say how a process ended that exited with ``code``."""
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = "; the system may have run out of memory: try fewer workers=" if name == "SIGKILL" else ""
        return f"its worker process died ({name}{hint})"
    return f"its worker process died (exit {code})"


def _is_stopped(pid: int | None) -> bool:
    """Ask the system about a child, and leave the answer for those who wait for its end."""
    try:
        return os.waitid(os.P_PID, pid or 0, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    except (AttributeError, OSError):  # not every system has waitid
        return False
