"""The door of a driver: agents come in through it, each in a thread of its own until it is known."""

from __future__ import annotations

import logging
import pickle
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import Any

from posecfg.errors import ConfigError
from posecfg.executors.remote import frames, shared_folder, wire
from posecfg.executors.remote.about import misfit
from posecfg.executors.remote.crew_file import CrewFile
from posecfg.pipeline.work import Setup
from posecfg.text import sentence

log = logging.getLogger("posecfg.door")
MOST_STRANGERS, STRANGER_SECONDS = 128, 5.0
"""How many connections may be open that did not show the key yet; after how long the oldest makes room for another."""


@dataclass(frozen=True)
class Guest:
    """An agent that knows the key; it ``lacks`` something where it cannot work for this run.

    The ``lock`` is for sending: a frame must not begin within another one, nor go where another connection was opened
    in the place of a closed one.
    """

    line: Connection
    host: str
    pid: int
    task: str
    number: int
    lacks: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)


class Door:
    """Listens for agents of one run, and calls ``came`` for each, from its own thread."""

    def __init__(self, address: str | None, came: Callable[[Guest], None]) -> None:
        try:
            self._socket = socket.create_server((address or "", 0), backlog=128)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"Expected executor.address (with executor=ray: executor.host) to be a name of this machine, but got "
                f"'{address}' ({sentence(error)}): leave it out to let all its names be tried."
            ) from error
        self._came = came
        self._count = 0
        self._lock = threading.Lock()
        # Connections that did not show the key, the oldest first, and since when they are open.
        self._strangers: dict[Connection, float] = {}
        self._fewer = threading.Condition()
        hosts = [address] if address else wire.names()
        self.crew = CrewFile(hosts, self._socket.getsockname()[1])

    def open(self, setup: Setup, rest: dict[str, Any]) -> None:
        """Let agents in; they build workers from ``setup``, and are told the ``rest``."""
        self._config, self._rest = setup.config, rest
        self._destination = setup.destination
        self._setup = pickle.dumps(replace(setup, config={}))
        threading.Thread(target=self._listen, name="posecfg-door", daemon=True).start()

    def number(self) -> int:
        """Return a number that no worker of this run had."""
        with self._lock:
            self._count += 1
            return self._count

    def close(self) -> None:
        """Let no other agent in."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                raw, _ = self._socket.accept()
                line = wire.wire_of(raw)
            except OSError:
                if self._socket.fileno() < 0:
                    return
                # Such as a lack of descriptors, which does not pass at once.
                time.sleep(0.1)
                continue
            self._make_room()
            with self._fewer:
                self._strangers[line] = time.monotonic()
            try:
                threading.Thread(target=self._let_in, args=(line,), name="posecfg-door-guest", daemon=True).start()
            except RuntimeError:
                # The system lets this process have no more threads now.
                self._forget(line)
                wire.close(line)

    def _make_room(self) -> None:
        """Wait until there are few strangers, or the oldest was one for long, which is sent away then."""
        with self._fewer:
            while len(self._strangers) >= MOST_STRANGERS:
                oldest, since = next(iter(self._strangers.items()))
                left = since + STRANGER_SECONDS - time.monotonic()
                if left > 0:
                    self._fewer.wait(left)
                    continue
                del self._strangers[oldest]
                # Its thread closes it, but not before this: it must forget it first.
                wire.hang_up(oldest)

    def _forget(self, line: Connection) -> None:
        """Count a connection as a stranger's no more."""
        with self._fewer:
            self._strangers.pop(line, None)
            self._fewer.notify()

    def _let_in(self, line: Connection) -> None:
        try:
            try:
                about, nonce = wire.welcome(line, self.crew.key)
            finally:
                self._forget(line)
            guest = self._received(line, about, nonce)
        except Exception as error:
            # Whatever a guest says: it must not end what is heard of the others.
            log.info("a connection came to nothing", exc_info=error)
            wire.close(line)
            return
        self._came(guest)

    def _received(self, line: Connection, about: dict[str, Any], nonce: bytes) -> Guest:
        """Answer an agent that knows the key, and look whether it can work for this run."""
        host, pid, task = str(about["host"]), int(about["pid"]), str(about["task"])
        guest = Guest(line, host, pid, task, self.number(), misfit(about) or "")
        if guest.lacks:
            wire.answer(line, self.crew.key, nonce, {"refused": guest.lacks})
            return guest
        rest = {**self._rest, "config": self._config, "number": guest.number, "token": self.crew.token}
        wire.answer(line, self.crew.key, nonce, rest)
        line.send_bytes(self._setup)
        word, values = frames.read(line.recv_bytes(wire.MOST_HELLO))
        lacks = str(values["lacks"]) if word == frames.HERE else "it does not say whether it shares the folder."
        if not lacks and not shared_folder.is_shown(self._destination, guest.number):
            lacks = f"'{self._destination.root}' is another folder there: name one that all machines share."
        return replace(guest, lacks=lacks)
