"""What a machine runs for a driver: it joins it, keeps one worker process, and passes messages on.

``python -P -m posecfg.executors.remote.agent crew.json``; with - for the file, its text is read from standard input.
When the driver is gone, or silent for too long, the worker is killed at once. So it is when the process is gone that
``POSECFG_PARENT`` has the number of.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.executors.remote import frames, shared_folder, wire
from posecfg.executors.remote.about import PARENT, about_here
from posecfg.store.worker_lock import end_with

NO_FOLDER, NO_DRIVER = 3, 4
"""Exit codes: the file that tells of the driver is not there; no driver answers."""
JOIN_SECONDS = 20.0


def main(place: str) -> int:
    """Join the driver that ``place`` tells of; 0 when it said goodbye or is no more."""
    if parent := os.environ.pop(PARENT, ""):
        end_with(int(parent))
    end = time.monotonic() + JOIN_SECONDS
    while True:
        try:
            crew = json.loads(sys.stdin.read() if place == "-" else Path(place).read_text("utf-8"))
            line = wire.reach(crew["hosts"], crew["port"])
            break
        except (OSError, ValueError) as error:
            # A file that another machine has just written may come late.
            if time.monotonic() > end or place == "-":
                print(f"posecfg: {error}", file=sys.stderr)
                return NO_FOLDER if isinstance(error, FileNotFoundError) else NO_DRIVER
            time.sleep(0.5)
    key = bytes.fromhex(crew["key"])
    try:
        nonce = wire.introduce(line, key, about_here())
        given = wire.answered(line, key, nonce)
        if text := given.get("refused"):
            print(f"posecfg: {text}", file=sys.stderr)
            return 1
        setup = pickle.loads(line.recv_bytes())
        return Agent(line, replace(setup, config=given["config"]), given).serve()
    except ConfigError as error:
        print(f"posecfg: {error}", file=sys.stderr)
        return 1
    except (EOFError, OSError, wire.Refused) as error:
        print(f"posecfg: {error}", file=sys.stderr)
        return 0


class Agent:
    """Keeps one worker process for a driver."""

    def __init__(self, line: Connection, setup: Any, given: Mapping[str, Any]) -> None:
        from posecfg.components.build import targets
        from posecfg.executors import gpus

        self._line, self._setup, self._silence = line, setup, float(given["silence"])
        self._beat = float(given["beat"])
        self._number = int(given["number"])
        self._targets = sorted(targets(setup.config))
        own = gpus.share(gpus.dealt(str(setup.config["device"]["name"]), setup.config), os.environ.get(gpus.SHARE, ""))
        self._gpus = () if own is None else (own,)
        with suppress(OSError):
            os.chdir(given["folder"])
        lacks = shared_folder.show(setup.destination, self._number, str(given["token"]))
        self._tell(frames.own(frames.HERE, lacks=lacks))
        # The order to start another worker in the place of one that died.
        self._orders = threading.Event()
        self._lock = threading.Lock()

    def serve(self) -> int:
        """Keep a worker until the driver says that it is the end, or is gone."""
        self._worker = self._started()
        threading.Thread(target=self._hear, name="posecfg-hear-driver", daemon=True).start()
        while True:
            self._pass_on()
            self._worker.process.join()
            self._tell(frames.own(frames.DIED, code=self._worker.process.exitcode))
            while not self._orders.wait(self._beat):
                self._tell(frames.own(frames.BEAT))
            self._orders.clear()
            with self._lock:
                self._worker.wire.close()
                self._worker = self._started()

    def _started(self) -> Any:
        from posecfg.executors.worker_start import Starts

        return Starts(self._targets, self._number - 1, self._gpus).take(self._setup)

    def _pass_on(self) -> None:
        """Send what the worker says to the driver, until the worker is dead and all is sent."""
        worker = self._worker
        while True:
            ready = wait([worker.wire, worker.process.sentinel], self._beat)
            if worker.wire in ready:
                try:
                    self._tell(frames.PASSED + worker.wire.recv_bytes())
                    continue
                except (EOFError, OSError):
                    return
            if ready:
                return
            self._tell(frames.own(frames.BEAT))

    def _tell(self, frame: bytes) -> None:
        try:
            self._line.send_bytes(frame)
        except OSError:
            self._leave(0)

    def _hear(self) -> None:
        """Do what the driver says; without it, or after a long silence, this process ends, and its worker with it."""
        while True:
            try:
                if not self._line.poll(self._silence):
                    self._leave(NO_DRIVER)
                self._do(self._line.recv_bytes())
            except (EOFError, OSError, ValueError):
                self._leave(0)

    def _do(self, frame: bytes) -> None:
        with self._lock:
            worker = self._worker
        if frame[:1] == frames.PASSED:
            # A worker that died meanwhile is told of.
            with suppress(OSError):
                worker.wire.send_bytes(frame[1:])
            return
        word, values = frames.read(frame)
        if word == frames.KILL:
            worker.process.kill()
        elif word == frames.AGAIN:
            self._number = int(values["number"])
            self._orders.set()
        elif word == frames.END:
            with suppress(OSError):
                worker.wire.send_bytes(pickle.dumps(_end()))
            worker.process.join(2.0)
            self._leave(0)

    def _leave(self, code: int) -> None:
        with suppress(OSError):
            self._worker.process.kill()
        os._exit(code)


def _end() -> Any:
    from posecfg.executors.messages import Order

    return Order.END


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
