"""The door of a driver: agents come in through it, each in a thread of its own until it is known."""

from __future__ import annotations

import logging
import pickle
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from posecfg.executors.remote import frames, shared_folder, wire
from posecfg.executors.remote.about import misfit
from posecfg.executors.remote.crew_file import CrewFile
from posecfg.pipeline.work import Setup

log = logging.getLogger("posecfg.door")


@dataclass(frozen=True)
class Guest:
    """An agent that knows the key; it ``lacks`` something where it cannot work for this run."""

    line: Connection
    host: str
    pid: int
    task: str
    number: int
    lacks: str = ""


class Door:
    """Listens for agents of one run, and calls ``came`` for each, from its own thread."""

    def __init__(self, address: str | None, came: Callable[[Guest], None]) -> None:
        self._socket = socket.create_server((address or "", 0), backlog=128)
        self._came = came
        self._count = 0
        self._lock = threading.Lock()
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
            except OSError:
                if self._socket.fileno() < 0:
                    return
                continue
            threading.Thread(target=self._let_in, args=(raw,), name="posecfg-door-guest", daemon=True).start()

    def _let_in(self, raw: socket.socket) -> None:
        line = wire.wire_of(raw)
        try:
            about, nonce = wire.welcome(line, self.crew.key)
            host, pid, task = str(about["host"]), int(about["pid"]), str(about["task"])
            guest = Guest(line, host, pid, task, self.number(), misfit(about) or "")
            if guest.lacks:
                wire.answer(line, self.crew.key, nonce, {"refused": guest.lacks})
            else:
                rest = {**self._rest, "config": self._config, "number": guest.number, "token": self.crew.token}
                wire.answer(line, self.crew.key, nonce, rest)
                line.send_bytes(self._setup)
                word, values = frames.read(line.recv_bytes())
                lacks = str(values["lacks"]) if word == frames.HERE else "it does not say whether it shares the folder."
                if not lacks and not shared_folder.is_shown(self._destination, guest.number):
                    lacks = f"'{self._destination.root}' is another folder there: name one that all machines share."
                guest = replace(guest, lacks=lacks)
        except (OSError, EOFError, ValueError, KeyError, TypeError, wire.Refused) as error:
            log.info("a connection came to nothing", exc_info=error)
            wire.close(line)
            return
        self._came(guest)
