"""The pipe from a worker to its parent, shared by the threads that extract and write."""

from __future__ import annotations

import logging
import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.executors.messages import Message, Unbuilt
from posecfg.executors.protocol import Warned
from posecfg.store.disk import lasting
from posecfg.text import sentence

log = logging.getLogger("posecfg.worker")


class Line:
    """Send messages to the parent."""

    def __init__(self, wire: Connection) -> None:
        self._wire, self._lock = wire, threading.Lock()

    def send(self, message: Message) -> None:
        """Send one message; a worker whose parent is dead exits."""
        with self._lock:
            try:
                self._wire.send(message)
            except OSError:
                os._exit(1)

    def warn(self, text: str) -> None:
        """Send a warning for the user."""
        self.send(Warned(text))

    def refuse(self, error: BaseException, root: Path | None = None) -> None:
        """Say why this worker could not be built; ``root`` is the output folder, once it is known."""
        error = (lasting(error, root) if root is not None else None) or error
        # Without a log of its own, what this worker writes would reach the user's terminal.
        if logging.getLogger().handlers:
            log.error("cannot be built", exc_info=error)
        self.send(Unbuilt(sentence(error), isinstance(error, PosecfgError)))
